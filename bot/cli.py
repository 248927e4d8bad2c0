"""The command line. Each command imports what it needs itself: `ask` must start in a blink."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec, TypeVar

import typer

from bot import (
    cli_deadlines,
    cli_drafts,
    cli_leads,
    cli_quality,
    cli_staff,
    cli_stats,
    cli_unanswered,
)
from bot.failures import DATA, FAILED, explained, typed
from bot.terminal import Command, Group, speak_utf8

if TYPE_CHECKING:
    from bot.settings import Settings
    from knowledge.entries import Knowledge

HELP = """Đồng Hành: trợ lý hướng dẫn doanh nghiệp về Giải thưởng Chất lượng Quốc gia.

Cài đặt đọc từ biến môi trường DONGHANH_… hoặc tệp .env (xem docs/operations.md).

Mã thoát:
  0   xong
  1   không thực hiện được (lý do in ra màn hình)
  2   gõ lệnh chưa đúng
  65  tri thức hoặc tệp dữ liệu có lỗi
  75  một tiến trình khác đang giữ cơ sở dữ liệu
  78  cài đặt chưa đúng
"""

P = ParamSpec("P")
T = TypeVar("T")

cli = typer.Typer(
    cls=Group,
    name="donghanh",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help=HELP,
)
cli.add_typer(cli_leads.cli, name="leads")
cli.add_typer(cli_staff.cli, name="staff")
cli.add_typer(cli_drafts.cli, name="broadcast")
cli.add_typer(cli_deadlines.cli, name="deadlines")
cli.add_typer(cli_stats.cli, name="stats")
cli.add_typer(cli_unanswered.cli, name="unanswered")
cli_quality.register(cli)

Day = Annotated[
    datetime | None,
    typer.Option("--date", formats=["%Y-%m-%d"], help="Tính như đang ở ngày này (năm-tháng-ngày)."),
]


def main() -> None:
    """Run the command line; expected failures become a sentence and an exit code."""
    speak_utf8()
    cli()


def _version(wanted: bool) -> None:  # noqa: FBT001 - Typer calls it with the flag
    if wanted:
        from importlib.metadata import version

        typer.echo(f"donghanh {version('donghanh')}")
        raise typer.Exit


@cli.callback()
def common(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="In số phiên bản.")
    ] = False,
) -> None:
    """Take the options that stand before every command."""


@cli.command(cls=Command)
def run() -> None:
    """Chạy trợ lý trên các kênh đã cấu hình.

    Chưa cấu hình kênh nào thì trò chuyện ngay trong cửa sổ này. Ctrl+C để dừng: trợ lý gửi nốt tin
    đang chờ rồi mới thoát.

    Ví dụ:
      donghanh run
      DONGHANH_TELEGRAM_TOKEN=123:abc donghanh run
    """
    from bot import serving

    with explained():
        serving.serve(_settings(), None)


@cli.command(cls=Command)
def chat() -> None:
    """Trò chuyện ngay trong cửa sổ này, không cần tài khoản nào.

    Hội thoại và phiếu được lưu như trên mọi kênh. Ctrl+D (Windows: Ctrl+Z rồi Enter) để kết thúc.

    Ví dụ:
      donghanh chat
    """
    from bot import app, serving
    from bot.clock import SystemClock

    with explained():
        settings = _settings()
        serving.serve(settings, [app.terminal(settings, SystemClock())])


@cli.command(cls=Command)
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
    """Hỏi một câu rồi thoát; không lưu gì cả.

    Với --batch, mỗi câu hỏi cho một dòng JSON, theo thứ tự trong tệp.

    Ví dụ:
      donghanh ask "hồ sơ gồm những gì"
      donghanh ask "ho so gom nhung gi" --explain
      donghanh ask "hạn nộp hồ sơ" --date 2026-08-01 --json
      donghanh ask --batch cau-hoi.tsv > tra-loi.jsonl
    """
    from bot import asking
    from bot.channels.text import plain, written
    from bot.clock import SystemClock
    from knowledge.clock import noon

    if bool(question.strip()) == (batch is not None):
        raise typer.BadParameter("cần đúng một: một câu hỏi trong dấu nháy, hoặc --batch TỆP")
    with explained(), asyncio.Runner() as runner:
        questions = typed(asking.questions, batch) if batch else [question]
        knowledge = _knowledge(_settings())
        now = noon(on.date()) if on else SystemClock().now()
        for each in questions:
            step = runner.run(asking.ask(knowledge, each, now))
            reasons = asking.explain(knowledge, each, step, now) if why else ""
            if as_json or batch:
                data = asking.as_data(knowledge, each, step, now)
                data |= {"explanation": reasons} if why else {}
                print(json.dumps(data, ensure_ascii=False))
            else:
                said = [plain(written(reply)) for reply in step.replies]
                print("\n\n".join([*said, reasons] if why else said))


@cli.command(cls=Command)
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="Thư mục tri thức; mặc định là thư mục đang dùng.")
    ] = None,
    on: Day = None,
    revision: Annotated[
        str, typer.Option("--against", help="So với bản git này: câu hỏi nào đổi câu trả lời.")
    ] = "",
) -> None:
    """Kiểm tra tri thức: mọi lỗi kèm tệp, dòng và cách sửa.

    In cả điều nên xem sớm: câu trả lời quá hạn rà soát, văn bản đã hết hiệu lực, cách hỏi dễ lạc
    sang mục khác. Có lỗi thì mã thoát là 65; chỉ có điều nhắc thì là 0.

    Ví dụ:
      donghanh check
      donghanh check ban-nhap/ --date 2027-01-01
      donghanh check --against HEAD
    """
    from bot import checking
    from bot.clock import SystemClock

    with explained():
        settings = _settings()
        today = on.date() if on else SystemClock().now().date()
        cache = settings.cache_folder
        if folder is not None:
            cache /= "check"  # a draft must not drive out what the running assistant compiled
        checked = folder or settings.knowledge_folder
        report = checking.check(checked, today, cache)
        if revision and not report.failed:
            report = checking.against(checked, revision, today, cache, settings.database)
        for line in report.lines:
            print(line)
    raise typer.Exit(DATA if report.failed else 0)


@cli.command(cls=Command)
def backup(
    target: Annotated[
        Path | None,
        typer.Argument(help="Tệp sao lưu; mặc định data/backups/donghanh-NGÀY-GIỜ.db."),
    ] = None,
) -> None:
    """Sao lưu cơ sở dữ liệu, cả khi trợ lý đang chạy, và kiểm tra bản sao.

    Chép tay tệp donghanh.db khi đang chạy thì mất dữ liệu; hãy dùng lệnh này.

    Ví dụ:
      donghanh backup
      donghanh backup /mnt/sao-luu/donghanh.db
    """
    from bot.clock import SystemClock
    from bot.store import backup as store_backup

    with explained():
        settings = _settings()
        name = f"donghanh-{SystemClock().now():%Y%m%d-%H%M%S}.db"
        if target is None:
            target = settings.data_folder / "backups" / name
            target.parent.mkdir(parents=True, exist_ok=True)
        made = store_backup.backup(settings.database, target)
        print(f"Đã sao lưu vào {made.path} ({sum(made.rows.values())} dòng, kiểm tra đạt).")


@cli.command(cls=Command)
def restore(
    source: Annotated[Path, typer.Argument(help="Tệp sao lưu cần khôi phục.")],
) -> None:
    """Khôi phục từ bản sao lưu; hãy dừng trợ lý trước.

    Tệp hiện tại được cất bên cạnh. Tin chờ gửi trong bản sao không tự gửi lại. Ai đã xoá dữ liệu
    sau lần sao lưu thì có lại trong bản này: hãy xoá lại.

    Ví dụ:
      donghanh restore data/backups/donghanh-20261120-073000.db
    """
    from bot.store import backup as store_backup

    with explained():
        settings = _settings()
        settings.data_folder.mkdir(parents=True, exist_ok=True)
        restored = store_backup.restore(source, settings.database)
        print(f"Đã khôi phục. Tệp trước đó: {restored.replaced or 'không có'}.")
        print(f"Tin chờ gửi đã dừng lại: {restored.held} giữ, {restored.cancelled} huỷ.")


@cli.command(cls=Command)
def doctor() -> None:
    """Khám tổng quát: cài đặt, tri thức, cơ sở dữ liệu, kênh.

    Mỗi điều một dòng: ĐẠT, NHẮC hoặc LỖI, kèm cách sửa. Có LỖI thì mã thoát là 1. Không đổi gì.

    Ví dụ:
      donghanh doctor
    """
    from bot import checkup
    from bot.clock import SystemClock

    with explained():
        findings = asyncio.run(checkup.examine(_settings(), SystemClock().now()))
        for finding in findings:
            print(finding)
    raise typer.Exit(0 if all(finding.well for finding in findings) else FAILED)


def _settings() -> Settings:
    from bot.settings import read

    return read()


def _knowledge(settings: Settings) -> Knowledge:
    from bot.clock import SystemClock
    from knowledge import load

    today = SystemClock().now().date()
    return load(settings.knowledge_folder, today=today, cache=settings.cache_folder)
