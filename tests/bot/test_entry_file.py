"""A machine's edit of a hand-written file is one readable difference, and nothing else."""

from __future__ import annotations

import difflib
import math
from datetime import date
from pathlib import Path

import pytest

from bot import entry_file
from bot.entry_file import Unwritable
from knowledge.entries import Citation, Entry, Knowledge
from knowledge.loading import DATA
from knowledge.parsing import parse
from tests.effort import EFFORT

FILES = sorted((DATA / "faq").glob("*.yaml"))
NEW = Entry(
    id="cost.fair",
    topic="cost",
    label="Gian hàng: hội chợ",
    question="# có 'hỗ trợ' không?",
    variants=("có: hỗ trợ không", "- không", "true", "2027"),
    answer="**Không.** Lưu ý: hỏi Sở.\n\n- một\n#hai",
    citations=(Citation("nd37-2026", ""),),
    follow_ups=(),
    verified_on=date(2026, 11, 20),
    review_by=date(2027, 5, 20),
)


def changes(before: str, after: str) -> list[str]:
    return [
        line
        for line in difflib.ndiff(before.splitlines(), after.splitlines())
        if line[:1] in "+-?" and line[:2] != "  "
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_one_more_variant_is_one_more_line_of_a_shipped_file(
    path: Path, shipped: Knowledge
) -> None:
    text = path.read_text("utf-8")
    names = [each.id for each in shipped.entries.values() if each.file == f"faq/{path.name}"]
    for name in names[:: math.ceil(len(names) / EFFORT)]:
        after = entry_file.with_variants(text, name, ["một cách hỏi: mới"])

        assert changes(text, after) == ["+       - 'một cách hỏi: mới'"]


@pytest.mark.parametrize("path", FILES[:3], ids=lambda path: path.stem)
def test_one_more_entry_stands_at_the_end_and_moves_nothing(path: Path) -> None:
    text = path.read_text("utf-8")
    after = entry_file.with_entry(text, NEW)

    assert after.startswith(text)
    assert all(line.startswith("+") for line in changes(text, after))


def test_what_was_written_is_read_back_as_it_was_meant() -> None:
    tree, problems = parse(entry_file.with_entry("", NEW).encode())

    assert problems == []
    assert tree is not None
    entry = tree[1]["entries"][1][1][0]
    read = {key: node[1] for key, (_, node) in entry[1].items()}
    assert read["question"] == NEW.question
    assert [node[1] for node in read["variants"]] == list(NEW.variants)
    assert read["answer"].strip() == NEW.answer
    assert read["review_by"] == "2027-05-20"


def test_comments_quotes_and_line_ends_stay() -> None:
    text = (
        "# đầu tệp\r\ntopic: cost   # kệ\r\nentries:\r\n- id: 'a'   # mã\r\n  variants:\r\n"
        '  - x\r\n  - "y"   # hai\r\n  answer: |\r\n    một\r\n\r\n    hai\r\n# cuối tệp\r\n'
    )
    after = entry_file.with_variants(text, "a", ["z"])

    assert after == text.replace("# hai\r\n", "# hai\r\n  - z\r\n")


def test_a_file_that_would_not_come_back_as_it_was_is_left_alone() -> None:
    text = "topic:   cost\nentries:\n   - {id: a}\n   -   id: b\n       # x\n       variants: []\n"

    with pytest.raises(Unwritable):
        entry_file.with_variants(text, "b", ["z"])


def test_an_entry_that_is_not_there_is_no_place_to_write() -> None:
    with pytest.raises(Unwritable):
        entry_file.with_variants("topic: a\nentries:\n  - id: b\n", "c", ["z"])


def test_a_broken_file_is_named_as_such() -> None:
    with pytest.raises(Unwritable):
        entry_file.with_variants("topic: [a\n", "c", ["z"])


def test_the_new_content_takes_the_place_of_the_old(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("cũ", "utf-8")
    path.chmod(0o640)
    entry_file.replace(path, "mới")

    assert path.read_text("utf-8") == "mới"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["a.yaml"]
