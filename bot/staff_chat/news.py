"""Announcements by chat: the list, one of them as it stands, and what is done about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

from bot.channels.text import clean, one_line
from bot.operations import broadcasts, recipients, telling
from bot.operations.broadcasts import ENDED, WRITABLE, Changes, State
from bot.operations.refusals import Unfit
from bot.operations.rights import Right, roles_with
from bot.staff_chat import audience_words, progress
from bot.staff_chat.desk import may
from bot.staff_chat.moments import read_moment
from bot.staff_chat.turn import Handler, Lost, StaffTurn, moment, number_in
from bot.store import audiences, staffing, watches
from bot.store import broadcasts as store
from bot.store.broadcasts import Broadcast
from bot.store.staffing import Member
from handlers.conversation import Choice, Outcome, Reply, Step

LISTED: Final = 6
NAMED: Final = 10  # of who will receive it
LABEL: Final = 22

_WAITING: Final = (State.SCHEDULED, State.RUNNING, State.PAUSED, State.HELD)
Act = Callable[..., Awaitable[Any]]


async def show(turn: StaffTurn) -> Step:
    """The newest announcements, or the one in the argument."""
    if turn.argument:
        return await page(turn, turn.number())
    found = await recipients.newest(turn.db, LISTED, turn.by)
    lines = [turn.say("staff.news.title" if found else "staff.news.none")]
    lines += [
        turn.say(
            "staff.news.line",
            number=each.id,
            state=turn.say(f"staff.state.{each.state}"),
            words=_words(turn, each, 60),
        )
        for each in found
    ]
    write = [turn.choice("staff.news.choice.write", "news.write")]
    one = [
        turn.named_choice(f"{each.id}: {_words(turn, each, LABEL)}", "news", each.id)
        for each in found
    ]
    can = write if may(turn, Right.COMPOSE) else []
    return turn.said("\n".join(lines), *can, *one, turn.choice("staff.choice.desk", "desk"))


async def page(turn: StaffTurn, number: int, note: str = "") -> Step:
    """One announcement: what its recipients read, how it stands, and what can be done now."""
    found = await recipients.get(turn.db, number, turn.by)
    people = await audiences.count(turn.db, found.audience, found.correction_of, found.changes)
    lines = [*([note] if note else []), *await _standing(turn, found, people)]
    told = Reply("\n".join(lines), tuple(await _ways(turn, found, people)))
    withdraws = found.changes == Changes.WITHDRAW
    shown = () if withdraws else (recipients.message(found, turn.knowledge),)
    return Step((*shown, told), turn.session.idle(), Outcome.STAFF)


async def people(turn: StaffTurn) -> Step:
    """Who will receive it: the first by name, and how many in all."""
    number = turn.number()
    count, named = await recipients.meant(turn.db, number, NAMED, turn.by)
    lines = [turn.say("staff.news.people", count=count)]
    unnamed = turn.say("staff.news.nameless")
    lines += [f"- {each.enterprise or unnamed}" for each in named]
    if count > len(named):
        lines.append(turn.say("staff.news.and_others", count=count - len(named)))
    return turn.said("\n".join(lines), turn.choice("staff.choice.back", "news", number))


async def test(turn: StaffTurn) -> Step:
    """Send it to oneself through the same door as it will go to the others."""
    number = turn.number()
    await recipients.test(turn.db, number, turn.knowledge, turn.render, turn.by, turn.now)
    back = turn.choice("staff.choice.back", "news", number)
    return turn.said(turn.say("staff.news.tested"), back)


async def submit(turn: StaffTurn) -> Step:
    """Hand it on; those who may approve it are told, but for whoever wrote it."""
    number = turn.number()
    await broadcasts.submit(turn.db, number, turn.by, turn.now)
    found = await recipients.get(turn.db, number, turn.by)
    able = set(roles_with(Right.APPROVE))
    others = [
        each
        for each in await staffing.everyone(turn.db)
        if each.active and each.role in able and each.id not in found.written_by
    ]
    await _tell(turn, others, turn.say("staff.news.waits", number=number), number)
    return await page(turn, number, turn.say("staff.news.submitted"))


async def approve(turn: StaffTurn) -> Step:
    """Approve exactly what was shown: `news.approve:<number>:<people>:<digest>`."""
    asked, _, rest = turn.argument.partition(":")
    people, _, seen = rest.partition(":")
    if not seen:
        raise Lost(turn.argument)
    number, count = number_in(asked), number_in(people)
    await broadcasts.approve(turn.db, number, count, turn.by, turn.now, seen=seen)
    await _watch(turn, number)
    return await page(turn, number, turn.say("staff.news.approved"))


async def look(turn: StaffTurn) -> Step:
    """Show how far it has got in a message of its own, which is edited as it goes on."""
    number = turn.number()
    await _watch(turn, number)
    back = turn.choice("staff.choice.back", "news", number)
    return turn.said(turn.say("staff.news.watching"), back)


async def send_back(turn: StaffTurn) -> Step:
    back = turn.choice("staff.choice.back", "news", turn.number())
    return turn.asked(
        "news.send_back", turn.say("staff.news.ask_remark"), back, number=turn.number()
    )


async def sent_back(turn: StaffTurn) -> Step:
    number = int(turn.session.data["number"])
    remark = turn.incoming.text.strip()
    if not remark:
        return turn.said(turn.say("staff.news.ask_remark"))
    await broadcasts.send_back(turn.db, number, remark, turn.by, turn.now)
    found = await recipients.get(turn.db, number, turn.by)
    members = await staffing.everyone(turn.db)
    authors = [each for each in members if each.active and each.id in found.written_by]
    told = turn.say("staff.news.came_back", number=number, remark=remark)
    await _tell(turn, authors, told, number)
    return await page(turn, number, turn.say("staff.news.sent_back"))


async def resume(turn: StaffTurn) -> Step:
    """Go on; where its latest time has passed, ask for another first."""
    number = turn.number()
    found = await recipients.get(turn.db, number, turn.by)
    if found.latest_at is not None and found.latest_at > turn.now:
        await broadcasts.resume(turn.db, number, turn.by, turn.now)
        return await page(turn, number, turn.say("staff.news.resumed"))
    back = turn.choice("staff.choice.back", "news", number)
    return turn.asked("news.resume", turn.say("staff.news.ask_latest"), back, number=number)


async def again(turn: StaffTurn) -> Step:
    """Send it to the unsure again; where its latest time has passed, ask for another first."""
    number = turn.number()
    try:
        await recipients.send_again(turn.db, number, turn.by, turn.now)
    except Unfit:  # it is late, and nothing was changed yet
        back = turn.choice("staff.choice.back", "news", number)
        return turn.asked("news.again", turn.say("staff.news.ask_latest"), back, number=number)
    return await page(turn, number, turn.say("staff.news.sending_again"))


async def sent_again(turn: StaffTurn) -> Step:
    number = int(turn.session.data["number"])
    latest = read_moment(turn.incoming.text, turn.now)
    if latest is None:
        return turn.said(turn.say("staff.news.no_moment"))
    await recipients.send_again(turn.db, number, turn.by, turn.now, latest_at=latest)
    return await page(turn, number, turn.say("staff.news.sending_again"))


async def resumed(turn: StaffTurn) -> Step:
    number = int(turn.session.data["number"])
    latest = read_moment(turn.incoming.text, turn.now)
    if latest is None:
        return turn.said(turn.say("staff.news.no_moment"))
    await broadcasts.resume(turn.db, number, turn.by, turn.now, latest_at=latest)
    return await page(turn, number, turn.say("staff.news.resumed"))


async def cancel(turn: StaffTurn) -> Step:
    """Ask once more, then end it: `news.cancel:<number>` and `news.cancel:<number>:sure`."""
    asked, _, sure = turn.argument.partition(":")
    number = number_in(asked)
    if sure == "sure":
        await broadcasts.cancel(turn.db, number, turn.by, turn.now)
        return await page(turn, number, turn.say("staff.news.cancelled"))
    found = await recipients.get(turn.db, number, turn.by)
    yes = turn.choice("staff.news.choice.cancel_sure", "news.cancel", f"{found.id}:sure")
    back = turn.choice("staff.choice.back", "news", found.id)
    return turn.said(turn.say("staff.news.cancel_sure", number=found.id), yes, back)


async def unsure(turn: StaffTurn) -> Step:
    """Who may or may not have received it, and the two ways to decide."""
    number = turn.number()
    found = await recipients.unsure(turn.db, number, turn.by)
    unnamed = turn.say("staff.news.nameless")
    names = [f"- {each.person.enterprise or unnamed}" for each in found[:NAMED]]
    ways = (
        [
            turn.choice("staff.news.choice.count", "news.count", number),
            turn.choice("staff.news.choice.again", "news.again", number),
        ]
        if may(turn, Right.APPROVE)
        else []
    )
    text = "\n".join([turn.say("staff.news.unsure", count=len(found)), *names])
    return turn.said(text, *ways, turn.choice("staff.choice.back", "news", number))


async def _tell(turn: StaffTurn, whom: Iterable[Member], text: str, number: int) -> None:
    """Say something to colleagues, with the way to the announcement."""
    reply = Reply(text, (turn.choice("staff.news.choice.page", "news", number),), numbered=False)
    await telling.tell(turn.db, whom, reply, turn.render, turn.now)


async def _watch(turn: StaffTurn, number: int) -> None:
    done = await recipients.progress(turn.db, number, turn.by, turn.now)
    reply, here = progress.report(turn.knowledge, done), turn.incoming.conversation
    (payload,) = turn.render(here.channel, reply)
    await watches.begin(turn.db, number, here, payload, reply.text, turn.now)


def _acting(act: Act, done: str) -> Handler:
    """The handler of an act that needs no more than the number of the announcement."""

    async def handler(turn: StaffTurn) -> Step:
        number = turn.number()
        await act(turn.db, number, by=turn.by, now=turn.now)
        return await page(turn, number, turn.say(done))

    return handler


async def _standing(turn: StaffTurn, found: Broadcast, people: int) -> list[str]:
    names = {each.id: each.name for each in await staffing.everyone(turn.db)}
    writers = ", ".join(names.get(each, "?") for each in found.written_by)
    state = turn.say(f"staff.state.{found.state}")
    withdraws = found.changes == Changes.WITHDRAW
    head = "staff.news.head_withdraw" if withdraws else "staff.news.head"
    lines = [turn.say(head, number=found.id, state=state)]
    if found.correction_of:
        does = f"staff.news.changes.{found.changes}" if found.changes else "staff.news.corrects"
        lines.append(turn.say(does, number=found.correction_of, count=people))
    elif found.state in (*WRITABLE, State.SCHEDULED):
        words = audience_words.describe(turn, found.audience)
        lines.append(turn.say("staff.news.audience", audience=words, count=people))
    before = found.state in (*WRITABLE, State.SCHEDULED)
    if before and (others := await recipients.elsewhere(turn.db, found.id, turn.by)):
        lines.append(turn.say("staff.news.elsewhere", count=others))
    lines.append(turn.say("staff.news.written_by", names=writers))
    if found.approved_by:
        approver = names.get(found.approved_by, "?")
        alone = turn.say("staff.news.alone") if found.self_approved else ""
        lines.append(turn.say("staff.news.approved_by", name=approver, alone=alone))
    if found.state not in ENDED:
        send_at = moment(found.send_at) if found.send_at else turn.say("staff.news.when_approved")
        latest = moment(found.latest_at) if found.latest_at else turn.say("staff.news.a_day_later")
        lines.append(turn.say("staff.news.times", send_at=send_at, latest_at=latest))
    if found.note:
        lines.append(turn.say("staff.news.note", note=found.note))
    if found.reason:
        lines.append(turn.say(f"staff.news.held.{found.reason.split()[0]}"))
    if found.started_at:
        done = await recipients.progress(turn.db, found.id, turn.by, turn.now)
        lines += progress.lines(turn.knowledge, done)
    return lines


async def _ways(turn: StaffTurn, found: Broadcast, people: int) -> list[Choice]:
    """What may be done now, by whom; in the order in which it is usually wanted."""
    number, composes, approves = found.id, may(turn, Right.COMPOSE), may(turn, Right.APPROVE)
    writes = composes and found.state in WRITABLE
    says = found.changes != Changes.WITHDRAW
    over = composes and found.state in ENDED and bool(found.started_at)
    ways = {
        "submit": composes and found.state == State.DRAFT,
        "approve": approves and found.state == State.AWAITING,
        "send_back": approves and found.state == State.AWAITING,
        "start": approves and found.state == State.SCHEDULED,
        "pause": may(turn, Right.PAUSE) and found.state == State.RUNNING,
        "resume": approves and found.state in {State.PAUSED, State.HELD},
        "text": writes and says,
        "audience": writes and not found.correction_of,
        "links": writes and says,
        "times": writes,
        "test": composes and says,
        "people": composes and found.state in (*WRITABLE, State.SCHEDULED),
        "correct": over,
        "edit": over and says,
        "withdraw": over and says,
        "unsure": composes and bool(await store.results(turn.db, number, ["unsure"])),
        "cancel": writes or (approves and found.state in _WAITING),
    }
    arguments = {"approve": f"{number}:{people}:{broadcasts.digest(found)}"}
    choices = [
        turn.choice(f"staff.news.choice.{name}", f"news.{name}", arguments.get(name, number))
        for name, possible in ways.items()
        if possible
    ]
    if found.state == State.RUNNING:
        choices.append(turn.choice("staff.news.choice.look", "news.look", number))
    return [*choices, turn.choice("staff.choice.back", "news")]


def _words(turn: StaffTurn, found: Broadcast, most: int) -> str:
    withdraws = found.changes == Changes.WITHDRAW
    text = turn.say("staff.news.withdraws", number=found.correction_of) if withdraws else found.text
    words = one_line(clean(text))
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


COMMANDS: Final[Mapping[str, Handler]] = {"news": show}
ACTIONS: Final[Mapping[str, Handler]] = {
    "news.people": people,
    "news.test": test,
    "news.submit": submit,
    "news.approve": approve,
    "news.look": look,
    "news.send_back": send_back,
    "news.start": _acting(broadcasts.start, "staff.news.started"),
    "news.pause": _acting(broadcasts.pause, "staff.news.paused"),
    "news.resume": resume,
    "news.cancel": cancel,
    "news.unsure": unsure,
    "news.count": _acting(recipients.count_as_sent, "staff.news.counted"),
    "news.again": again,
}
TYPED: Final[Mapping[str, Handler]] = {
    "news.send_back": sent_back,
    "news.resume": resumed,
    "news.again": sent_again,
}
