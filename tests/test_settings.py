"""Settings: what may be wrong with them is said by name, and the manual lists every one."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import settings
from bot.settings import Settings, SettingsError, variable

MANUAL = Path(__file__).parent.parent / "docs" / "operations.md"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the process starts; nothing of ours in the environment."""
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields:
        monkeypatch.delenv(variable(field), raising=False)
    return tmp_path


def refusal() -> list[str]:
    with pytest.raises(SettingsError) as refused:
        settings.read()
    return str(refused.value).splitlines()


def test_without_any_setting_the_defaults_hold() -> None:
    read = settings.read()

    assert read.telegram_token.get_secret_value() == ""
    assert read.database == Path("data/donghanh.db")


def test_the_environment_wins_over_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("DONGHANH_WEB_PORT=1\nDONGHANH_IN_FLIGHT=7\n")
    monkeypatch.setenv("DONGHANH_WEB_PORT", "2")

    read = settings.read()

    assert (read.web_port, read.in_flight) == (2, 7)


def test_a_file_from_notepad_is_read(folder: Path) -> None:
    (folder / ".env").write_bytes(
        "DONGHANH_WEB_PORT=81\r\nDONGHANH_IN_FLIGHT=\r\n".encode("utf-8-sig")
    )

    assert settings.read().web_port == 81


def test_a_mistyped_name_in_the_environment_is_named_with_the_likely_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DONGHANH_TELEGRAM_TOKN", "x")

    (line,) = refusal()

    assert line.startswith("DONGHANH_TELEGRAM_TOKN: ")
    assert "DONGHANH_TELEGRAM_TOKEN" in line


@pytest.mark.parametrize("name", ["DONGHANH_TELEGRAM_TOKN", "TELEGRAM_TOKEN"])
def test_a_mistyped_name_in_the_file_is_named_with_the_likely_one(folder: Path, name: str) -> None:
    (folder / ".env").write_text(f"{name}=x\n")

    (line,) = refusal()

    assert line.startswith(f"{name}: ")
    assert "có phải DONGHANH_TELEGRAM_TOKEN không" in line


def test_all_wrong_settings_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONGHANH_WEB_PORT", "99999")
    monkeypatch.setenv("DONGHANH_IN_FLIGHT", "many")
    monkeypatch.setenv("DONGHANH_LOG_LEVEL", "loud")
    monkeypatch.setenv("DONGHANH_NONSENSE", "1")

    assert {line.partition(":")[0] for line in refusal()} == {
        "DONGHANH_WEB_PORT",
        "DONGHANH_IN_FLIGHT",
        "DONGHANH_LOG_LEVEL",
        "DONGHANH_NONSENSE",
    }


def test_a_refused_value_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONGHANH_IN_FLIGHT", "123456:secret-in-the-wrong-place")

    assert "secret" not in str(refusal())


@pytest.mark.parametrize(
    "token", ["123456", "123456:", ":AAplanted", "bot123456:AA", "123456:AA planted", "123456:mã"]
)
def test_a_token_that_botfather_never_gave_is_refused(
    monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("DONGHANH_TELEGRAM_TOKEN", token)

    (line,) = refusal()

    assert line.startswith("DONGHANH_TELEGRAM_TOKEN: phải có dạng 123456789:AA…")
    assert "planted" not in line


@pytest.mark.parametrize("url", ["http://a.vn", "a.vn", "https://", "ftp://a.vn"])
def test_a_public_address_that_telegram_does_not_call_is_refused(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DONGHANH_PUBLIC_URL", url)

    (line,) = refusal()

    assert line.startswith("DONGHANH_PUBLIC_URL: phải là địa chỉ https")


def test_a_bot_api_server_of_ones_own_may_call_without_https() -> None:
    own = settings.read(telegram_base_url="http://10.0.0.2:8081", public_url="http://10.0.0.3")

    assert own.public_url == "http://10.0.0.3"


def test_a_file_that_is_not_utf8_is_told(folder: Path) -> None:
    (folder / ".env").write_bytes(b"DONGHANH_WEB_PORT=8\xff0\n")

    (line,) = refusal()

    assert "UTF-8" in line


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONGHANH_TELEGRAM_TOKEN", "123456:planted")
    monkeypatch.setenv("DONGHANH_TELEGRAM_PROXY", "http://me:planted@proxy")

    assert "planted" not in repr(settings.read())


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_manual_lists_the_setting_with_its_default_and_help(name: str) -> None:
    field = Settings.model_fields[name]
    manual = MANUAL.read_text("utf-8").splitlines()

    assert field.description
    assert f"| `{variable(name)}` | {_default(name)} | {field.description} |" in manual


def _default(name: str) -> str:
    """As the manual writes it: `knowledge_folder` lies inside the installed program."""
    default = Settings.model_fields[name].default
    if name == "knowledge_folder":
        return "`knowledge/data` của bản cài"
    shown = default.get_secret_value() if hasattr(default, "get_secret_value") else default
    shown = "" if shown is None else shown
    return f"`{shown}`" if str(shown) else "(trống)"
