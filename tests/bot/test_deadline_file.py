"""Deadlines changed in their file: what is not meant stays as it was, byte for byte."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.deadline_file import announced, extended, with_item, written
from knowledge import registers
from knowledge.entries import Deadline
from knowledge.parsing import parse
from knowledge.problems import Problem
from knowledge.reading import Reader

HEAD = """\
# Thời hạn là dữ liệu.
programmes:
  - id: gtclqg
    label: Giải thưởng
    milestones:
      - {id: registration, label: nộp đăng ký}   # mốc đầu
deadlines:
"""
FILE = (
    HEAD
    + """\
  # năm tới
  - {programme: gtclqg, milestone: registration, year: 2027}   # chờ công văn
  - programme: gtclqg
    milestone: dossier
    year: 2027

    # theo lời anh Minh
    letter: 'số #5'
  - {programme: gtclqg, milestone: results, year: 2027}
# hết
"""
)


def read(text: str) -> list[Deadline]:
    node, found = parse(text.encode())
    assert node is not None
    problems: list[Problem] = [Problem("x", *each) for each in found]
    _, deadlines = registers.deadlines(Reader("rules/deadlines.yaml", problems), node)
    assert problems == []
    return deadlines


def bare(deadlines: list[Deadline]) -> list[Deadline]:
    return [replace(each, file="", line=0) for each in deadlines]


def with_dates(deadline: Deadline) -> Deadline:
    return announced(
        deadline,
        opens_on=date(2027, 1, 15),
        closes_on=date(2027, 3, 31),
        closes_at=time(17, 0),
        inclusive=True,
        letter="12/TB-SKHCN ngày 05/01, 'hoả tốc'",
        source="tb-12",
    )


def test_one_item_changes_and_every_other_line_stays() -> None:
    known = read(FILE)
    changed = with_item(FILE, known[0], with_dates(known[0]), known)

    before, after = FILE.splitlines(), changed.splitlines()
    assert after[:8] == before[:8]
    assert after[8:10] == [
        "  # chờ công văn",
        "  - {programme: gtclqg, milestone: registration, year: 2027, opens_on: 2027-01-15,"  # noqa: ISC004 - one line of the file
        " closes_on: 2027-03-31, closes_at: '17:00',"
        " letter: '12/TB-SKHCN ngày 05/01, ''hoả tốc''', source: tb-12}",
    ]
    assert after[10:] == before[9:]
    assert bare(read(changed)) == bare([with_dates(known[0]), *known[1:]])


def test_an_item_of_several_lines_keeps_its_comments_above_it() -> None:
    known = read(FILE)
    changed = with_item(FILE, known[1], with_dates(known[1]), known)

    assert "  # theo lời anh Minh\n  - {programme: gtclqg, milestone: dossier" in changed
    assert "số #5" not in changed  # the letter was replaced, and was no comment
    assert bare(read(changed)) == bare([known[0], with_dates(known[1]), known[2]])


def test_a_new_item_goes_behind_the_last_one() -> None:
    known, new = read(FILE), Deadline("gtclqg", "registration", 2028)
    changed = with_item(FILE, None, new, known)

    assert changed.endswith(f"year: 2027}}\n  - {written(new)}\n# hết\n")
    assert bare(read(changed)) == bare([*known, new])


@pytest.mark.parametrize("end", ["deadlines: []\n", "deadlines:\n", "deadlines: []  # chưa có"])
def test_the_first_item_of_all(end: str) -> None:
    text = HEAD.removesuffix("deadlines:\n") + end
    new = Deadline("gtclqg", "registration", 2028)

    assert bare(read(with_item(text, None, new, []))) == [new]


def test_line_ends_of_windows_stay() -> None:
    text = FILE.replace("\n", "\r\n")
    known = read(text)
    changed = with_item(text, known[2], with_dates(known[2]), known)

    assert changed.count("\n") == changed.count("\r\n") == FILE.count("\n")


def test_what_a_machine_cannot_change_is_refused() -> None:
    text = FILE.replace("  - programme: gtclqg\n", "  -\n    programme: gtclqg\n")
    known = read(text)

    with pytest.raises(ValueError, match="sửa tay"):
        with_item(text, known[1], with_dates(known[1]), known)


def later(deadline: Deadline, day: date) -> Deadline:
    return extended(deadline, closes_on=day, letter="20/TB", source="tb-20")


def test_an_extension_keeps_the_hour_and_remembers_the_last_valid_day() -> None:
    moved = later(replace(with_dates(read(FILE)[0]), inclusive=False), date(2027, 4, 15))

    assert (moved.extended_from, moved.closes_at) == (date(2027, 3, 30), time(17, 0))
    assert (moved.letter, moved.source, moved.inclusive) == ("20/TB", "tb-20", True)


@pytest.mark.parametrize("day", [date(2027, 3, 1), date(2027, 3, 31)])
def test_an_extension_that_is_none_is_refused(day: date) -> None:
    with pytest.raises(ValueError, match="phải sau hạn đang có"):
        later(with_dates(read(FILE)[0]), day)


def test_what_is_not_announced_cannot_be_extended_and_nothing_is_announced_twice() -> None:
    with pytest.raises(ValueError, match="chưa công bố"):
        later(read(FILE)[0], date(2027, 3, 31))
    with pytest.raises(ValueError, match="đã công bố"):
        with_dates(with_dates(read(FILE)[0]))


days = st.dates(date(2027, 1, 1), date(2027, 12, 31))
texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=12)


@given(
    place=st.sampled_from([0, 1, 2, None]), closes=days, letter=texts, hour=st.none() | st.times()
)
def test_whatever_is_written_is_read_back_and_nothing_else_changed(
    place: int | None, closes: date, letter: str, hour: time | None
) -> None:
    known = read(FILE)
    old = known[place] if place is not None else None
    year = old.year if old else 2029
    new = Deadline(
        "gtclqg",
        old.milestone if old else "registration",
        year,
        closes_on=closes,
        closes_at=hour.replace(second=0, microsecond=0) if hour else None,
        letter=" ".join(letter.split()),
        source="s",
    )
    again = read(with_item(FILE, old, new, known))

    expected = [new if each is old else each for each in known] + ([] if old else [new])
    assert [replace(each, letter="") for each in bare(again)] == [
        replace(each, letter="") for each in bare(expected)
    ]
    assert unicodedata.normalize("NFC", new.letter) in {each.letter for each in again}
