"""`donghanh check`: sound knowledge passes, broken knowledge is refused with file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from knowledge.loading import DATA
from tests.cli.conftest import Run


@pytest.fixture
def draft(here: Path) -> Path:
    """A copy of the knowledge to break."""
    return Path(shutil.copytree(DATA, here / "ban-nhap"))


def test_the_shipped_knowledge_passes_and_what_ages_is_a_reminder(donghanh: Run) -> None:
    done = donghanh("check", "--date", "2040-01-01")

    *reminders, summary = done.stdout.splitlines()
    assert done.exit_code == 0
    assert any("quá hạn rà soát" in line for line in reminders)
    assert all(line.startswith("NHẮC  ") for line in reminders)
    assert summary.startswith("Đạt: ")


def test_a_broken_file_is_named_with_its_line(donghanh: Run, draft: Path) -> None:
    (draft / "organisation.yaml").write_text("name: ''\nnmae: Sở\n", encoding="utf-8")

    done = donghanh("check", "ban-nhap")

    assert done.exit_code == 65
    assert any(
        line.startswith("LỖI  organisation.yaml, dòng 2: ") for line in done.stdout.splitlines()
    )


def test_a_folder_that_is_not_there_is_refused(donghanh: Run) -> None:
    done = donghanh("check", "none")

    assert done.exit_code == 65
    assert "none" in done.stdout
