"""The command line. Each command imports what it needs itself: `ask` must start in a blink."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.channels import Channel
    from bot.settings import Settings
    from knowledge.entries import Knowledge

BUSY = 75  # sysexits.h EX_TEMPFAIL: somebody else holds the database
CONFIG = 78  # sysexits.h EX_CONFIG
DATA = 65  # sysexits.h EX_DATAERR

cli = typer.Typer(
    name="donghanh",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Đồng Hành: trợ lý hướng dẫn doanh nghiệp về Giải thưởng Chất lượng Quốc gia.",
)
leads = typer.Typer(no_args_is_help=True, help="Danh sách doanh nghiệp đã đăng ký quan tâm.")
cli.add_typer(leads, name="leads")

Day = Annotated[
    datetime | None,
    typer.Option("--date", formats=["%Y-%m-%d"], help="Hỏi như đang ở ngày này (năm-tháng-ngày)."),
]


def main() -> None:
    """Run the command line; expected failures become one line and an exit code."""
    cli()


@cli.command()
def run() -> None:
    """Chạy trợ lý trên các kênh đã cấu hình; chưa có kênh nào thì trò chuyện ngay tại đây."""
    with _explained():
        settings = _settings()
        _serve(settings, None)


@cli.command()
def chat() -> None:
    """Trò chuyện với trợ lý ngay trong cửa sổ dòng lệnh, không cần tài khoản nào."""
    from bot.channels.console import ConsoleChannel
    from bot.clock import SystemClock

    with _explained():
        _serve(_settings(), [ConsoleChannel(SystemClock().now)])


@cli.command()
def ask(
    question: Annotated[str, typer.Argument(help="Câu hỏi, để trong dấu nháy.")] = "",
    batch: Annotated[
        Path | None,
        typer.Option(help="Tệp câu hỏi: mỗi dòng một câu, hoặc TSV có cột question."),
    ] = None,
    on: Day = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="In một đối tượng JSON mỗi câu.")] = False,
    why: Annotated[
        bool, typer.Option("--explain", help="Nói thêm vì sao chọn câu trả lời này.")
    ] = False,
) -> None:
    """Hỏi một câu rồi thoát; không lưu gì cả."""
    import json

    from bot import asking
    from bot.channels.text import plain, written
    from bot.clock import SystemClock
    from knowledge.clock import noon

    with _explained():
        if not question and batch is None:
            raise typer.BadParameter("cần một câu hỏi, hoặc --batch TỆP")
        knowledge = _knowledge(_settings())
        now = noon(on.date()) if on else SystemClock().now()
        for each in asking.questions(batch) if batch else [question]:
            step = asyncio.run(asking.ask(knowledge, each, now))
            if as_json or batch:
                print(json.dumps(asking.as_data(knowledge, each, step, now), ensure_ascii=False))
            else:
                print("\n\n".join(plain(written(reply)) for reply in step.replies))
            if why:
                print(f"\n{asking.explain(knowledge, each, now)}")


@cli.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="Thư mục tri thức; mặc định là thư mục đang dùng.")
    ] = None,
    on: Day = None,
) -> None:
    """Kiểm tra tri thức: in mọi lỗi kèm tệp, dòng và cách sửa. Có lỗi thì thoát khác 0."""
    from bot.checking import check as run_check
    from bot.clock import SystemClock

    with _explained():
        settings = _settings()
        today = on.date() if on else SystemClock().now().date()
        report = run_check(folder or settings.knowledge_folder, today, settings.cache_folder)
        for line in report.lines:
            print(line)
        raise typer.Exit(DATA if report.failed else 0)


@leads.command("list")
def leads_list(
    form: Annotated[str, typer.Option(help="Chỉ lấy phiếu này.")] = "",
    programme: Annotated[str, typer.Option(help="Chỉ lấy chương trình này (mã).")] = "",
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Chỉ lấy từ ngày này.")
    ] = None,
) -> None:
    """In danh sách doanh nghiệp đã đăng ký."""
    from bot import lead_list

    with _explained():
        settings = _settings()
        found = asyncio.run(
            lead_list.read(settings.database, lead_list.wanted(form, programme, since))
        )
        lead_list.show(found, _knowledge(settings))


@leads.command("export")
def leads_export(
    target: Annotated[Path, typer.Argument(help="Tệp .xlsx hoặc .csv sẽ ghi.")],
    form: Annotated[str, typer.Option(help="Chỉ lấy phiếu này.")] = "",
    programme: Annotated[str, typer.Option(help="Chỉ lấy chương trình này (mã).")] = "",
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Chỉ lấy từ ngày này.")
    ] = None,
) -> None:
    """Xuất danh sách doanh nghiệp ra .xlsx hoặc .csv (mở được bằng Excel)."""
    from bot import lead_list

    with _explained():
        settings = _settings()
        found = asyncio.run(
            lead_list.read(settings.database, lead_list.wanted(form, programme, since))
        )
        lead_list.export(found, _knowledge(settings), target)
        print(f"Đã ghi {len(found)} doanh nghiệp vào {target}")


@cli.command()
def backup(
    target: Annotated[
        Path | None, typer.Argument(help="Tệp sao lưu; mặc định đặt tên theo giờ hiện tại.")
    ] = None,
) -> None:
    """Sao lưu cơ sở dữ liệu khi đang chạy, và kiểm tra bản sao."""
    from bot.clock import SystemClock
    from bot.store import backup as store_backup

    with _explained():
        settings = _settings()
        name = f"donghanh-{SystemClock().now():%Y%m%d-%H%M%S}.db"
        made = store_backup.backup(
            settings.database, target or settings.data_folder / "backups" / name
        )
        print(f"Đã sao lưu vào {made.path} ({made.rows} dòng, kiểm tra đạt)")


@cli.command()
def restore(
    source: Annotated[Path, typer.Argument(help="Tệp sao lưu cần khôi phục.")],
) -> None:
    """Khôi phục từ bản sao lưu. Tệp hiện tại được cất bên cạnh; tin chờ gửi không tự gửi lại."""
    from bot.store import backup as store_backup

    with _explained():
        restored = store_backup.restore(source, _settings().database)
        print(f"Đã khôi phục. Tệp trước đó: {restored.replaced or 'không có'}.")
        print(f"Tin chờ gửi đã dừng lại: {restored.held} giữ, {restored.cancelled} huỷ.")


@cli.command()
def doctor() -> None:
    """Khám tổng quát: cài đặt, tri thức, cơ sở dữ liệu, kênh. Nói rõ chỗ nào cần sửa."""
    from bot import checkup
    from bot.clock import SystemClock

    with _explained():
        findings = asyncio.run(checkup.examine(_settings(), SystemClock().now()))
        for finding in findings:
            print(finding)
        raise typer.Exit(0 if all(finding.well for finding in findings) else 1)


def _settings() -> Settings:
    from bot.settings import read

    return read()


def _knowledge(settings: Settings) -> Knowledge:
    from bot.clock import SystemClock
    from knowledge import load

    today = SystemClock().now().date()
    return load(settings.knowledge_folder, today=today, cache=settings.cache_folder)


def _serve(settings: Settings, channels: list[Channel] | None) -> None:
    from bot import serving

    serving.serve(settings, channels)


@contextmanager
def _explained() -> Iterator[None]:
    """Turn the failures that a person can mend into their message and an exit code."""
    from bot.settings import SettingsError
    from knowledge import KnowledgeError

    try:
        yield
    except SettingsError as error:
        _fail(f"Cài đặt chưa đúng:\n{error}", CONFIG)
    except KnowledgeError as error:
        _fail(f"Tri thức có lỗi:\n{error}", DATA)
    except OSError as error:
        _fail(f"Không đọc hoặc ghi được tệp: {error}", 1)
    except Exception as error:
        message = _store_failure(error)
        if message is None:
            raise
        _fail(*message)


def _store_failure(error: Exception) -> tuple[str, int] | None:
    if type(error).__module__ != "bot.store.errors":
        return None
    from bot.store.errors import StoreBusy

    code = BUSY if isinstance(error, StoreBusy) else 1
    return f"Cơ sở dữ liệu chưa dùng được: {error}", code


def _fail(message: str, code: int) -> None:
    print(message, file=sys.stderr)
    raise typer.Exit(code)
