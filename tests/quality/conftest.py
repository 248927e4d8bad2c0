"""The quality tools on a knowledge of thirteen entries, from Python and from the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import cli
from bot.settings import Settings, variable
from knowledge import Knowledge, load
from tests.quality.folder import lay

TODAY = date(2026, 11, 20)
Run = Callable[..., Result]


@pytest.fixture(scope="session")
def little(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load(lay(tmp_path_factory.mktemp("little")), today=TODAY)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the command is started; its knowledge stands below, in `tri-thuc`."""
    for field in Settings.model_fields:
        monkeypatch.delenv(variable(field), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DONGHANH_KNOWLEDGE_FOLDER", str(lay(tmp_path / "tri-thuc")))
    return tmp_path


@pytest.fixture
def donghanh(here: Path) -> Run:
    """Run the command inside this process; what it prints and its exit code come back."""
    assert here.is_dir()

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments))

    return run
