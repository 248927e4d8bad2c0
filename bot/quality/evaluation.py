"""Asking a whole question set, clean or spoilt, and telling what came of it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from bot.quality.noise import NOISES, spoil
from bot.quality.questions import BOTH, Sheet
from bot.quality.scores import (
    FOLLOW_UP,
    IN_CONTEXT,
    Compared,
    Rates,
    Strangers,
    Tried,
    attempt,
    calibration_error,
    confused,
    grouped,
    policies,
    rates,
    social,
    strangers,
)
from bot.quality.subjects import Subject

CLEAN: Final = "clean"
ALL: Final = "all"
PAIRS_SHOWN: Final = 12
LINES_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every question of a sheet with what came of it; *in_context* are its follow-ups again."""

    tried: tuple[Tried, ...]
    in_context: tuple[Tried, ...]
    unread: tuple[int, ...] = ()

    def missed(self) -> Iterator[Tried]:
        """What was not answered or offered rightly; of what was asked in context, its style."""
        yield from (each for each in self.tried if each.missed)
        for each in self.in_context:
            if each.missed:
                yield replace(each, question=replace(each.question, style=IN_CONTEXT))


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one evaluation; all but counts are shares from 0 to 1.

    *unread* are the lines of the file that hold no question.
    """

    unread: Sequence[int]
    rates: Rates
    strangers: Strangers
    greeted: tuple[int, int]
    calibration_error: float
    by_topic: Mapping[str, Rates]
    by_style: Mapping[str, Rates]
    policies: Mapping[str, Compared]
    confused: Sequence[tuple[str, str, int]]

    def as_data(self) -> dict[str, Any]:
        """The same as plain values for JSON."""
        data = asdict(self)
        data["greeted"] = {"asked": self.greeted[0], "right": self.greeted[1]}
        data["confused"] = [
            {"wanted": wanted, "got": got, "count": count} for wanted, got, count in self.confused
        ]
        return data


async def evaluate(
    subject: Subject, sheet: Sheet, *, noise: str = CLEAN, seed: int = 1
) -> Evaluation:
    """Ask every question, spoilt by *noise*; follow-ups once more after their topic.

    Equal arguments give equal results.
    """
    tried, again = [], []
    for question in sheet.questions.values():
        text = question.text if noise == CLEAN else spoil(question.text, noise, seed)
        asked = replace(question, text=text)
        tried.append(await attempt(subject, asked))
        if question.style == FOLLOW_UP and tried[-1].in_scope:
            topic = subject.labels(question)[0]
            again.append(await attempt(subject, asked, after=topic))
    return Evaluation(tuple(tried), tuple(again), tuple(sheet.unread))


def report(subject: Subject, evaluation: Evaluation) -> Report:
    """Sum up; follow-ups count without their context, and have a line of their own with it."""
    tried = evaluation.tried
    styles = grouped(tried, lambda question: [question.style] if question.style else [])
    if evaluation.in_context:
        styles[IN_CONTEXT] = list(evaluation.in_context)
    topics = grouped((each for each in tried if each.in_scope), lambda question: question.wanted)
    return Report(
        evaluation.unread,
        rates(tried),
        strangers(tried),
        social(tried),
        calibration_error(tried),
        {name: rates(own) for name, own in topics.items()},
        {name: rates(own) for name, own in styles.items() if any(each.in_scope for each in own)},
        policies(subject, tried),
        confused(tried),
    )


def noises(asked: str) -> Sequence[str]:
    """The noises that *asked* names: none, one, or "all" beside the clean questions."""
    if asked == ALL:
        return (CLEAN, *NOISES)
    return (asked,) if asked else (CLEAN,)


def write_misses(evaluations: Mapping[str, Evaluation], path: Path) -> int:
    """Write all that was missed, of each noise, as it was asked; give their number."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(
            file, delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None, escapechar="\\"
        )
        table.writerow(("wanted", "style", "question", "result", "names", "ranked", "noise"))
        missed = [(noise, each) for noise, own in evaluations.items() for each in own.missed()]
        for noise, each in missed:
            ranked = ", ".join(f"{name} {sure:.2f}" for name, sure in each.judgement.ranked[:3])
            question = each.question
            names = BOTH.join(each.judgement.act.names)
            row = (BOTH.join(question.wanted), question.style, question.text, each.result, names)
            table.writerow((*row, ranked, noise))
    return len(missed)


