"""`donghanh backup` and `restore`: a drill with real processes, and what is refused on the way."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from bot.store.lock import ProcessLock
from tests.cli.conftest import Run


def test_a_backup_brings_back_what_was_lost(
    process: Callable[..., subprocess.CompletedProcess[str]],
    donghanh: Run,
    database: Path,
    here: Path,
) -> None:
    made = process("backup", "safe.db")
    database.unlink()

    restored = process("restore", "safe.db")

    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("Đã sao lưu vào safe.db (")
    assert restored.returncode == 0, restored.stderr
    assert "Tệp trước đó: không có." in restored.stdout
    assert "2 huỷ" in restored.stdout  # the two replies that waited are not sent by themselves
    assert donghanh("leads", "list").stdout.count("Công ty An Hòa") == 2
    assert (here / "safe.db").exists()


def test_a_backup_without_a_name_is_named_by_its_time(
    donghanh: Run, database: Path, here: Path
) -> None:
    assert database.exists()

    assert donghanh("backup").exit_code == 0

    (made,) = (here / "data" / "backups").iterdir()
    assert made.name.startswith("donghanh-20")


def test_there_is_nothing_to_back_up_before_the_first_start(donghanh: Run) -> None:
    done = donghanh("backup", "safe.db")

    assert done.exit_code == 1
    assert done.stderr == "data/donghanh.db: không có tệp hoặc thư mục này\n"


def test_a_file_that_is_no_backup_changes_nothing(
    donghanh: Run, database: Path, here: Path
) -> None:
    before = database.read_bytes()
    (here / "letter.db").write_text("Kính gửi Sở", encoding="utf-8")

    done = donghanh("restore", "letter.db")

    assert done.exit_code == 65
    assert "không phải cơ sở dữ liệu" in done.stderr
    assert database.read_bytes() == before


def test_a_running_assistant_is_not_restored_over(donghanh: Run, database: Path) -> None:
    assert donghanh("backup", "safe.db").exit_code == 0
    running = ProcessLock(database)
    running.acquire()
    try:
        done = donghanh("restore", "safe.db")
    finally:
        running.release()

    assert done.exit_code == 75
    assert "hãy dừng nó trước" in done.stderr
