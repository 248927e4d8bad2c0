"""Deadlines by chat: a new one, a first date, or a later one.

What is shown before it is confirmed is what will be written (`bot.operations.dating.outcome`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from itertools import count, islice
from typing import Final

from bot import deadline_file
from bot.channels.text import cut
from bot.operations import dating
from bot.operations.rights import Right, allowed
from bot.staff_chat.turn import Handler, Lost, StaffTurn
from bot.store.dating import Order
from handlers import deadlines
from handlers.conversation import Step
from knowledge.clock import VIETNAM
from knowledge.entries import Deadline, Knowledge
from knowledge.rules import key_of, last_valid_day, standing

NEW: Final = "new"  # in the place of one that is not there yet
LONGEST_LABEL: Final = 32  # characters of a choice
YEARS: Final = 3  # so many are offered for a new one

_DAY: Final = re.compile(r"(?<!\d)(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?!\d)")
# What people write around a letter's number: "công văn số 12/… ngày …" has the number 12/….
_AROUND: Final = re.compile(
    r"^\W*(?:(?:công văn|cong van|văn bản|van ban)\s+)?(?:số|so)(?=[\s.:])[\s.:]*"
    r"|\b(?:ngày|ngay)\b",
    re.IGNORECASE,
)
_HOUR: Final = re.compile(r"(?<![\d/])([01]?\d|2[0-3])\s*(?:h|:|giờ|gio|g)\s*([0-5]\d)?(?![\d/])")


async def show(turn: StaffTurn) -> Step:
    """Every deadline as it stands, and those whose date may be set."""
    await allowed(turn.db, turn.by, Right.DATE)
    knowledge = turn.knowledge
    lines = [turn.say("staff.dates.title")]
    choices = []
    for place, each in enumerate(knowledge.deadlines):
        lines.append(f"- {deadlines.line(knowledge, standing(knowledge, each, turn.now))}")
        label = deadlines.capital(deadlines.what(knowledge, each))
        key = "staff.dates.choice.extend" if each.closes_on else "staff.dates.choice.announce"
        choices.append(
            turn.named_choice(
                cut(turn.say(key, what=label), LONGEST_LABEL),
                "dates.set",
                f"{place}:{key_of(each)}",
            )
        )
    choices += [
        turn.choice("staff.dates.choice.add", "dates.add"),
        turn.choice("staff.choice.desk", "desk"),
    ]
    return turn.said("\n".join(lines), *choices)


async def add(turn: StaffTurn) -> Step:
    """A new one, by what is known: `dates.add`, `:<programme>`, `:<programme>.<milestone>`."""
    await allowed(turn.db, turn.by, Right.DATE)
    name, _, milestone = turn.argument.partition(".")
    programmes = turn.knowledge.programmes
    if not name:
        ask = "staff.dates.which_programme"
        found = [(each.label, each.id) for each in programmes.values()]
    elif name not in programmes:
        raise Lost(name)
    elif not milestone:
        ask = "staff.dates.which_milestone"
        found = [(each.label, f"{name}.{each.id}") for each in programmes[name].milestones]
    else:
        ask = "staff.dates.which_year"
        keys = ((year, f"{turn.argument}.{year}") for year in count(turn.now.year))
        new = (each for each in keys if not deadline_file.there(turn.knowledge, each[1]))
        found = [(str(year), f"{NEW}:{key}") for year, key in islice(new, YEARS)]
    verb = "dates.set" if milestone else "dates.add"
    choices = [
        turn.named_choice(cut(deadlines.capital(label), LONGEST_LABEL), verb, argument)
        for label, argument in found
    ]
    return turn.said(turn.say(ask), *choices, turn.choice("staff.choice.back", "dates"))


async def ask_day(turn: StaffTurn) -> Step:
    """Ask for the last day of one: `dates.set:<place>:<key>`."""
    place, _, key = turn.argument.partition(":")
    found = _found(turn, place, key)
    what = deadlines.what(turn.knowledge, found)
    back = turn.choice("staff.choice.back", "dates")
    ask = turn.say("staff.dates.ask_day", what=what)
    return turn.asked("dates.day", ask, back, key=key, place=place)


async def day_typed(turn: StaffTurn) -> Step:
    read = _DAY.search(turn.incoming.text)
    closes_on = _date(read)
    if closes_on is None or closes_on < turn.now.astimezone(VIETNAM).date():
        return turn.said(turn.say("staff.dates.no_day"))
    found = _found(turn, str(turn.session.data["place"]), str(turn.session.data["key"]))
    last = last_valid_day(found)
    if last is not None and closes_on <= last:
        return turn.said(turn.say("staff.dates.not_later", before=f"{last:%d/%m/%Y}"))
    hour = _HOUR.search(_DAY.sub(" ", turn.incoming.text.lower()))
    at = f"{int(hour[1]):02}:{hour[2] or '00'}" if hour else ""
    known = dict(turn.session.data) | {"closes_on": closes_on.isoformat(), "closes_at": at}
    back = turn.choice("staff.choice.back", "dates")
    return turn.asked("dates.letter", turn.say("staff.dates.ask_letter"), back, **known)


async def letter_typed(turn: StaffTurn) -> Step:
    """The letter's number and its day; then everything once more, to be confirmed."""
    text = turn.incoming.text
    issued = _date(_DAY.search(text))
    number = _AROUND.sub(" ", _DAY.sub(" ", text))
    number = " ".join(number.split()).strip(" ,;.-")
    if issued is None or not number or issued > turn.now.astimezone(VIETNAM).date():
        return turn.said(turn.say("staff.dates.no_letter"))
    wanted = _order(turn, number, issued)
    today = turn.now.astimezone(VIETNAM).date()
    try:
        after, _ = dating.outcome(turn.knowledge, wanted, today)
    except ValueError as error:
        return turn.said(turn.say("staff.dates.unfit", problem=error))
    line = deadlines.line(turn.knowledge, standing(turn.knowledge, after, turn.now))
    text = turn.say("staff.dates.confirm", line=line, issued=f"{issued:%d/%m/%Y}")
    yes = turn.choice("staff.dates.choice.write", "dates.write")
    confirmed = replace(wanted, closes_at=after.closes_at).as_data()
    back = turn.choice("staff.choice.back", "dates")
    return turn.asked("dates.sure", text, yes, back, **confirmed)


