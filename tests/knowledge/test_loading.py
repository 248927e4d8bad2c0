"""A folder becomes knowledge, or one report of all that is wrong; nothing else ever comes out."""

from __future__ import annotations

import json
import sys
from datetime import date
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers import COMMANDS
from handlers.conversation import MAX_ACTION_BYTES
from knowledge import Knowledge, KnowledgeError, Problem, cache, contract, load, loading
from knowledge.assembly import REQUIRED, assemble
from knowledge.checks import cross_check, lengths
from knowledge.loading import DATA, fingerprint_of
from knowledge.parsing import MAX_BYTES, parse
from tests.effort import examples
from tests.knowledge.folders import small, swap, write

TODAY = date(2026, 11, 20)
CHECK_THE_PATH = "kiểm tra lại đường dẫn thư mục tri thức"
NOT_USED = "tệp này không được dùng tới → sửa tên, chuyển vào faq/ hoặc forms/, hoặc bỏ tệp"
NEEDED = contract.needed_as_in(DATA)


def problems_of(folder: Path, *, cache: Path | None = None) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        load(folder, today=TODAY, cache=cache)
    return [str(problem) for problem in caught.value.problems]


def problems_in(files: dict[str, bytes]) -> list[Problem]:
    """What `load` finds, without its child process: hundreds of examples a second."""
    problems: list[Problem] = []
    trees = {}
    for name, data in files.items():
        tree, found = parse(data)
        problems += [Problem(name, *each) for each in found]
        if tree is not None:
            trees[name] = tree
    knowledge, origin = assemble(trees, problems, "")
    problems += cross_check(knowledge, origin, NEEDED)
    problems += lengths(knowledge, TODAY, broken=bool(problems))
    return problems


# A sound folder --------------------------------------------------------------------------------


def test_the_small_folder_of_these_tests_is_sound(tmp_path: Path) -> None:
    knowledge = load(write(tmp_path, small()), today=TODAY)

    assert set(knowledge.entries) == {"cost.fee", "cost.fee_before", "deadline.next"}
    assert knowledge.index.rank("le phi du giai", 1)[0][0] == "cost.fee"


def test_every_command_of_the_shipped_folder_is_one_that_the_code_has(shipped: Knowledge) -> None:
    decided = {name for name, command in shipped.commands.items() if not command.form}

    assert decided == set(COMMANDS) == NEEDED.commands["commands.yaml"]
    assert set(shipped.staff_commands) == NEEDED.commands["staff_commands.yaml"]


def test_an_action_has_one_limit_for_those_who_write_it_and_those_who_say_it() -> None:
    assert contract.MAX_ACTION_BYTES == MAX_ACTION_BYTES


def test_hidden_files_and_editors_copies_are_none_of_ours(tmp_path: Path) -> None:
    files = small() | {"faq/.#cost.yaml": "{", "faq/~cost.yaml": "{", ".git/x.yaml": "{"}

    assert load(write(tmp_path, files), today=TODAY).entries


# One report ------------------------------------------------------------------------------------


def test_all_that_is_wrong_is_told_at_once_in_order_with_the_remedy(tmp_path: Path) -> None:
    files = small()
    cost, deadline = "faq/cost.yaml", "faq/deadline.yaml"
    swap(files, cost, "    label: Lệ phí\n", "    lable: Lệ phí\n")
    swap(files, cost, "{source: nd37-2026, article: Điều 60}", "{source: nd38, article: ''}")
    swap(files, cost, "[deadline.next, 'form:register']", "[deadline.nex, 'form:registr']")
    swap(files, cost, "cũng không mất phí.", "không mất phí {phi}.")
    swap(files, deadline, "bao giờ hết hạn đăng ký", "Lệ phí dự giải là bao nhiêu?")
    swap(files, deadline, "2027-05-20", "20/05/2027")
    swap(files, "phrases.yaml", "slow_down: ", "slowdown: ")
    swap(files, "topics.yaml", "opens: cost.fee}", "opens: cost.free}")

    assert "\n".join(problems_of(write(tmp_path, files))) == REPORT


REPORT = """\
faq/cost.yaml, dòng 3: thiếu mục “label” → thêm “label: …”
faq/cost.yaml, dòng 3: “cost.fee” dẫn nguồn không có: “nd38” → thêm nguồn vào sources.yaml hoặc sửa mã nguồn
faq/cost.yaml, dòng 3: “cost.fee” dẫn tới “deadline.nex” không có → sửa hoặc bỏ liên kết
faq/cost.yaml, dòng 3: “cost.fee” dẫn tới “form:registr” không có → sửa hoặc bỏ liên kết
faq/cost.yaml, dòng 4: không có mục nào tên “lable” → có lẽ là “label”
faq/cost.yaml, dòng 15: “cost.fee_before” có chỗ trống không ai điền: {phi} → dùng một trong: contact, deadline.gtclqg.registration, organisation.name
faq/deadline.yaml, dòng 3: câu hỏi “Lệ phí dự giải là bao nhiêu?” của “deadline.next” trùng với “lệ phí dự giải là bao nhiêu” của “cost.fee” → giữ ở một nơi (xem faq/cost.yaml, dòng 3)
faq/deadline.yaml, dòng 17: “20/05/2027” không phải ngày → viết năm-tháng-ngày, ví dụ 2027-03-31
phrases.yaml, dòng 1: thiếu câu “slow_down” → có lẽ đã bị đổi tên thành “slowdown”
topics.yaml, dòng 2: chủ đề “cost” mở tới “cost.free” không có → dùng mã một câu trả lời của chính chủ đề ấy"""  # noqa: E501 - as it is printed


