"""`donghanh doctor`: one line for each thing that a start needs, a remedy for what is amiss."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import checkup
from bot.checkup import Finding, Mark
from bot.failures import CONFIG
from bot.settings import read
from bot.store import backup
from bot.store.lock import ProcessLock
from knowledge.loading import DATA
from tests.cli.conftest import Run
from tests.telegram_server import TelegramServer

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


async def findings(**given: Any) -> list[Finding]:
    return await checkup.examine(read(**given), NOW)


def about(found: list[Finding], words: str) -> Finding:
    (one,) = [finding for finding in found if words in finding.what]
    return one


def nobody_listens() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def test_a_fresh_folder_is_well(donghanh: Run) -> None:
    done = donghanh("doctor")

    assert done.exit_code == 0, done.stderr
    assert all(line.startswith(("ĐẠT   ", "NHẮC  ")) for line in done.stdout.splitlines())
    assert "lần chạy đầu tiên sẽ tạo" in done.stdout


@pytest.mark.usefixtures("here")
async def test_an_organisation_that_is_not_filled_in_is_a_reminder() -> None:
    assert about(await findings(), "Thông tin cơ quan").mark is Mark.LOOK


async def test_broken_knowledge_is_counted_and_its_first_problem_named(here: Path) -> None:
    broken = shutil.copytree(DATA, here / "broken")
    (broken / "organisation.yaml").write_text("nmae: Sở\n", encoding="utf-8")

    finding = about(await findings(knowledge_folder=broken), "Tri thức")

    assert finding.mark is Mark.BAD
    assert "organisation.yaml, dòng 1" in finding.what


async def test_a_sound_database_and_its_last_backup_are_told(database: Path, here: Path) -> None:
    backup.backup(database, here / "safe.db")

    found = await findings()

    assert about(found, "nguyên vẹn").mark is Mark.GOOD
    assert about(found, "Không có tiến trình nào").mark is Mark.GOOD
    assert about(found, "Sao lưu gần nhất").well


@pytest.mark.usefixtures("database")
async def test_a_database_without_a_backup_is_a_reminder() -> None:
    assert about(await findings(), "Chưa sao lưu lần nào").mark is Mark.LOOK


def test_an_old_or_lost_backup_is_a_reminder(tmp_path: Path) -> None:
    kept = tmp_path / "safe.db"
    kept.touch()

    fresh = checkup._last_backup(kept, NOW - timedelta(days=1), NOW)
    old = checkup._last_backup(kept, NOW - timedelta(days=8), NOW)
    lost = checkup._last_backup(tmp_path / "gone.db", NOW, NOW)

    assert [fresh.mark, old.mark, lost.mark] == [Mark.GOOD, Mark.LOOK, Mark.LOOK]


def test_a_damaged_database_is_told_with_the_way_back(database: Path) -> None:
    size = database.stat().st_size
    with database.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * (size // 3))

    finding = about(list(checkup._database(database, NOW, "")), "bị hỏng")

    assert finding.mark is Mark.BAD
    assert "restore" in finding.remedy


async def test_a_running_assistant_is_told_with_its_process(database: Path) -> None:
    running = ProcessLock(database)
    running.acquire()
    try:
        finding = about(await findings(), "Đang chạy")
    finally:
        running.release()

    assert str(os.getpid()) in finding.what


async def test_a_database_that_is_none_of_ours_is_told(here: Path) -> None:
    (here / "data" / "donghanh.db").write_text("Kính gửi Sở", encoding="utf-8")

    assert not all(finding.well for finding in await findings())


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such bits")
async def test_a_file_of_secrets_that_others_can_read_is_a_reminder(here: Path) -> None:
    (here / ".env").write_text("DONGHANH_WEB_PORT=8081\n", encoding="utf-8")
    (here / ".env").chmod(0o644)
    wide = about(await findings(), ".env")
    (here / ".env").chmod(0o600)
    narrow = about(await findings(), ".env")

    assert (wide.mark, wide.remedy) == (Mark.LOOK, "chmod 600 .env")
    assert narrow.mark is Mark.GOOD


def test_a_data_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()

    finding = about(list(checkup._room(tmp_path / "taken" / "data")), "Không ghi được")

    assert finding.mark is Mark.BAD


@pytest.mark.usefixtures("here")
async def test_telegram_answers(server: TelegramServer) -> None:
    found = await findings(telegram_token=server.token, telegram_base_url=server.url)

    assert about(found, "Telegram trả lời").mark is Mark.GOOD


@pytest.mark.usefixtures("here")
async def test_a_token_that_telegram_refuses_is_told(server: TelegramServer) -> None:
    wrong = f"{server.token[:-4]}XXXX"

    found = await findings(telegram_token=wrong, telegram_base_url=server.url)

    assert about(found, "không nhận mã bot").mark is Mark.BAD


@pytest.mark.usefixtures("here")
async def test_an_unreachable_telegram_is_a_finding_without_the_token() -> None:
    token = "123456:AAplantedplantedplantedplantedpla"
    nowhere = f"http://127.0.0.1:{nobody_listens()}"

    finding = about(
        await findings(telegram_token=token, telegram_base_url=nowhere), "Không tới được Telegram"
    )

    assert finding.mark is Mark.BAD
    assert "planted" not in str(finding)


@pytest.mark.usefixtures("here")
async def test_a_proxy_of_an_unknown_kind_is_a_finding() -> None:
    found = await findings(telegram_token="123456:AA", telegram_proxy="socks5://me:planted@x")

    finding = about(found, "Proxy không dùng được")
    assert finding.mark is Mark.BAD
    assert "planted" not in str(finding)


def test_a_free_web_port_is_well_and_a_taken_one_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings = read(public_url="https://a.vn", web_port=listening.getsockname()[1])
        (taken,) = checkup._web(settings, running=False)
    (free,) = checkup._web(settings, running=False)

    assert (taken.mark, free.mark) == (Mark.BAD, Mark.GOOD)


def test_the_port_of_a_running_assistant_is_its_own() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        settings = read(public_url="https://a.vn", web_port=port)
        (finding,) = checkup._web(settings, running=True)

    assert finding.well


@pytest.mark.parametrize(
    ("name", "value"),
    [("DONGHANH_PUBLIC_URL", "http://a.vn"), ("DONGHANH_TELEGRAM_TOKEN", "planted token")],
)
def test_what_telegram_could_never_take_is_refused_by_a_start_and_by_the_doctor_alike(
    donghanh: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    doctor = donghanh("doctor")
    assert doctor.exit_code == CONFIG  # first: a start that is not refused has no end
    start = donghanh("run")

    assert start.exit_code == CONFIG
    for complaint in (start.stderr, doctor.stderr):
        assert name in complaint
        assert "planted" not in complaint
        assert "Traceback" not in complaint
