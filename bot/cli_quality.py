"""The commands that measure and improve the answers: `evaluate`, `suggest`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.failures import explained
from bot.terminal import Command

if TYPE_CHECKING:
    from bot.quality.evaluation import Report
    from bot.quality.questions import Sheet
    from bot.quality.subjects import Subject

Day = Annotated[
    datetime | None,
    typer.Option("--date", formats=["%Y-%m-%d"], help="Tính như đang ở ngày này (năm-tháng-ngày)."),
]


def register(cli: typer.Typer) -> None:
    """Add the commands to the command line."""
    cli.command(cls=Command)(evaluate)
    cli.command(cls=Command)(suggest)


def evaluate(  # noqa: PLR0913 - an argument for each option
    file: Annotated[
        Path, typer.Argument(help="TSV có cột topic hoặc entry, cột question, có thể cột style.")
    ],
    *,
    variants: Annotated[
        Path | None,
        typer.Option("--index", help="TSV có cột entry, variant: đo kho này thay kho đang dùng."),
    ] = None,
    noise: Annotated[str, typer.Option(help="Làm nhiễu câu hỏi; “all” là mọi loại.")] = "",
    seed: Annotated[int, typer.Option(help="Số gieo của nhiễu: cùng số thì cùng kết quả.")] = 1,
    misses: Annotated[
        Path | None, typer.Option(help="Ghi mọi câu chưa đúng ra tệp TSV này (ghi đè nếu có).")
    ] = None,
    on: Day = None,
    as_json: Annotated[bool, typer.Option("--json", help="In các số đo thành JSON.")] = False,
) -> None:
    """Đo chất lượng trả lời trên một tệp câu hỏi.

    Cột topic (hoặc entry) để trống hay ghi out_of_scope: câu phải từ chối; có cả hai cột thì dòng
    trống entry chấm theo topic. Ghi hai chủ đề cách nhau bởi | : tin nhắn hỏi hai ý. Nhiễu:
    no-diacritics, typo1, typo2, no-diacritics-typo, telex, vni, teencode, abbreviations, all.

    Ví dụ:
      donghanh evaluate cau-hoi.tsv --misses chua-dung.tsv
      donghanh evaluate cau-hoi.tsv --noise all
      donghanh evaluate hoi.tsv --index kho-khac.tsv --json
    """
    from bot.quality import evaluation
    from bot.quality.noise import NOISES

    if noise and noise not in (*NOISES, evaluation.ALL):
        raise typer.BadParameter(f"nhiễu phải là một trong: {', '.join(NOISES)}, all")
    with explained():
        try:
            sheet, subject = _asked_of(file, variants, on)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
        results = {
            name: asyncio.run(evaluation.evaluate(subject, sheet, noise=name, seed=seed))
            for name in evaluation.noises(noise)
        }
        reports = {name: evaluation.report(subject, each) for name, each in results.items()}
        _print(reports, as_json=as_json)
        if misses:
            count = evaluation.write_misses(results, misses)
            typer.echo(f"Đã ghi {count} câu chưa đúng vào {misses}", err=True)


def suggest(
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%d"], help="Chỉ tính từ ngày này."),
    ] = None,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="In một đối tượng JSON mỗi dòng.")
    ] = False,
) -> None:
    """Liệt kê cách hỏi nên thêm vào tri thức, nhiều người hỏi nhất trước.

    Lấy từ lần bấm “ý anh/chị là…” và từ câu chưa trả lời được. Không tự sửa gì; số điện thoại,
    thư điện tử và mã số đã được che. Xem được khi trợ lý đang chạy.

    Ví dụ:
      donghanh suggest
      donghanh suggest --since 2026-11-01 --json
    """
    from bot.clock import SystemClock
    from bot.quality import suggesting
    from bot.settings import read
    from knowledge import load
    from knowledge.clock import VIETNAM

    with explained():
        settings = read()
        today = SystemClock().now().date()
        knowledge = load(settings.knowledge_folder, today=today, cache=settings.cache_folder)
        began = since.replace(tzinfo=VIETNAM) if since else None
        evidence = suggesting.read(settings.database, began)
        suggestions = suggesting.suggest(knowledge, evidence, today)
        for each in suggestions:
            print(json.dumps(each.as_data(), ensure_ascii=False) if as_json else each)
        if not suggestions:
            typer.echo("Chưa có cách hỏi nào nên thêm.", err=True)


def _print(reports: Mapping[str, Report], *, as_json: bool) -> None:
    from bot.quality import evaluation

    if as_json:
        data = {name: each.as_data() for name, each in reports.items()}
        print(json.dumps(data, ensure_ascii=False))
    else:
        print("\n".join(evaluation.lines(reports)))


def _asked_of(file: Path, variants: Path | None, on: datetime | None) -> tuple[Sheet, Subject]:
    """The questions and whom to ask them. Raises ValueError about what was typed."""
    from bot.clock import SystemClock
    from bot.quality.questions import read_questions, read_variants
    from bot.quality.subjects import Assistant, BareIndex
    from bot.settings import read
    from knowledge import load
    from knowledge.clock import noon
    from knowledge.index import Index

    sheet = read_questions(file)
    if variants is not None:
        known = read_variants(variants)
        sheet.check(known, known, file)
        return sheet, BareIndex(Index.build(known))
    settings = read()
    now = noon(on.date()) if on else SystemClock().now()
    knowledge = load(settings.knowledge_folder, today=now.date(), cache=settings.cache_folder)
    topics = {entry.topic for entry in knowledge.entries.values()}
    sheet.check(topics, knowledge.entries, file)
    return sheet, Assistant(knowledge, now)
