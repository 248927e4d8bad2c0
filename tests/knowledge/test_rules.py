"""What holds on a day, and where a deadline stands from one moment to the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

import pytest

from knowledge import Knowledge
from knowledge.clock import VIETNAM, noon
from knowledge.entries import Citation, Deadline
from knowledge.rules import (
    State,
    coming_source,
    holds,
    key_of,
    known_deadlines,
    lapsed_source,
    last_valid_day,
    next_deadline,
    standing,
    standing_of,
)

LAST = date(2027, 3, 31)
OPEN = Deadline("gtclqg", "registration", 2027, closes_on=LAST, source="nd37-2026")
UNANNOUNCED = Deadline("gtclqg", "registration", 2027)
NEXT_YEAR = replace(UNANNOUNCED, year=2028)


def at(day: int, hour: int = 12, minute: int = 0, second: int = 0, *, month: int = 3) -> datetime:
    return datetime(2027, month, day, hour, minute, second, tzinfo=VIETNAM)


def named(knowledge: Knowledge, now: datetime, *deadlines: Deadline) -> Deadline | None:
    found = next_deadline(replace(knowledge, deadlines=deadlines), "gtclqg", "registration", now)
    return found.deadline if found else None


@pytest.mark.parametrize(
    ("deadline", "now", "state"),
    [
        (UNANNOUNCED, at(1), State.UNANNOUNCED),
        (replace(OPEN, opens_on=date(2027, 3, 10)), at(9, 23, 59), State.NOT_OPEN),
        (replace(OPEN, opens_on=date(2027, 3, 10)), at(10, 0), State.OPEN),
        (OPEN, at(23, 23, 59), State.OPEN),
        (OPEN, at(24, 0), State.CLOSING),
        (OPEN, at(31, 23, 59, 59), State.CLOSING),
        (OPEN, at(1, 0, month=4), State.CLOSED),
        (replace(OPEN, closes_at=time(17)), at(31, 17), State.CLOSING),
        (replace(OPEN, closes_at=time(17)), at(31, 17, 0, 1), State.CLOSED),
        (replace(OPEN, closes_at=time(17)), at(30, 23), State.CLOSING),
        (replace(OPEN, inclusive=False), at(30, 23, 59), State.CLOSING),
        (replace(OPEN, inclusive=False), at(31, 0), State.CLOSED),
    ],
)
def test_a_deadline_passes_from_state_to_state(
    shipped: Knowledge, deadline: Deadline, now: datetime, state: State
) -> None:
    assert standing(shipped, deadline, now).state is state


def test_before_a_day_means_the_day_before_is_the_last(shipped: Knowledge) -> None:
    before = replace(OPEN, inclusive=False)

    assert last_valid_day(before) == date(2027, 3, 30)
    assert standing(shipped, before, at(30)).days_left == 0


def test_the_nearest_open_deadline_is_named_then_the_unannounced_then_the_closed(
    shipped: Knowledge,
) -> None:
    later = replace(OPEN, year=2028, closes_on=date(2028, 3, 31))

    assert named(shipped, at(1), later, NEXT_YEAR, OPEN) is OPEN
    assert named(shipped, at(1, month=6), OPEN, NEXT_YEAR) is NEXT_YEAR
    assert named(shipped, at(1, month=6), OPEN) is OPEN
    assert named(shipped, at(1, month=6), OPEN, later) is later


def test_a_file_that_nobody_kept_up_says_nothing_about_this_year(shipped: Knowledge) -> None:
    assert named(shipped, noon(date(2029, 1, 5)), OPEN, NEXT_YEAR) is None


def test_the_provinces_own_deadline_replaces_the_national_one_of_that_year(
    shipped: Knowledge,
) -> None:
    ours = replace(OPEN, province="Cà Mau", closes_on=date(2027, 2, 26))
    theirs = replace(OPEN, province="Huế", closes_on=date(2027, 2, 1))
    office = replace(shipped.organisation, province="Cà Mau")
    here = replace(shipped, organisation=office)

    assert named(here, at(1, month=1), OPEN, theirs, ours) is ours
    assert named(shipped, at(1, month=1), OPEN, theirs, ours) is OPEN
    assert named(here, at(1), OPEN, ours) is ours


def test_a_source_lapses_on_the_day_named_and_not_before(shipped: Knowledge) -> None:
    entry = next(
        entry
        for entry in shipped.entries.values()
        if any(citation.source == "nd74-2018" for citation in entry.citations)
    )
    entry = replace(entry, citations=(Citation("nd74-2018", ""),))
    until = shipped.sources["nd74-2018"].in_force_until
    assert until == date(2026, 7, 1)

    assert lapsed_source(shipped, entry, date(2026, 6, 30)) is None
    assert lapsed_source(shipped, entry, until) is shipped.sources["nd74-2018"]
    assert not holds(shipped, entry, until)


def test_an_entry_holds_between_its_own_days_and_while_all_its_sources_do(
    shipped: Knowledge,
) -> None:
    entry = replace(
        shipped.entries["cost.fee"],
        citations=(Citation("nd37-2026", ""),),
        valid_from=date(2026, 3, 1),
        valid_until=date(2027, 1, 1),
    )

    assert not holds(shipped, entry, date(2026, 2, 28))
    assert holds(shipped, entry, date(2026, 3, 1))
    assert holds(shipped, entry, date(2026, 12, 31))
    assert not holds(shipped, entry, date(2027, 1, 1))
    assert not holds(shipped, replace(entry, valid_from=None), date(2026, 1, 22))


def test_a_source_is_coming_until_its_day(shipped: Knowledge) -> None:
    entry = replace(shipped.entries["cost.fee"], citations=(Citation("nd37-2026", ""),))

    assert coming_source(shipped, entry, date(2026, 1, 22)) is shipped.sources["nd37-2026"]
    assert coming_source(shipped, entry, date(2026, 1, 23)) is None


def test_what_is_known_goes_by_the_day_and_ends_with_what_has_none(shipped: Knowledge) -> None:
    passed = replace(OPEN, year=2025, closes_on=date(2025, 3, 31))
    late = replace(OPEN, milestone="dossier", closes_on=date(2027, 5, 31))
    known = replace(shipped, deadlines=(NEXT_YEAR, late, passed, OPEN))

    found = known_deadlines(known, at(1))
    assert [each.deadline for each in found] == [OPEN, late, NEXT_YEAR]


def test_a_deadline_of_an_earlier_year_that_is_still_open_is_known(shipped: Knowledge) -> None:
    over_new_year = replace(OPEN, year=2026, closes_on=date(2027, 1, 15))
    known = replace(shipped, deadlines=(over_new_year,))

    assert known_deadlines(known, datetime(2027, 1, 15, 12, tzinfo=VIETNAM))
    assert not known_deadlines(known, datetime(2027, 1, 16, 12, tzinfo=VIETNAM))


def test_our_provinces_deadline_has_the_key_of_the_one_that_it_replaces(shipped: Knowledge) -> None:
    ours = replace(OPEN, province="Đà Nẵng", closes_on=date(2027, 3, 15))
    here = replace(shipped.organisation, province="Đà Nẵng")
    known = replace(shipped, deadlines=(OPEN, ours), organisation=here)

    found = standing_of(known, "gtclqg.registration.2027", at(1))
    assert key_of(OPEN) == key_of(ours)
    assert found is not None
    assert found.deadline is ours
    assert standing_of(known, "gtclqg.registration.2028", at(1)) is None
