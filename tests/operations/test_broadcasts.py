"""The life of an announcement, and every way round the two-person rule that somebody might try."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import pytest

from bot.operations import broadcasts, course, recipients, staff
from bot.operations.broadcasts import Draft, State
from bot.operations.course import Next
from bot.operations.refusals import NeedsAnother, NotAllowed, NotNow, Unfit, Why
from bot.operations.rights import Actor, Role
from bot.store import deliveries, instance, schema
from bot.store.audiences import EVERYBODY
from bot.store.database import Store
from handlers.conversation import Choice
from tests.operations.conftest import (
    CONSOLE,
    DAY,
    HOA,
    LAN,
    MINH,
    NGA,
    approved,
    at,
    claim,
    do,
    found,
    look,
    running,
    sent,
    start,
    subscribe,
    take_in,
)
from tests.store.conftest import rows

TIN = Draft("Hạn nộp hồ sơ là 30/11")
ACTS = {
    "compose": (broadcasts.compose, (TIN,)),
    "edit": (broadcasts.edit, (1, TIN)),
    "submit": (broadcasts.submit, (1,)),
    "approve": (broadcasts.approve, (1, 3)),
    "send back": (broadcasts.send_back, (1, "")),
    "start": (broadcasts.start, (1,)),
    "pause": (broadcasts.pause, (1,)),
    "resume": (broadcasts.resume, (1,)),
    "cancel": (broadcasts.cancel, (1,)),
    "count as sent": (recipients.count_as_sent, (1,)),
    "send again": (recipients.send_again, (1,)),
}
OF_OFFICERS = {"compose", "edit", "submit", "pause", "cancel"}  # cancel: a draft


async def submitted(store: Store, draft: Draft = TIN, by: Actor = LAN) -> int:
    await subscribe(store, "1", "2", "3")
    number = await do(store, broadcasts.compose, draft, by)
    await do(store, broadcasts.submit, number, by)
    return number


async def state(store: Store, number: int) -> str:
    return (await found(store, number)).state


@pytest.mark.parametrize("act", ACTS)
async def test_a_viewer_a_stranger_and_the_command_line_do_nothing(office: Store, act: str) -> None:
    await do(office, broadcasts.compose, TIN, LAN)
    run, given = ACTS[act]

    for who in (HOA, Actor(99, "telegram"), CONSOLE):
        with pytest.raises(NotAllowed):
            await do(office, run, *given, who)  # type: ignore[arg-type]
    assert await state(office, 1) == State.DRAFT


@pytest.mark.parametrize("act", sorted(set(ACTS) - OF_OFFICERS))
async def test_an_officer_lets_nothing_out(office: Store, act: str) -> None:
    await submitted(office)
    run, given = ACTS[act]

    with pytest.raises(NotAllowed):
        await do(office, run, *given, LAN)  # type: ignore[arg-type]


async def test_another_person_approves(office: Store) -> None:
    number = await submitted(office)
    done = await do(office, broadcasts.approve, number, 3, MINH)

    assert (done.state, done.approved_by, done.self_approved) == (State.SCHEDULED, 3, False)


@pytest.mark.parametrize("touch", ["writes", "edits", "submits"])
async def test_who_had_a_hand_in_it_cannot_approve_it(office: Store, touch: str) -> None:
    await subscribe(office, "1")
    number = await do(office, broadcasts.compose, TIN, MINH if touch == "writes" else LAN)
    if touch == "edits":
        await do(office, broadcasts.edit, number, Draft("Tin khác"), MINH)
    await do(office, broadcasts.submit, number, MINH if touch == "submits" else LAN)

    with pytest.raises(NeedsAnother) as error:
        await do(office, broadcasts.approve, number, 1, MINH)
    assert error.value.facts["approvers"] == ["staff 4"]
    await do(office, broadcasts.approve, number, 1, NGA)


async def test_leaving_and_coming_back_makes_no_second_person(office: Store) -> None:
    number = await submitted(office, by=MINH)
    await do(office, staff.end, 3, MINH)
    again = Actor(await take_in(office, "staff 3", Role.APPROVER), "telegram")

    with pytest.raises(NeedsAnother):
        await do(office, broadcasts.approve, number, 3, again)


async def test_what_was_approved_cannot_be_changed_any_more(office: Store) -> None:
    number = await approved_for_three(office)

    for who in (LAN, MINH, NGA):
        with pytest.raises(NotNow):
            await do(office, broadcasts.edit, number, Draft("Tin khác"), who)


async def test_an_edit_takes_a_submitted_one_back(office: Store) -> None:
    number = await submitted(office)
    await do(office, broadcasts.edit, number, Draft("Tin khác"), LAN)

    with pytest.raises(NotNow):
        await do(office, broadcasts.approve, number, 3, MINH)


async def test_where_there_is_nobody_else_one_approves_alone_and_the_audit_says_so(
    store: Store,
) -> None:
    only = Actor(await take_in(store, "staff 1", Role.ADMIN), "telegram")
    number = await submitted(store, by=only)
    done = await do(store, broadcasts.approve, number, 3, only)

    assert done.self_approved
    (*_, line) = await rows(store, schema.audit)
    assert line["act"] == "approve"
    assert line["after"]["self_approved"] == "nobody else is on the staff"


async def test_approval_is_for_the_number_of_people_that_was_shown(office: Store) -> None:
    number = await submitted(office)
    await subscribe(office, "4")

    with pytest.raises(Unfit) as error:
        await do(office, broadcasts.approve, number, 3, MINH)
    assert (error.value.why, error.value.facts) == (Why.COUNT, {"now": 4, "said": 3})


async def test_a_message_to_nobody_is_not_submitted(office: Store) -> None:
    number = await do(office, broadcasts.compose, TIN, LAN)

    with pytest.raises(Unfit):
        await do(office, broadcasts.submit, number, LAN)


@pytest.mark.parametrize(
    "draft",
    [
        Draft(""),
        Draft(" \n "),
        Draft("x" * 1501),
        Draft("x", choices=tuple(Choice(f"{n}", f"entry:{n}") for n in range(6))),
        Draft("x", note="x" * 501),
    ],
)
async def test_a_draft_that_no_channel_could_say_is_refused(office: Store, draft: Draft) -> None:
    with pytest.raises(Unfit):
        await do(office, broadcasts.compose, draft, LAN)


async def test_a_remark_goes_back_with_it(office: Store) -> None:
    number = await submitted(office)
    await do(office, broadcasts.send_back, number, "Sai hạn", MINH)

    broadcast = await found(office, number)
    assert (broadcast.state, broadcast.note) == (State.DRAFT, "Sai hạn")


async def approved_for_three(store: Store, draft: Draft = TIN, now: datetime = DAY) -> int:
    await subscribe(store, "1", "2", "3")
    return await approved(store, draft, now)


async def test_it_starts_at_its_time_and_at_once_if_somebody_says_so(office: Store) -> None:
    number = await approved_for_three(office, Draft("tin", send_at=at(hours=2)))

    assert await look(office, number, at(hours=1)) is Next.WAIT
    assert await look(office, number, at(hours=2)) is Next.START
    await do(office, broadcasts.start, number, MINH, now=at(hours=1))
    assert await look(office, number, at(hours=1)) is Next.START


async def test_one_approved_in_the_evening_starts_in_the_morning(office: Store) -> None:
    evening = at(hours=11)  # 20:00
    number = await approved_for_three(office, now=evening)

    assert await look(office, number, evening) is Next.WAIT
    assert await look(office, number, at(hours=22, minutes=29)) is Next.WAIT
    assert await look(office, number, at(hours=22, minutes=30)) is Next.START


async def test_a_latest_time_before_the_first_possible_moment_is_refused(office: Store) -> None:
    number = await do(
        office, broadcasts.compose, Draft("tin", send_at=at(hours=12), latest_at=at(hours=14)), LAN
    )
    await subscribe(office, "1")

    with pytest.raises(Unfit) as error:
        await do(office, broadcasts.submit, number, LAN)
    assert error.value.why is Why.LATE


async def test_what_could_not_start_in_time_is_held_not_late(office: Store) -> None:
    number = await approved_for_three(office, Draft("tin", latest_at=at(hours=3)))

    assert await look(office, number, at(hours=3)) is Next.HOLD_LATE
    await office.write(partial(course.hold, number=number, reason=course.LATE, now=at(hours=3)))
    with pytest.raises(Unfit):
        await do(office, broadcasts.resume, number, MINH, now=at(hours=4))
    await do(office, broadcasts.resume, number, MINH, now=at(hours=4), latest_at=at(hours=6))
    assert await look(office, number, at(hours=4)) is Next.START


async def test_it_is_done_when_nobody_is_left(office: Store) -> None:
    number = await running(office, "1", "2")
    assert await look(office, number) is Next.WAIT
    assert await sent(office, await claim(office)) == ["1", "2"]

    assert await look(office, number) is Next.FINISH
    await office.write(partial(course.finish, number=number, now=DAY))
    assert await state(office, number) == State.DONE


async def test_a_hold_comes_with_many_failures_and_not_with_few(office: Store) -> None:
    number = await running(office, *(str(chat) for chat in range(40)))
    due = await claim(office, limit=40)
    then = at(seconds=1)
    for row in due[:10]:
        await office.write(partial(deliveries.failed, id=row.id, reason="rejected", now=then))
    await sent(office, due[10:19], then)
    assert await look(office, number, at(seconds=2)) is Next.WAIT  # too few to judge by

    await sent(office, [due[19]], at(seconds=1))
    assert await look(office, number, at(seconds=2)) is Next.HOLD_FAILURES


async def test_after_a_resume_the_old_failures_are_forgiven(office: Store) -> None:
    number = await running(office, *(str(chat) for chat in range(30)))
    for row in (await claim(office, limit=30))[:25]:
        await office.write(
            partial(deliveries.failed, id=row.id, reason="rejected", now=at(seconds=1))
        )
    await office.write(
        partial(course.hold, number=number, reason=course.FAILURES, now=at(seconds=2))
    )
    await do(office, broadcasts.resume, number, MINH, now=at(seconds=3))

    assert await look(office, number, at(seconds=4)) is Next.WAIT


async def test_a_cancelled_one_is_closed_at_once_and_its_rows_soon(office: Store) -> None:
    number = await running(office, "1", "2", "3")
    (first,) = await claim(office, limit=1)
    await do(office, broadcasts.cancel, number, MINH)

    assert await claim(office) == []
    assert await sent(office, [first]) == [first.conversation.id]
    progress = await office.read(lambda db: recipients.progress(db, number, HOA, DAY))
    assert progress.left == 0
    with pytest.raises(NotNow):
        await do(office, broadcasts.resume, number, MINH)


async def test_a_correction_goes_to_exactly_those_who_received_the_wrong_one(
    office: Store,
) -> None:
    wrong = await running(office, "1", "2", "3", "4", "5")
    one, two, three, four, five = await claim(office)
    await sent(office, [one, two, three])
    await office.write(partial(deliveries.unsure, id=four.id, reason="lost", now=DAY))
    await office.write(partial(deliveries.failed, id=five.id, reason="rejected", now=DAY))
    await office.write(partial(course.finish, number=wrong, now=DAY))
    await subscribe(office, "new")
    await do(office, recipients.count_as_sent, wrong, MINH)
    await office.write(lambda db: deliveries.unreachable(db, one.conversation, "blocked", DAY))

    number = await approved(office, Draft("Đính chính", correction_of=wrong))
    await start(office, number)
    expected = sorted(row.conversation.id for row in (two, three, four))
    assert await sent(office, await claim(office)) == expected


async def test_what_may_still_be_sent_cannot_be_corrected_yet(office: Store) -> None:
    number = await running(office, "1", "2")
    with pytest.raises(NotNow):
        await do(office, broadcasts.compose, Draft("Đính chính", correction_of=number), LAN)

    (first,) = await claim(office, limit=1)
    await do(office, broadcasts.cancel, number, MINH)
    with pytest.raises(Unfit):
        await do(office, broadcasts.compose, Draft("Đính chính", correction_of=number), LAN)
    await sent(office, [first])
    again = await approved(office, Draft("Đính chính", correction_of=number))
    assert await look(office, again) is Next.START


async def test_staff_decide_about_the_unsure_by_name(office: Store) -> None:
    number = await running(office, "1", "2", "3")
    for row in await claim(office):
        await office.write(partial(deliveries.unsure, id=row.id, reason="lost", now=DAY))
    await office.write(partial(course.finish, number=number, now=DAY))
    unsure = await office.read(lambda db: recipients.unsure(db, number, MINH))
    assert [each.person.conversation.id for each in unsure] == ["1", "2", "3"]

    assert await do(office, recipients.count_as_sent, number, MINH, only=[unsure[0].delivery]) == 1
    assert await do(office, recipients.send_again, number, MINH) == 2
    assert await state(office, number) == State.RUNNING
    assert await sent(office, await claim(office)) == ["2", "3"]
    with pytest.raises(NotNow):
        await do(office, recipients.send_again, number, MINH)


async def test_after_the_latest_time_the_unsure_get_it_only_with_a_later_one(office: Store) -> None:
    number = await running(office, "1")
    for row in await claim(office):
        await office.write(partial(deliveries.unsure, id=row.id, reason="lost", now=DAY))
    await office.write(partial(course.finish, number=number, now=DAY))
    later = at(days=2)

    with pytest.raises(Unfit) as error:
        await do(office, recipients.send_again, number, MINH, now=later)
    assert error.value.why is Why.LATE
    assert await state(office, number) == State.DONE
    again = partial(recipients.send_again, latest_at=at(days=3))
    assert await do(office, again, number, MINH, now=later) == 1
    assert await look(office, number, later) is Next.WAIT
    assert await sent(office, await claim(office, later)) == ["1"]


async def test_who_is_on_a_channel_that_does_not_run_is_counted_apart(office: Store) -> None:
    await subscribe(office, "1", "2")
    await subscribe(office, "z", channel="zalo")
    number = await do(office, broadcasts.compose, Draft("Tin"), LAN)

    async def counted() -> tuple[int, int, int]:
        people, named = await office.read(lambda db: recipients.meant(db, number, 9, MINH))
        others = await office.read(lambda db: recipients.elsewhere(db, number, MINH))
        return people, len(named), others

    assert await counted() == (3, 3, 0)  # the bot never ran here: nothing is known of its channels
    await office.write(lambda db: instance.runs(db, ["telegram"]))
    assert await counted() == (2, 2, 1)
    assert await office.read(lambda db: recipients.count(db, EVERYBODY, HOA)) == 2
    await do(office, broadcasts.submit, number, LAN)
    with pytest.raises(Unfit) as error:
        await do(office, broadcasts.approve, number, 3, MINH)
    assert error.value.facts == {"now": 2, "said": 3}
    await do(office, broadcasts.approve, number, 2, MINH)
    await start(office, number)
    assert await sent(office, await claim(office)) == ["1", "2"]


async def test_a_viewer_sees_numbers_and_no_names(office: Store) -> None:
    number = await running(office, "1")

    for names in (recipients.unsure, recipients.outcomes):
        with pytest.raises(NotAllowed):
            await office.read(partial(names, number=number, by=HOA))
    with pytest.raises(NotAllowed):
        await office.read(lambda db: recipients.meant(db, number, 1, HOA))
    assert await office.read(lambda db: recipients.count(db, EVERYBODY, HOA)) == 1


async def test_nobody_gets_a_fourth_attempt(office: Store) -> None:
    number = await running(office, "1")
    for attempt in range(deliveries.MAX_ATTEMPTS):
        if attempt:
            await do(office, recipients.send_again, number, MINH)
        (row,) = await claim(office)
        await office.write(partial(deliveries.unsure, id=row.id, reason="lost", now=DAY))

    with pytest.raises(NotNow):
        await do(office, recipients.send_again, number, MINH)
    assert await claim(office) == []


async def test_progress_is_told_in_exact_numbers(office: Store) -> None:
    number = await running(office, *(str(chat) for chat in range(12)))
    due = await claim(office, at(seconds=1), limit=6)
    await sent(office, due[:4], at(seconds=2))
    await office.write(
        partial(deliveries.failed, id=due[4].id, reason="rejected", now=at(seconds=2))
    )
    await office.write(partial(deliveries.unsure, id=due[5].id, reason="lost", now=at(seconds=2)))
    progress = await office.read(lambda db: recipients.progress(db, number, HOA, at(seconds=3)))

    counts = progress.counts
    assert (counts.total, counts.of("sent"), progress.left) == (12, 4, 6)
    assert ("failed", "rejected", 1) in counts.by_reason
    assert ("unsure", "lost", 1) in counts.by_reason
    assert progress.seconds_to_go == 6 * 3 / 6
