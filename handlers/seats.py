"""Seats: who chose an option first has one, who came later waits, in the order of choosing.

Nobody's place is stored. It follows from who is still registered, so that whoever waits moves up by
itself when someone withdraws.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.conversation import Turn
from handlers.drafts import Draft
from knowledge.entries import Field, Form


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


def moved(form: Form, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a change gives up a seat for another: it then waits in line like a new one."""
    counted = (field.id for field in form.fields if any(o.seats for o in field.options))
    return any(before.get(name) != after.get(name) for name in counted)


async def _said(  # noqa: PLR0913, PLR0917 - what a place depends on
    turn: Turn, form: Form, field: Field, value: object, submission: int | None, tense: str
) -> str:
    option = next((each for each in field.options if each.id == value), None)
    if option is None or option.seats is None:
        return ""
    queue = list(await turn.lookup.queue(form.id, field.id, option.id))
    place = queue.index(submission) + 1 if submission in queue else len(queue) + 1
    facts = {"option": option.label, "seats": option.seats}
    if place > option.seats:
        return turn.knowledge.say(f"seats.{tense}_waiting", place=place - option.seats, **facts)
    return turn.knowledge.say(f"seats.{tense}_seat", place=place, **facts)