def test_a_file_that_cannot_be_read_is_not_blamed_on_those_that_lean_on_it(tmp_path: Path) -> None:
    files = small()
    files["rules/deadlines.yaml"] = "programmes: []\ndeadlines: &a []\n"
    files["faq/cost.yaml"] += "\tthêm\n"
    files["faq/new.yml"] = "topic: cost\n"
    files["faq/empty.yaml"] = ""

    assert "\n".join(problems_of(write(tmp_path, files))) == LESS


LESS = """\
faq/cost.yaml, dòng 26: sai cú pháp YAML: thụt lề bằng phím Tab; dùng dấu cách → kiểm tra thụt lề, dấu “: ” và dấu nháy
faq/empty.yaml, dòng 1: tệp không có nội dung → khôi phục nội dung, hoặc xoá tệp
faq/new.yml, dòng 1: tệp đuôi .yml không được đọc → đổi đuôi tệp thành .yaml
rules/deadlines.yaml, dòng 2: dùng neo hoặc bí danh YAML (& hoặc *) → viết lại nội dung đầy đủ"""  # noqa: E501 - as it is printed


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_file_is_one_problem_and_not_a_hundred(tmp_path: Path, name: str) -> None:
    files = small()
    del files[name]

    problems = problems_of(write(tmp_path, files))

    assert problems == [f"{name}, dòng 1: thiếu tệp này → khôi phục tệp từ bản gốc"]


def test_a_folder_without_knowledge_is_named(tmp_path: Path) -> None:
    (tmp_path / "ghi chú.txt").write_text("không phải tri thức")
    nowhere = tmp_path / "không có"

    for folder in (tmp_path, nowhere):
        problems = problems_of(folder)

        assert problems == [
            f"., dòng 1: không có tệp .yaml nào trong thư mục {folder} → {CHECK_THE_PATH}"
        ]


def test_a_file_that_is_too_large_is_not_even_read(tmp_path: Path) -> None:
    files = small() | {"faq/huge.yaml": "#" * (MAX_BYTES + 1)}

    problems = problems_of(write(tmp_path, files))

    assert "faq/huge.yaml, dòng 1: tệp lớn hơn 2 MiB → chia thành nhiều tệp" in problems


def test_a_file_that_nobody_reads_is_named(tmp_path: Path) -> None:
    files = small() | {"topic.yaml": "topics: []\n"}

    assert problems_of(write(tmp_path, files)) == [f"topic.yaml, dòng 1: {NOT_USED}"]


def test_a_file_that_is_no_mapping_is_told_whichever_file_it_is() -> None:
    for name, root in zip(small(), cycle(["- a\n- b\n", "chữ\n", "12\n", "[]\n"]), strict=False):
        files = {n: text.encode() for n, text in small().items()} | {name: root.encode()}

        told = [problem for problem in problems_in(files) if problem.file == name]

        assert any("tên: " in problem.message for problem in told), name


# The child -------------------------------------------------------------------------------------


def test_a_hostile_file_ends_the_reading_of_itself_alone(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {**small()}
    files["faq/brackets.yaml"] = "a: " + "[" * 100_000
    files["faq/latin.yaml"] = b"topic: \xe9"

    assert problems_of(write(tmp_path, files)) == [
        "faq/brackets.yaml, dòng 1: lồng nhau quá 20 tầng → làm phẳng bớt cấu trúc",
        "faq/latin.yaml, dòng 1: tệp không phải UTF-8 → lưu lại tệp với mã hoá UTF-8",
    ]


def test_a_child_that_dies_in_the_middle_of_a_line_is_told_with_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying = tmp_path / "python"
    said = json.dumps("faq/cost.yaml") + '\n[[1, {"top'
    dying.write_text(f"#!/bin/sh\nprintf '%s' '{said}'\nkill -9 $$\n")
    dying.chmod(0o755)
    folder = write(tmp_path / "folder", small())
    monkeypatch.setattr(sys, "executable", str(dying))

    assert (
        "faq/cost.yaml, dòng 1: đọc tệp này quá lâu hoặc quá tốn bộ nhớ nên đã dừng"
        " → khôi phục bản trước của tệp"
    ) in problems_of(folder)


def test_a_child_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "PARSE_SECONDS", 0.001)

    problems = problems_of(write(tmp_path, small()))

    assert problems[0].startswith("., dòng 1: không chạy được tiến trình đọc tệp: quá 0.001 giây")


