"""Seats: who chose an option first has one, who came later waits, in the order of choosing.

Nobody's place is stored. It follows from who is still registered, so that whoever waits moves up by
itself when someone withdraws, and is told (`bot.operations.waiting`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handlers.conversation import Turn
from handlers.drafts import Draft
from handlers.effects import PlanReminders
from handlers.records import SEAT
from knowledge.entries import Field, Form, Knowledge, Option


@dataclass(frozen=True, slots=True)
class Place:
    """The number-th of so many seats; `behind` is the place in the waiting list, or not above 0."""

    option: Option
    seats: int
    number: int

    @property
    def behind(self) -> int:
        return self.number - self.seats


async def outlook(turn: Turn, draft: Draft, field: Field, value: object) -> str:
    """What choosing this option would mean now; nothing where no seats are counted."""
    return await _said(turn, draft.form, field, value, draft.submission, "ahead")


async def standing(
    turn: Turn, form: Form, values: Mapping[str, Any], submission: int | None
) -> list[str]:
    """A line for each choice of a submission that has, or waits for, a seat."""
    lines = [
        await _said(turn, form, field, values.get(field.id), submission, "has")
        for field in form.fields
    ]
    return [line for line in lines if line]


async def wishes(
    turn: Turn, form: Form, values: Mapping[str, Any], submission: int | None
) -> tuple[PlanReminders, ...]:
    """To be told of a seat, for each choice of a submission that has to wait for one."""
    found = []
    for field in form.fields:
        place = await _place(turn, form, field, values.get(field.id), submission)
        if place is not None and place.behind > 0:
            found.append(PlanReminders(f"{SEAT}{form.id}.{field.id}.{place.option.id}"))
    return tuple(found)


def awaited(knowledge: Knowledge, subject: str) -> tuple[Form, Field, Option] | None:
    """What a wish for a seat is about; nothing where that is no more."""
    name, _, rest = subject.removeprefix(SEAT).partition(".")
    asked, _, chosen = rest.partition(".")
    form = knowledge.forms.get(name)
    fields = [each for each in form.fields if each.id == asked] if form else []
    options = [each for field in fields for each in field.options if each.id == chosen]
    return (form, fields[0], options[0]) if form and options else None


def moved(form: Form, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a change gives up a seat for another: it then waits in line like a new one."""
    counted = (field.id for field in form.fields if any(o.seats for o in field.options))
    return any(before.get(name) != after.get(name) for name in counted)


async def _said(  # noqa: PLR0913, PLR0917 - what a place depends on
    turn: Turn, form: Form, field: Field, value: object, submission: int | None, tense: str
) -> str:
    place = await _place(turn, form, field, value, submission)
    if place is None:
        return ""
    facts = {"option": place.option.label, "seats": place.seats}
    if place.behind > 0:
        return turn.knowledge.say(f"seats.{tense}_waiting", place=place.behind, **facts)
    return turn.knowledge.say(f"seats.{tense}_seat", place=place.number, **facts)


async def _place(
    turn: Turn, form: Form, field: Field, value: object, submission: int | None
) -> Place | None:
    """Where a submission stands, or would stand; nothing where no seats are counted."""
    option = next((each for each in field.options if each.id == value), None)
    if option is None or option.seats is None:
        return None
    queue = list(await turn.lookup.queue(form.id, field.id, option.id))
    number = queue.index(submission) + 1 if submission in queue else len(queue) + 1
    return Place(option, option.seats, number)
