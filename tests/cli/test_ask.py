"""`donghanh ask`: one question, a file of questions, as people read it and as programs do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import asking
from tests.cli.conftest import Run

QUESTION = "hồ sơ tham dự giải thưởng chất lượng quốc gia gồm những gì"
KEYS = {
    "question",
    "outcome",
    "entry",
    "topic",
    "confidence",
    "answer",
    "sources",
    "choices",
}


def test_the_answer_is_printed_as_in_a_chat(donghanh: Run) -> None:
    done = donghanh("ask", "Đồng Hành là gì")

    assert done.exit_code == 0
    assert done.stdout.strip()
    assert "**" not in done.stdout
    assert done.stderr == ""


def test_vietnamese_is_printed_on_a_terminal_that_knows_none(
    process: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = process("ask", "mấy giờ làm việc", PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")

    assert done.returncode == 0
    assert "ạ" in done.stdout or "ệ" in done.stdout


def test_json_has_the_promised_keys(donghanh: Run) -> None:
    done = donghanh("ask", QUESTION, "--json")

    answer = json.loads(done.stdout)
    assert set(answer) == KEYS
    assert answer["question"] == QUESTION
    for choice in answer["choices"]:
        leads_to_entry = choice["action"].startswith("entry:")
        assert set(choice) == {"label", "action"} | (
            {"entry", "topic"} if leads_to_entry else set()
        )


def test_json_can_be_explained(donghanh: Run) -> None:
    answer = json.loads(donghanh("ask", QUESTION, "--json", "--explain").stdout)

    assert set(answer) == KEYS | {"explanation"}
    assert "Kết luận" in answer["explanation"]


def test_the_asked_day_decides(donghanh: Run) -> None:
    before = donghanh(
        "ask", "nghị định 37/2026 có hiệu lực chưa", "--date", "2025-06-01", "--explain"
    )

    assert before.exit_code == 0
    assert "Kết luận" in before.stdout


def test_a_batch_gives_one_json_line_for_each_question(donghanh: Run, here: Path) -> None:
    (here / "q.txt").write_text("hồ sơ gồm gì\n\nchào em\n", encoding="utf-8")

    done = donghanh("ask", "--batch", "q.txt")

    asked = [json.loads(line)["question"] for line in done.stdout.splitlines()]
    assert asked == ["hồ sơ gồm gì", "chào em"]


@pytest.mark.parametrize(
    ("content", "questions"),
    [
        ("a\r\nb\r\n", ["a", "b"]),
        ("\ufeffhồ sơ\n", ["hồ sơ"]),
        ("\ufeffid\tquestion\r\n1\tmột\r\n2\t\r\n3\tba\r\n", ["một", "ba"]),
        ('question\tnote\n"một" là gì\tx\n\'hai\n', ['"một" là gì', "'hai"]),
        ("question\nmột\n", ["một"]),
        ("id\tquestion\nthiếu ô\n2\thai", ["hai"]),
        ("một\u2028còn nữa\x0b\n", ["một\u2028còn nữa"]),
        ("", []),
    ],
)
def test_questions_are_read_as_they_were_written(
    tmp_path: Path, content: str, questions: list[str]
) -> None:
    file = tmp_path / "q.txt"
    file.write_bytes(content.encode())

    assert asking.questions(file) == questions


@pytest.mark.parametrize("name", ["q.txt", "q.tsv"])
def test_a_table_without_the_column_is_refused_by_name(
    donghanh: Run, here: Path, name: str
) -> None:
    (here / name).write_text("id\tcâu hỏi\n1\thồ sơ\n", encoding="utf-8")

    done = donghanh("ask", "--batch", name)

    assert done.exit_code == 2
    assert "không có cột “question”" in done.stderr


def test_a_file_that_is_not_utf8_is_refused(donghanh: Run, here: Path) -> None:
    (here / "q.txt").write_bytes(b"h\xf4 s\xf2\n")

    done = donghanh("ask", "--batch", "q.txt")

    assert done.exit_code == 2
    assert "UTF-8" in done.stderr


@pytest.mark.parametrize("arguments", [[], [""], ["hồ sơ", "--batch", "q.txt"]])
def test_exactly_one_of_question_and_file_is_needed(donghanh: Run, arguments: list[str]) -> None:
    done = donghanh("ask", *arguments)

    assert done.exit_code == 2
    assert "cần đúng một" in done.stderr


def test_a_missing_file_is_named(donghanh: Run) -> None:
    done = donghanh("ask", "--batch", "none.txt")

    assert done.exit_code == 1
    assert done.stderr == "none.txt: không có tệp hoặc thư mục này\n"


def test_a_reader_that_has_enough_is_no_failure(here: Path) -> None:
    (here / "q.txt").write_text("hồ sơ gồm gì\n" * 200, encoding="utf-8")

    asking = subprocess.Popen(
        [sys.executable, "-m", "bot", "ask", "--batch", "q.txt"],
        cwd=here,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with asking:
        assert asking.stdout
        assert asking.stderr
        first = asking.stdout.readline()
        asking.stdout.close()
        complaint = asking.stderr.read()

    assert json.loads(first)["question"] == "hồ sơ gồm gì"
    assert complaint == b""
