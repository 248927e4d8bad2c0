"""Every setting, its default and its meaning: from the environment or a `.env` file.

The help texts are what `docs/operations.md` lists; a test holds the two together.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from knowledge.loading import DATA

PREFIX = "DONGHANH_"
Port = Annotated[int, Field(ge=0, le=65535)]


class SettingsError(Exception):
    """The settings cannot be used. The message names each one, and what is wrong with it."""


class Settings(BaseSettings):
    """Read once at start. Secrets never show in a repr or a log."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="forbid", frozen=True, hide_input_in_errors=True
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
    """The settings of this process; *overrides* win. Raises SettingsError."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        lines = [
            f"{PREFIX}{'.'.join(map(str, each['loc'])).upper()}: {each['msg']}"
            for each in error.errors(include_input=False, include_url=False)
        ]
        raise SettingsError("\n".join(lines)) from None
