"""Every setting, its default and its meaning: from the environment or a `.env` file.

The help texts are what `docs/operations.md` lists; a test holds the two together.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from knowledge.loading import DATA

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PREFIX: Final = "DONGHANH_"
ENV_FILE: Final = Path(".env")  # in the folder in which the process was started
ENCODING: Final = "utf-8-sig"  # Notepad on Windows begins a file with a mark
Port = Annotated[int, Field(ge=0, le=65535)]


class SettingsError(Exception):
    """The settings cannot be used. The message names each one, and what is wrong with it."""


class Settings(BaseSettings):
    """Read once at start. Secrets never show in a repr or a log."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        env_file_encoding=ENCODING,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    data_folder: Path = Field(Path("data"), description="Thư mục chứa cơ sở dữ liệu và bản sao lưu")
    knowledge_folder: Path = Field(DATA, description="Thư mục tri thức YAML đang dùng")
    telegram_token: SecretStr = Field(
        SecretStr(""), description="Mã bot Telegram; để trống thì không dùng Telegram"
    )
    telegram_base_url: str = Field(
        "https://api.telegram.org", description="Địa chỉ máy chủ Bot API"
    )
    telegram_proxy: SecretStr = Field(
        SecretStr(""), description="Proxy HTTP tới Telegram, khi mạng không vào thẳng được"
    )
    telegram_per_second: float = Field(
        25.0, gt=0, le=1000, description="Số tin Telegram gửi mỗi giây, tối đa (miễn phí: 30)"
    )
    public_url: str = Field(
        "", description="Địa chỉ https công khai; có thì nhận tin bằng webhook thay vì hỏi định kỳ"
    )
    web_host: str = Field("127.0.0.1", description="Địa chỉ máy mà cổng web lắng nghe")
    web_port: Port = Field(8080, description="Cổng web (webhook và /health)")
    in_flight: int = Field(4, ge=1, le=100, description="Số tin đang gửi cùng lúc trên mỗi kênh")
    keep_messages_days: int = Field(
        90, ge=1, le=3650, description="Số ngày giữ nội dung tin nhắn trước khi xoá trắng"
    )
    reload_seconds: float = Field(
        5.0, gt=0, le=3600, description="Bao lâu kiểm tra một lần xem tri thức có sửa đổi"
    )
    log_level: str = Field(
        "INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="Mức ghi nhật ký: DEBUG, INFO, WARNING hoặc ERROR",
    )

    @property
    def database(self) -> Path:
        return self.data_folder / "donghanh.db"

    @property
    def cache_folder(self) -> Path:
        """Derived files that may be deleted at any time."""
        return self.data_folder / "cache"

    @property
    def keep_messages(self) -> timedelta:
        return timedelta(days=self.keep_messages_days)


def read(**overrides: Any) -> Settings:  # noqa: ANN401 - the fields' own types, checked below
    """The settings of this process; *overrides* win. Raises SettingsError with all that is wrong.

    A name that is none of ours is wrong too, in the file or where it begins like ours: a slip
    would otherwise leave its setting at the default, silently.
    """
    try:
        lines = [_unknown(name) for name in _strangers()]
        settings = Settings(**overrides)
    except ValidationError as error:
        told = map(_told, error.errors(include_input=False, include_url=False))
        raise SettingsError("\n".join(dict.fromkeys([*lines, *told]))) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{ENV_FILE}: tệp không phải UTF-8; hãy lưu lại với mã UTF-8") from None
    if lines:
        raise SettingsError("\n".join(lines))
    return settings


def variable(field: str) -> str:
    """The environment variable of a field."""
    return f"{PREFIX}{field.upper()}"


def _strangers() -> list[str]:
    """The names that nobody reads: all of the file's, and the environment's with our prefix."""
    ours = [name.upper() for name in os.environ if name.upper().startswith(PREFIX)]
    in_file = [name.upper() for name in dotenv_values(ENV_FILE, encoding=ENCODING)]
    known = set(map(variable, Settings.model_fields))
    return sorted({*ours, *in_file} - known)


def _unknown(name: str) -> str:
    bare = name.removeprefix(PREFIX).lower()
    near = difflib.get_close_matches(bare, Settings.model_fields, n=1, cutoff=0.7)
    likely = f"có phải {variable(near[0])} không ạ?" if near else "hãy bỏ dòng này"
    return f"{name}: không có cài đặt nào tên như vậy; {likely}"


def _told(error: ErrorDetails) -> str:
    """One wrong setting in a line, without the value: it may be a secret."""
    field = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        return _unknown(field.upper())
    wanted = _WANTED.get(error["type"], error["msg"])
    return f"{variable(field)}: {wanted.format_map(error.get('ctx', {}))}"


_WANTED: Final[Mapping[str, str]] = {
    "int_parsing": "phải là số nguyên",
    "int_from_float": "phải là số nguyên",
    "float_parsing": "phải là số",
    "finite_number": "phải là số",
    "greater_than": "phải lớn hơn {gt}",
    "greater_than_equal": "phải từ {ge} trở lên",
    "less_than_equal": "tối đa là {le}",
    "string_pattern_mismatch": "phải có dạng {pattern}",
}
