"""Announcements by chat: the list, and an announcement's way from its submission to its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

from bot.operations import broadcasts, recipients, telling
from bot.operations.rights import Right, roles_with
from bot.staff_chat import progress
from bot.staff_chat.desk import may
from bot.staff_chat.moments import read_moment
from bot.staff_chat.news_page import ask, asked_about, back, no_moment, page, words
from bot.staff_chat.turn import Handler, Lost, StaffTurn, number_in
from bot.store import staffing, watches
from bot.store.staffing import Member
from handlers.conversation import Reply, Step

LISTED: Final = 6
NAMED: Final = 10  # of who will receive it
LABEL: Final = 22

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
            state=progress.state(turn.knowledge, each, turn.now),
            words=words(turn, each, 60),
        )
        for each in found
    ]
    write = [turn.choice("staff.news.choice.write", "news.write")]
    one = [
        turn.named_choice(f"{each.id}: {words(turn, each, LABEL)}", "news", each.id)
        for each in found
    ]
    can = write if may(turn, Right.COMPOSE) else []
    return turn.said("\n".join(lines), *can, *one, turn.choice("staff.choice.desk", "desk"))


async def people(turn: StaffTurn) -> Step:
    """Who will receive it: the first by name, and how many in all."""
    number = turn.number()
    count, named = await recipients.meant(turn.db, number, NAMED, turn.by)
    lines = [turn.say("staff.news.people", count=count)]
    unnamed = turn.say("staff.news.nameless")
    lines += [f"- {each.enterprise or unnamed}" for each in named]
    if count > len(named):
        lines.append(turn.say("staff.news.and_others", count=count - len(named)))
    return turn.said("\n".join(lines), back(turn, number))


async def test(turn: StaffTurn) -> Step:
    """Send it to oneself through the same door as it will go to the others."""
    number = turn.number()
    await recipients.test(turn.db, number, turn.knowledge, turn.render, turn.by, turn.now)
    return turn.said(turn.say("staff.news.tested"), back(turn, number))


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
    return turn.said(turn.say("staff.news.watching"), back(turn, number))


async def send_back(turn: StaffTurn) -> Step:
    return ask(turn, "news.send_back", turn.say("staff.news.ask_remark"), turn.number())


async def sent_back(turn: StaffTurn) -> Step:
    number, remark = asked_about(turn), turn.incoming.text.strip()
    if not remark:
        return turn.said(turn.say("staff.news.ask_remark"), back(turn, number))
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
    return ask(turn, "news.resume", turn.say("staff.news.ask_latest"), number)


async def resumed(turn: StaffTurn) -> Step:
    number = asked_about(turn)
    latest = read_moment(turn.incoming.text, turn.now)
    if latest is None:
        return no_moment(turn, number)
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
    return turn.said(turn.say("staff.news.cancel_sure", number=found.id), yes, back(turn, found.id))


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
}
TYPED: Final[Mapping[str, Handler]] = {
    "news.send_back": sent_back,
    "news.resume": resumed,
}