async def write(turn: StaffTurn) -> Step:
    """Order what was shown in the open dialog: nothing of it comes from the button."""
    if turn.session.step != "dates.sure":
        raise Lost(turn.session.step)
    await dating.order(turn.db, Order.of_data(dict(turn.session.data)), turn.by, turn.now)
    back = turn.choice("staff.choice.desk", "desk")
    return turn.said(turn.say("staff.dates.ordered"), back, session=turn.session.idle())


def _found(turn: StaffTurn, place: str, key: str) -> Deadline:
    """The deadline that a choice meant, if it stands where it stood, or a new one. Raises Lost."""
    known = turn.knowledge.deadlines
    if place == NEW:
        return _new(turn.knowledge, key)
    if place.isdecimal() and len(place) < len("1000") and int(place) < len(known):
        found = known[int(place)]
        if key_of(found) == key:
            return found
    raise Lost(key)


def _new(knowledge: Knowledge, key: str) -> Deadline:
    try:
        made = deadline_file.fresh(knowledge, key)
    except ValueError:
        raise Lost(key) from None
    programme = knowledge.programmes.get(made.programme)
    if programme is None or made.milestone not in {each.id for each in programme.milestones}:
        raise Lost(key)
    return made


def _order(turn: StaffTurn, letter: str, issued_on: date) -> Order:
    """What the dialog says so far, and the letter."""
    data = turn.session.data
    found, at = _found(turn, str(data["place"]), str(data["key"])), str(data["closes_at"])
    return Order(
        key_of(found),
        found.province,
        date.fromisoformat(str(data["closes_on"])),
        time.fromisoformat(at) if at else None,
        letter,
        issued_on,
        last_valid_day(found),
    )


def _date(read: re.Match[str] | None) -> date | None:
    if read is None:
        return None
    try:
        return date(int(read[3]), int(read[2]), int(read[1]))
    except ValueError:
        return None


COMMANDS: Final[Mapping[str, Handler]] = {"dates": show}
ACTIONS: Final[Mapping[str, Handler]] = {
    "dates.add": add,
    "dates.set": ask_day,
    "dates.write": write,
}
TYPED: Final[Mapping[str, Handler]] = {
    "dates.day": day_typed,
    "dates.letter": letter_typed,
    "dates.sure": show,
}