# For a person ----------------------------------------------------------------------------------

_COLUMNS: Final = ("số câu", "hạng 1", "3 hạng đầu", "đúng", "sai", "trong lựa chọn", "từ chối")
_COMPARED: Final = ("trả lời đúng", "trả lời sai", "ngoài PV trả lời", "ngoài PV gợi ý")


def lines(reports: Mapping[str, Report]) -> Iterator[str]:
    """Reports by noise as a person reads them on a screen: the first in full, then a row each."""
    first = next(iter(reports.values()))
    yield from _summary(first)
    for title, rows in (("Theo chủ đề", first.by_topic), ("Theo kiểu câu", first.by_style)):
        if len(rows) > 1:
            yield f"\n{title}"
            yield from _table(rows)
    yield "\nMức tin cậy: dự kiến / đo được (câu hỏi trần, không hội thoại)"
    yield from _policies(first)
    if first.confused:
        yield "\nHay lẫn (mong đợi → máy xếp hạng 1)"
        for wanted, got, count in first.confused[:PAIRS_SHOWN]:
            yield f"  {count:>3}  {wanted} → {got}"
    if len(reports) > 1:
        yield "\nTheo loại nhiễu"
        yield from _table({name: each.rates for name, each in reports.items()})
        strange = max(each.strangers.answered for each in reports.values())
        yield f"  câu ngoài phạm vi bị trả lời: nhiều nhất {strange:.1%}"


def _policies(report: Report) -> Iterator[str]:
    yield f"  {'':<8}" + "".join(f"{column:>20}" for column in _COMPARED)
    for policy, compared in report.policies.items():
        pairs = [
            f"{expected:.1%} / {compared.measured[name]:.1%}"
            for name, expected in compared.expected.items()
        ]
        yield f"  {policy:<8}" + "".join(f"{pair:>20}" for pair in pairs)


def _summary(report: Report) -> Iterator[str]:
    inside, outside = report.rates, report.strangers
    if inside.asked:
        yield f"Câu hỏi trong phạm vi: {inside.asked}"
        yield f"  đúng ở hạng 1               {inside.top1:6.1%}"
        yield f"  đúng trong 3 hạng đầu       {inside.top3:6.1%}"
        yield f"  trả lời thẳng, đúng         {inside.right:6.1%}   (trả lời một trong hai ý: nửa)"
        yield f"  trả lời thẳng, sai          {inside.wrong:6.1%}"
        yield f"  gợi ý, có câu đúng          {inside.offered:6.1%}"
        yield f"  gợi ý, không có câu đúng    {inside.misoffered:6.1%}"
        yield f"  xin chuyển cán bộ           {inside.declined:6.1%}"
    if outside.asked:
        yield f"Câu hỏi ngoài phạm vi: {outside.asked}"
        yield f"  bị trả lời nhầm             {outside.answered:6.1%}"
        yield f"  bị gợi ý nhầm               {outside.offered:6.1%}"
    if report.greeted[0]:
        yield f"Câu xã giao: {report.greeted[0]}, đáp đúng {report.greeted[1]}"
    yield f"Sai số hiệu chỉnh (ECE): {report.calibration_error:.3f}"
    if report.unread:
        some = ", ".join(map(str, report.unread[:LINES_SHOWN]))
        more = ", …" if len(report.unread) > LINES_SHOWN else ""
        yield f"Dòng không có câu hỏi nên bỏ qua: {len(report.unread)} (dòng {some}{more})"


def _table(rows: Mapping[str, Rates]) -> Iterator[str]:
    width = max(map(len, rows))
    yield f"  {'':<{width}}" + "".join(f"{column:>16}" for column in _COLUMNS)
    for name, each in rows.items():
        shares = (each.top1, each.top3, each.right, each.wrong, each.offered, each.declined)
        yield f"  {name:<{width}}{each.asked:>16}" + "".join(f"{share:>16.1%}" for share in shares)
