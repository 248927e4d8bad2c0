"""Every command explains itself with an example, and the README names every command."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer.main

from bot.cli import cli
from knowledge import Knowledge
from tests.cli.conftest import Run

README = Path(__file__).parent.parent.parent / "README.md"
COMMANDS = [
    ("run",),
    ("chat",),
    ("ask",),
    ("check",),
    ("evaluate",),
    ("suggest",),
    ("leads", "list"),
    ("leads", "export"),
    ("leads", "import"),
    *(("staff", act) for act in ("add", "invite", "list", "role", "end", "audit")),
    *(("broadcast", act) for act in ("compose", "preview", "audience", "submit", "approve")),
    *(("broadcast", act) for act in ("start", "status", "pause", "resume", "cancel")),
    *(("broadcast", act) for act in ("unsure", "results")),
    *(("broadcast", act) for act in ("edit", "test", "send-back")),
    *(("deadlines", act) for act in ("list", "add", "announce", "extend")),
    *(("stats", act) for act in ("show", "chart", "rows")),
    *(("unanswered", act) for act in ("list", "show", "export", "drafts")),
    ("backup",),
    ("restore",),
    ("doctor",),
]


def test_this_list_of_commands_is_complete() -> None:
    root = typer.main.get_command(cli)
    found: list[tuple[str, ...]] = []
    for name, command in root.commands.items():  # type: ignore[attr-defined] # Typer's group
        inner = getattr(command, "commands", None)
        found += [(name, each) for each in inner] if inner else [(name,)]

    assert sorted(found) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_explains_itself_with_an_example(donghanh: Run, command: tuple[str, ...]) -> None:
    done = donghanh(*command, "--help")

    assert done.exit_code == 0
    assert f"\n    donghanh {' '.join(command)}" in done.stdout
    assert "Options:" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_the_exit_codes_are_in_the_help(donghanh: Run) -> None:
    done = donghanh("--help")

    assert all(f"\n    {code} " in done.stdout for code in (0, 1, 2, 65, 75, 78))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_readme_names_the_command(command: tuple[str, ...]) -> None:
    assert f"`donghanh {' '.join(command)}" in README.read_text("utf-8")


def test_the_readme_names_what_can_be_typed_in_a_chat(knowledge: Knowledge) -> None:
    text = README.read_text("utf-8")

    assert [c.slash for c in knowledge.commands.values() if f"`/{c.slash}`" not in text] == []


def test_the_version_is_printed(donghanh: Run) -> None:
    done = donghanh("--version")

    assert done.exit_code == 0
    assert done.stdout.startswith("donghanh ")


def test_a_wrong_setting_is_told_and_nothing_starts(
    donghanh: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONGHANH_TELEGRAM_TOKN", "x")

    done = donghanh("check")

    assert done.exit_code == 78
    assert "DONGHANH_TELEGRAM_TOKEN" in done.stderr


def test_a_second_process_is_refused_with_its_own_exit_code(donghanh: Run, database: Path) -> None:
    from bot.store.lock import ProcessLock

    running = ProcessLock(database)
    running.acquire()
    try:
        done = donghanh("chat")
    finally:
        running.release()

    assert done.exit_code == 75
    assert "hãy dừng nó trước" in done.stderr
