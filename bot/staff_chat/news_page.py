"""One announcement as staff see it: what its recipients read, how it stands, what can be done."""

from __future__ import annotations

from typing import Final

from bot.channels.text import clean, cut, one_line
from bot.operations import broadcasts, recipients
from bot.operations.broadcasts import ENDED, WRITABLE, Changes, State
from bot.operations.recipients import Progress
from bot.operations.rights import Right
from bot.staff_chat import audience_words, progress
from bot.staff_chat.desk import may
from bot.staff_chat.turn import StaffTurn, moment
from bot.store import audiences, staffing
from bot.store.announcing import opens_at
from bot.store.broadcasts import Broadcast
from handlers.conversation import Choice, Outcome, Reply, Step

_WAITING: Final = (State.SCHEDULED, State.RUNNING, State.PAUSED, State.HELD)
_BEFORE: Final = (*WRITABLE, State.SCHEDULED)


async def page(turn: StaffTurn, number: int, note: str = "") -> Step:
    """One announcement: what its recipients read, how it stands, and what can be done now."""
    done = await recipients.progress(turn.db, number, turn.by, turn.now)
    found = done.broadcast
    people = await audiences.count(turn.db, found.audience, found.correction_of, found.changes)
    lines = [*([note] if note else []), *await _standing(turn, done, people)]
    told = Reply("\n".join(lines), tuple(_ways(turn, done, people)))
    withdraws = found.changes == Changes.WITHDRAW
    shown = () if withdraws else (recipients.message(found, turn.knowledge),)
    return Step((*shown, told), turn.session.idle(), Outcome.STAFF)


def back(turn: StaffTurn, number: int | None = None) -> Choice:
    """The way to an announcement's page; without a number, to the list."""
    return turn.choice("staff.choice.back", "news", "" if number is None else number)


def ask(turn: StaffTurn, step: str, text: str, number: int | None = None, *choices: Choice) -> Step:
    """Ask for words about an announcement: whatever is asked, there is a way back."""
    data = {} if number is None else {"number": number}
    return turn.asked(step, text, *choices, back(turn, number), **data)


def asked_about(turn: StaffTurn) -> int:
    """The announcement about which the open dialog asks."""
    return int(turn.session.data["number"])


def no_moment(turn: StaffTurn, number: int) -> Step:
    """What was typed is no moment: the dialog stays open for another."""
    return turn.said(turn.say("staff.news.no_moment"), back(turn, number))


def words(turn: StaffTurn, found: Broadcast, most: int) -> str:
    """The beginning of what it says, on one line."""
    withdraws = found.changes == Changes.WITHDRAW
    text = turn.say("staff.news.withdraws", number=found.correction_of) if withdraws else found.text
    return cut(one_line(clean(text)), most)


async def _standing(turn: StaffTurn, done: Progress, people: int) -> list[str]:
    found, say = done.broadcast, turn.say
    names = {each.id: each.name for each in await staffing.everyone(turn.db)}
    withdraws = found.changes == Changes.WITHDRAW
    head = "staff.news.head_withdraw" if withdraws else "staff.news.head"
    state = progress.state(turn.knowledge, found, turn.now)
    lines = [say(head, number=found.id, state=state), *await _for_whom(turn, found, people)]
    if found.attachment:
        lines.append(say("staff.news.attached", name=found.attachment.name))
    writers = ", ".join(names.get(each, "?") for each in found.written_by)
    lines.append(say("staff.news.written_by", names=writers))
    if found.approved_by:
        approver = names.get(found.approved_by, "?")
        alone = say("staff.news.alone") if found.self_approved else ""
        lines.append(say("staff.news.approved_by", name=approver, alone=alone))
    if found.state not in ENDED:
        opens = opens_at(found.send_at) if found.send_at else None
        send_at = moment(opens) if opens else say("staff.news.when_approved")
        latest = moment(found.latest_at) if found.latest_at else say("staff.news.a_day_later")
        lines.append(say("staff.news.times", send_at=send_at, latest_at=latest))
    if found.note:
        lines.append(say("staff.news.note", note=found.note))
    if found.reason:
        lines.append(say(f"staff.news.held.{found.reason.split()[0]}"))
    return lines + (progress.lines(turn.knowledge, done) if found.started_at else [])


async def _for_whom(turn: StaffTurn, found: Broadcast, people: int) -> list[str]:
    lines = []
    if found.correction_of:
        lines += await _whose_wrong_one(turn, found, found.correction_of, people)
    elif found.state in _BEFORE:
        meant = audience_words.describe(turn.knowledge, found.audience)
        lines.append(turn.say("staff.news.audience", audience=meant, count=people))
    if found.state in _BEFORE:
        others = await recipients.elsewhere(turn.db, found.id, turn.by)
        lines += [turn.say("staff.news.elsewhere", count=others)] if others else []
    return lines


async def _whose_wrong_one(turn: StaffTurn, found: Broadcast, wrong: int, people: int) -> list[str]:
    """Before it leaves: how many received the wrong one, and who of them is left out and why."""
    does = found.changes or "correct"
    lines = [turn.say(f"staff.news.about.{does}", number=wrong)]
    if found.state in _BEFORE:
        missed = await recipients.missed(turn.db, found.id, turn.by)
        lines.append(turn.say(f"staff.news.reaches.{does}", count=people))
        lines += [
            turn.say(f"staff.news.missed.{reason}", count=count) for reason, count in missed.items()
        ]
    return lines


def _ways(turn: StaffTurn, done: Progress, people: int) -> list[Choice]:
    """What may be done now, by whom; in the order in which it is usually wanted."""
    found, number = done.broadcast, done.broadcast.id
    composes, approves = may(turn, Right.COMPOSE), may(turn, Right.APPROVE)
    writes = composes and found.state in WRITABLE
    says = found.changes != Changes.WITHDRAW
    over = composes and found.state in ENDED and bool(found.started_at)
    later = found.send_at is not None and found.send_at > turn.now
    ways = {
        "submit": composes and found.state == State.DRAFT,
        "approve": approves and found.state == State.AWAITING,
        "send_back": approves and found.state == State.AWAITING,
        "start": approves and found.state == State.SCHEDULED and later,
        "look": found.state == State.RUNNING,
        "pause": may(turn, Right.PAUSE) and found.state == State.RUNNING,
        "resume": approves and found.state in {State.PAUSED, State.HELD},
        "text": writes and says,
        "audience": writes and not found.correction_of,
        "file": writes and not found.changes,
        "links": writes and says,
        "times": writes,
        "test": composes and says,
        "people": composes and found.state in _BEFORE,
        "correct": over,
        "edit": over and says and not found.attachment,
        "withdraw": over and says,
        _unsure(found): composes and bool(done.counts.of("unsure")),
        "results": may(turn, Right.EXPORT) and bool(found.started_at),
        "cancel": writes or (approves and found.state in _WAITING),
    }
    arguments = {"approve": f"{number}:{people}:{broadcasts.digest(found)}"}
    choices = [
        turn.choice(
            f"staff.news.choice.{name}",
            f"news.{name.removesuffix('_change')}",
            arguments.get(name, number),
        )
        for name, possible in ways.items()
        if possible
    ]
    return [*choices, back(turn)]


def _unsure(found: Broadcast) -> str:
    return "unsure_change" if found.changes else "unsure"
