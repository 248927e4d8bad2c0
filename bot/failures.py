"""Failures that a person can mend: each as a sentence and an exit code, never as a traceback."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, ParamSpec, TypeVar

import typer

FAILED: Final = 1
DATA: Final = 65  # sysexits.h EX_DATAERR
BUSY: Final = 75  # sysexits.h EX_TEMPFAIL: somebody else holds the database
CONFIG: Final = 78  # sysexits.h EX_CONFIG

_STORE: Final[Mapping[str, tuple[str, int]]] = {
    "StoreBusy": (
        "Cơ sở dữ liệu đang do một tiến trình Đồng Hành khác giữ; hãy dừng nó trước",
        BUSY,
    ),
    "StoreTooNew": (
        "Cơ sở dữ liệu do bản Đồng Hành mới hơn ghi; hãy dùng bản mới, hoặc khôi phục bản sao cũ",
        FAILED,
    ),
    "StoreDamaged": (
        "Tệp này không phải cơ sở dữ liệu Đồng Hành còn nguyên vẹn; hãy khôi phục bản sao lưu",
        DATA,
    ),
    "StoreFull": ("Đĩa đã đầy nên không ghi được; hãy giải phóng chỗ trống", FAILED),
    "StoreOld": (
        "Cơ sở dữ liệu còn của bản Đồng Hành trước; hãy chạy donghanh run một lần để nâng cấp",
        FAILED,
    ),
    "StoreFailed": (
        "Không đọc hoặc ghi được cơ sở dữ liệu; hãy xem chỗ cần sửa bằng donghanh doctor",
        FAILED,
    ),
}
_FILES: Final = {
    errno.ENOENT: "không có tệp hoặc thư mục này",
    errno.EACCES: "không có quyền (hoặc tệp đang mở ở chương trình khác)",
    errno.EPERM: "không có quyền",
    errno.EISDIR: "đây là thư mục, không phải tệp",
    errno.ENOTDIR: "đường dẫn đi qua một tệp không phải thư mục",
    errno.ENOSPC: "đĩa đã đầy",
    errno.EROFS: "đĩa chỉ cho đọc",
    errno.EADDRINUSE: "cổng web đã có chương trình khác dùng",
}

P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def explained() -> Iterator[None]:
    """Turn expected failures into a sentence on standard error and an exit code.

    A closed pipe (`| head`) passes: its reader has what it wanted, and Typer ends without a word.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except Exception as error:
        told = _told(_alone(error))
        if told is None:
            raise
        message, code = told
        typer.echo(message, err=True)
        raise typer.Exit(code) from None


def _told(error: Exception) -> tuple[str, int] | None:
    from bot.settings import SettingsError
    from knowledge import KnowledgeError

    if isinstance(error, SettingsError):
        return f"Cài đặt chưa đúng:\n{error}", CONFIG
    if isinstance(error, KnowledgeError):
        return f"Tri thức có lỗi:\n{error}", DATA
    if isinstance(error, OSError):
        return _about_file(error), FAILED
    if type(error).__module__ == "bot.store.errors":  # not imported: `ask` needs no database
        sentence, code = _STORE[type(error).__name__]
        return f"{sentence}.\n({error})", code
    return None


def _alone(error: Exception) -> Exception:
    """The one error that a task group wraps; where there are several, the group."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _about_file(error: OSError) -> str:
    code = errno.ENOENT if isinstance(error, FileNotFoundError) else error.errno
    reason = _FILES.get(code or 0, error.strerror or str(error))
    named = error.filename or (error.args[0] if len(error.args) == 1 else "")
    return f"{named}: {reason}" if named else f"Không thực hiện được: {reason}"


def typed(read: Callable[P, T], /, *args: P.args, **options: P.kwargs) -> T:
    """Call *read*; its ValueError is about what was typed."""
    try:
        return read(*args, **options)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
