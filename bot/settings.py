"""Every setting, its default and its meaning: from the environment or a `.env` file.

The help texts are what `docs/operations.md` lists; a test holds the two together.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from knowledge.loading import DATA

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PREFIX: Final = "DONGHANH_"
ENV_FILE: Final = Path(".env")  # in the folder in which the process was started
ENCODING: Final = "utf-8-sig"  # Notepad on Windows begins a file with a mark
TELEGRAM: Final = "https://api.telegram.org"
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_NOT_FROM_BOTFATHER: Final = (
    "phải có dạng 123456789:AA… (số, dấu hai chấm, rồi chữ không dấu, số, dấu - hoặc _); "
    "hãy chép lại nguyên mã từ @BotFather"
)
_NO_HTTPS: Final = (
    "phải là địa chỉ https đầy đủ như https://tro-ly.so-khcn.gov.vn: Telegram chỉ gửi tới https"
)
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
    telegram_base_url: str = Field(TELEGRAM, description="Địa chỉ máy chủ Bot API")
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
    answer_minutes: int = Field(
        120,
        ge=1,
        le=10_000,
        description="Số phút làm việc chờ cán bộ trả lời trước khi báo người dự bị; "
        "gấp đôi thì báo người phụ trách",
    )
    talk_hours: int = Field(
        24,
        ge=1,
        le=1_000,
        description="Số giờ làm việc kể từ lời cuối của cán bộ mà sau đó trợ lý lại tự trả lời",
    )
    reload_seconds: float = Field(
        5.0, gt=0, le=3600, description="Bao lâu kiểm tra một lần xem tri thức có sửa đổi"
    )
    evaluation_file: Path | None = Field(
        None,
        description="Tệp câu hỏi riêng (TSV) mà câu trả lời mới không được làm kém đi; để trống "
        "thì dùng evaluation.tsv của thư mục tri thức; không có nữa thì xét trên các câu đã "
        "trả lời",
    )
    log_level: str = Field(
        "INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="Mức ghi nhật ký: DEBUG, INFO, WARNING hoặc ERROR",
    )

    @field_validator("telegram_token")
    @classmethod
    def _token_of_botfather(cls, given: SecretStr) -> SecretStr:
        token = given.get_secret_value()
        if token and not _TOKEN.fullmatch(token):
            raise PydanticCustomError("token", _NOT_FROM_BOTFATHER)
        return given

    @field_validator("public_url")
    @classmethod
    def _reachable_by_telegram(cls, given: str, info: ValidationInfo) -> str:
        """Telegram's own server calls nothing but https; a Bot API server of one's own does."""
        plain = ("https",) if info.data.get("telegram_base_url") == TELEGRAM else ("https", "http")
        url = urlsplit(given)
        if given and (url.scheme not in plain or not url.hostname):
            raise PydanticCustomError("public_url", _NO_HTTPS)
        return given

    @property
    def database(self) -> Path:
        return self.data_folder / "donghanh.db"

    @property
    def cache_folder(self) -> Path:
        """Derived files that may be deleted at any time."""
        return self.data_folder / "cache"

    @property
    def answer_within(self) -> timedelta:
        """In working time."""
        return timedelta(minutes=self.answer_minutes)

    @property
    def talk_silence(self) -> timedelta:
        """In working time."""
        return timedelta(hours=self.talk_hours)

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
