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
    extended = donghanh("deadlines", "extend", REGISTRATION, "--closes", "2027-04-15")
    listed = donghanh("deadlines", "list", "--date", "2027-04-12")

    assert (announced.exit_code, extended.exit_code) == (0, 0), announced.output + extended.output
    assert listed.stdout == (
        f"{REGISTRATION}\tcả nước\tsắp hết (đã gia hạn)\t15/04/2027\t17:00\t3\t3\t12/TB-SKHCN\n"
    )
    assert text_of(folder).splitlines()[:-1] == before.splitlines()[:-1]
    assert "extended_from: 2027-03-31" in text_of(folder)
    assert {note["act"] for note in notes(here)} == {"deadline announce", "deadline extend"}
    assert all(str(note["via"]).startswith("dòng lệnh (") for note in notes(here))


def test_added_for_a_year_to_come(donghanh: Run, folder: Path) -> None:
    done = donghanh("deadlines", "add", "gtclqg.registration.2028")

    assert done.stdout == "gtclqg.registration.2028\tcả nước\tchưa công bố\n"
    assert text_of(folder).endswith(
        "  - {programme: gtclqg, milestone: registration, year: 2028}\n"
    )


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("extend", REGISTRATION, "--closes", "2027-04-15"), "chưa công bố"),
        (("extend", "gtclqg.registration.2040", "--closes", "2040-04-15"), REGISTRATION),
        (("add", REGISTRATION), "đã có"),
        (("add", "registration"), "gtclqg.registration.2027"),
        (("add", "gtclqg.registration.2028", "--hour", "17:00"), "--closes"),
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
