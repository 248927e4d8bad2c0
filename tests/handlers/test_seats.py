"""Seats and the waiting list: in the order of choosing, moving up by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers.effects import SaveSubmission, WithdrawSubmission
from knowledge.entries import Form, Knowledge, Option
from tests.handlers.answering import draft_of, number_of, open_draft
from tests.handlers.memory import Talk

SEATS = 2


@pytest.fixture
def small_classes(shipped: Knowledge) -> Knowledge:
    form = shipped.forms["training"]
    first, *others = form.fields
    options = tuple(Option(each.id, each.label, SEATS) for each in first.options)
    changed = replace(form, fields=(replace(first, options=options), *others))
    return replace(shipped, forms={**shipped.forms, "training": changed})


def course(knowledge: Knowledge, number: int) -> Option:
    return knowledge.forms["training"].fields[0].options[number]


async def sign_up(talk: Talk, option: int = 0) -> None:
    if draft_of(talk) is None:
        await talk.type("/taphuan")
        await talk.type("1")
    while (draft := draft_of(talk)) and talk.session.step != "summary":
        await talk.type(number_of(draft.field(talk.session.step), option))
    await talk.type("1")


async def test_who_comes_first_has_a_seat(small_classes: Knowledge) -> None:
    talk = Talk(small_classes)
    talk.memory.others = {course(small_classes, 0).id: [101]}

    await sign_up(talk)

    label = course(small_classes, 0).label
    assert small_classes.say("seats.has_seat", option=label, place=2, seats=SEATS) in talk.said


async def test_who_comes_late_is_told_at_once_and_waits_in_line(small_classes: Knowledge) -> None:
    talk = Talk(small_classes)
    option = course(small_classes, 0)
    talk.memory.others = {option.id: [101, 102, 103]}
    facts = {"option": option.label, "place": 2, "seats": SEATS}

    await talk.type("/taphuan")
    await talk.type("1")
    await talk.type("1")
    assert small_classes.say("seats.ahead_waiting", **facts) in talk.said
    await sign_up(talk)
    assert small_classes.say("seats.has_waiting", **facts) in talk.said

    talk.memory.others = {option.id: [102]}
    await talk.type("phiếu của tôi")
    assert (
        small_classes.say("seats.has_seat", option=option.label, place=2, seats=SEATS) in talk.said
    )


async def test_changing_to_another_class_is_waiting_in_its_line(small_classes: Knowledge) -> None:
    talk = Talk(small_classes)
    await sign_up(talk)
    number = talk.memory.sent[0].id
    talk.memory.effects.clear()

    await talk.press(f"change:{number}")
    await talk.press("edit:course")
    await talk.type("2")
    await talk.type("1")

    assert talk.memory.effects[0] == WithdrawSubmission(number)
    saved = talk.memory.effects[1]
    assert isinstance(saved, SaveSubmission)
    assert saved.replaces is None
    assert [each.values["course"] for each in talk.memory.sent] == [course(small_classes, 1).id]


async def test_any_other_change_keeps_the_seat(small_classes: Knowledge) -> None:
    talk = Talk(small_classes)
    await sign_up(talk)
    number = talk.memory.sent[0].id

    await talk.press(f"change:{number}")
    await talk.press("edit:contact")
    await talk.type("Lê Thị Hoa")
    await talk.type("1")

    assert [(each.id, each.values["contact"]) for each in talk.memory.sent] == [
        (number, "Lê Thị Hoa")
    ]
    assert open_form(talk) is None


def open_form(talk: Talk) -> Form | None:
    return open_draft(talk).form if talk.session.dialog else None