# The cache -------------------------------------------------------------------------------------


def test_an_unchanged_folder_starts_no_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, kept = write(tmp_path / "folder", small()), tmp_path / "cache"
    first = load(folder, today=TODAY, cache=kept)
    monkeypatch.setattr(sys, "executable", "/no/such/interpreter")

    again = load(folder, today=TODAY, cache=kept)

    assert (again.entries, again.fingerprint) == (first.entries, first.fingerprint)
    with pytest.raises(KnowledgeError, match="no/such/interpreter"):
        load(folder, today=TODAY)


@pytest.mark.parametrize("damage", [b"", b"[]", b"\0" * 64, None])
def test_a_damaged_cache_is_computed_again(tmp_path: Path, damage: bytes | None) -> None:
    folder, kept = write(tmp_path / "folder", small()), tmp_path / "cache"
    first = load(folder, today=TODAY, cache=kept)
    for path in kept.iterdir():
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] if damage is None else damage)

    again = load(folder, today=TODAY, cache=kept)

    assert again.entries == first.entries
    assert again.index.rank("le phi", 3) == first.index.rank("le phi", 3)


def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(tmp_path: Path) -> None:
    folder, no_folder = write(tmp_path / "folder", small()), tmp_path / "file"
    no_folder.write_text("")

    assert load(folder, today=TODAY, cache=no_folder).entries


def test_what_earlier_contents_left_in_the_cache_is_dropped(tmp_path: Path) -> None:
    cache.keep(tmp_path, "trees-old.json", b"old", instead_of="trees-*.json")
    cache.keep(tmp_path, "index-old.bin", b"old", instead_of="index-*.bin")

    cache.keep(tmp_path, "trees-new.json", b"new", instead_of="trees-*.json")

    assert {path.name for path in tmp_path.iterdir()} == {"trees-new.json", "index-old.bin"}
    assert cache.read(tmp_path, "trees-new.json") == b"new"


def test_the_fingerprint_follows_names_and_content_and_nothing_else(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one", small()), write(tmp_path / "two", small())
    (two / "faq" / "ghi chú.txt").write_text("không phải tri thức")
    (two / "topics.yaml").touch()
    same = fingerprint_of(one) == fingerprint_of(two)
    (two / "faq" / "cost.yaml").rename(two / "faq" / "phi.yaml")
    renamed = fingerprint_of(two)
    (two / "faq" / "phi.yaml").write_text(small()["faq/cost.yaml"] + "# sửa\n")

    assert same
    assert len({fingerprint_of(one), renamed, fingerprint_of(two)}) == 3


# Whatever is in the files ----------------------------------------------------------------------

TOKENS = st.sampled_from(
    [
        *"-?[]{},#!|>'\"%@~\n\t\0\u0301ế",
        ": ",
        "&a ",
        "*a",
        "\n  ",
        "\n- ",
        "<<: ",
        "---\n",
        "null",
        "{x}",
        "{deadline.a.b}",
        "id",
        "true",
        "-1",
        "9999",
        "2027-02-30",
    ]
)
BASE = {name: text.encode() for name, text in small().items()}


@st.composite
def broken_folders(draw: st.DrawFn) -> dict[str, bytes]:
    """The small folder with one to four slips: a line gone, two changed over, signs typed in."""
    files = small()
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(sorted(files)))
        lines = files[name].split("\n")
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["delete", "swap", "type", "repeat", "cut"])):
            case "delete":
                del lines[at]
            case "swap":
                other = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
            case "type":
                column = draw(st.integers(0, len(lines[at])))
                typed = "".join(draw(st.lists(TOKENS, min_size=1, max_size=4)))
                lines[at] = lines[at][:column] + typed + lines[at][column:]
            case "repeat":
                lines.insert(at, lines[at])
            case "cut":
                lines = lines[:at]
        files[name] = "\n".join(lines)
    return {name: text.encode() for name, text in files.items()}


@given(broken_folders())
@settings(max_examples=examples(50), deadline=None)
def test_a_folder_with_slips_is_sound_or_reported_with_file_line_and_remedy(
    files: dict[str, bytes],
) -> None:
    for problem in problems_in(files):
        assert problem.file in {*files, "forms/register.yaml"}
        assert 1 <= problem.line <= files[problem.file].count(b"\n") + 2
        assert problem.message
        assert problem.remedy


@given(st.sampled_from(sorted(BASE)), st.one_of(st.binary(max_size=200), st.text(max_size=200)))
@settings(max_examples=examples(40), deadline=None)
def test_whatever_stands_in_a_file_it_is_reported(name: str, content: str | bytes) -> None:
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content

    assert problems_in({**BASE, name: data})
