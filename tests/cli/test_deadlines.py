"""`donghanh deadlines`: the file changes, is sound, keeps its comments, and the act is noted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.acts import FOLDER
from bot.settings import variable
from tests.cli.conftest import Run
from tests.knowledge.folders import small, write

REGISTRATION = "gtclqg.registration.2027"
ANNOUNCE = (
    *("deadlines", "announce", REGISTRATION, "--closes", "2027-03-31", "--hour", "17:00"),
    *("--letter", "12/TB-SKHCN", "--source", "nd37-2026"),
)
BY_LETTER = ("--letter", "20/TB-SKHCN", "--source", "nd37-2026")


@pytest.fixture
def folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small knowledge folder of its own, in use."""
    files = small()
    files["rules/deadlines.yaml"] = f"# Ghi chú của cán bộ.\n{files['rules/deadlines.yaml']}"
    monkeypatch.setenv(variable("knowledge_folder"), str(here / "kb"))
    return write(here / "kb", files)


def text_of(folder: Path) -> str:
    return (folder / "rules/deadlines.yaml").read_text("utf-8")


def notes(here: Path) -> list[dict[str, object]]:
    return [
        json.loads(path.read_text("utf-8")) for path in sorted((here / "data" / FOLDER).glob("*"))
    ]


def test_announced_extended_and_listed(donghanh: Run, here: Path, folder: Path) -> None:
    before = text_of(folder)
    announced = donghanh(*ANNOUNCE)
    extended = donghanh("deadlines", "extend", REGISTRATION, "--closes", "2027-04-15", *BY_LETTER)
    listed = donghanh("deadlines", "list", "--date", "2027-04-12")

    assert (announced.exit_code, extended.exit_code) == (0, 0), announced.output + extended.output
    assert listed.stdout == (
        f"{REGISTRATION}\tcả nước\tsắp hết (đã gia hạn)\t15/04/2027\t17:00\t3\t3\t20/TB-SKHCN\n"
    )
    assert text_of(folder).splitlines()[:-1] == before.splitlines()[:-1]
    assert "extended_from: 2027-03-31" in text_of(folder)
    assert {note["act"] for note in notes(here)} == {"deadline announce", "deadline extend"}
    assert all(str(note["via"]).startswith("dòng lệnh (") for note in notes(here))


def test_the_letter_becomes_a_source_once_and_both_dates_rest_on_it(
    donghanh: Run, folder: Path
) -> None:
    before = (folder / "sources.yaml").read_text("utf-8")
    letter = ("--letter", "12/TB-SKHCN", "--issued", "2026-01-15")
    first = donghanh(*ANNOUNCE[:5], *letter)
    second = donghanh("deadlines", "add", "gtclqg.registration.2028", *ANNOUNCE[3:5], *letter)

    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    sources = (folder / "sources.yaml").read_text("utf-8")
    assert sources.startswith(before.rstrip())
    assert sources.count("id: vb-12-tb-skhcn-2026") == 1
    assert "title: 'Văn bản số 12/TB-SKHCN ngày 15/01/2026'" in sources
    assert "issued_on: 2026-01-15" in sources
    assert text_of(folder).count("source: vb-12-tb-skhcn-2026") == 2


def test_added_for_a_year_to_come(donghanh: Run, folder: Path) -> None:
    done = donghanh("deadlines", "add", "gtclqg.registration.2028")

    assert done.stdout == "gtclqg.registration.2028\tcả nước\tchưa công bố\n"
    assert text_of(folder).endswith(
        "  - {programme: gtclqg, milestone: registration, year: 2028}\n"
    )


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("extend", REGISTRATION, "--closes", "2027-04-15", *BY_LETTER), "chưa công bố"),
        (
            ("extend", "gtclqg.registration.2040", "--closes", "2040-04-15", *BY_LETTER),
            REGISTRATION,
        ),
        (("extend", REGISTRATION, "--closes", "2027-04-15"), "--letter"),
        (("extend", REGISTRATION, "--closes", "2027-04-15", *BY_LETTER[:2]), "--issued"),
        (("extend", REGISTRATION, "--closes", "2027-04-15", *BY_LETTER[2:]), "--letter"),
        (("add", REGISTRATION), "đã có"),
        (("add", "registration"), "gtclqg.registration.2027"),
        (("add", "gtclqg.registration.2028", "--hour", "17:00"), "--closes"),
        (ANNOUNCE[1:-2], "--issued"),
        ((*ANNOUNCE[1:-2], "--issued", "2999-01-01"), "sau hôm nay"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_changes(
    donghanh: Run, here: Path, folder: Path, arguments: tuple[str, ...], why: str
) -> None:
    before = text_of(folder)
    done = donghanh("deadlines", *arguments)

    assert done.exit_code == 2
    assert why in " ".join(done.stderr.replace("│", " ").split())
    assert text_of(folder) == before
    assert notes(here) == []


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("add", "gtclqg.nowhere.2028"), "không có mốc “gtclqg.nowhere”"),
        ((*ANNOUNCE[1:-1], "nothing"), "hạn dẫn nguồn không có: “nothing”"),
        ((*ANNOUNCE[1:], "--opens", "2027-05-01"), "hạn kết thúc trước ngày mở"),
    ],
)
def test_what_would_not_be_sound_never_takes_the_files_place(
    donghanh: Run, here: Path, folder: Path, arguments: tuple[str, ...], why: str
) -> None:
    before = text_of(folder)
    done = donghanh("deadlines", *arguments)

    assert done.exit_code == 65
    assert why in done.stderr
    assert text_of(folder) == before
    assert notes(here) == []
    assert not [path for path in (folder / "rules").iterdir() if path.name.startswith(".")]
