"""The rows behind the figures, as the command line prints them: one a line, in words, tabs between.

Each list has its columns, and each of its rows a cell for each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.channels.text import one_line
from bot.operations import figures
from bot.operations.periods import Period
from bot.operations.rights import Actor
from bot.staff_chat import figure_words
from bot.store.database import Work
from bot.store.figure_rows import Call, Left, Page, Question, Sent, Stood
from bot.store.figures import Announced
from bot.unanswered_list import REASONS
from knowledge.clock import VIETNAM
from knowledge.entries import Knowledge

WHOLE: Final = Page(-1)


@dataclass(frozen=True, slots=True)
class List:
    """One list: its columns, where its rows come from, and the cells of one."""

    columns: Sequence[str]
    found: Callable[..., Any]
    cells: Callable[[Knowledge, Any], Sequence[str]]
    knows: bool = False  # whether finding them takes the knowledge


def reading(what: str, period: Period, knowledge: Knowledge, by: Actor) -> Work[Sequence[Any]]:
    """What reads the rows of a list of `LISTS`. It raises NotAllowed."""
    chosen = LISTS[what]
    with_ = (knowledge, by) if chosen.knows else (by,)
    return lambda db: chosen.found(db, period, *with_, WHOLE)


def lines(what: str, rows: Sequence[Any], knowledge: Knowledge) -> list[str]:
    """A line for the columns, then one for each row."""
    chosen = LISTS[what]
    cells = [chosen.columns, *(chosen.cells(knowledge, row) for row in rows)]
    return ["\t".join(map(one_line, each)) for each in cells]


def _question(knowledge: Knowledge, row: Question) -> Sequence[str]:
    known = knowledge.entries
    labels = [known[each].label if each in known else each for each in row.entries]
    text = row.text or (knowledge.say("staff.stats.pressed") if row.pressed else "")
    outcome = knowledge.say(f"staff.stats.outcome.{row.outcome}")
    return _at(row.at), text, outcome, ", ".join(labels)


def _left(_knowledge: Knowledge, row: Left) -> Sequence[str]:
    return _at(row.at), row.text, REASONS.get(row.reason, row.reason)


def _submitted(knowledge: Knowledge, row: Sent) -> Sequence[str]:
    programmes = figure_words.interests(knowledge)
    named = [programmes.get(each, each) for each in row.programmes]
    form = figure_words.forms(knowledge).get(row.form, row.form)
    return _at(row.at), form, ", ".join(named), row.commune


def _stood(knowledge: Knowledge, row: Stood) -> Sequence[str]:
    form = figure_words.forms(knowledge).get(row.form, row.form)
    return _at(row.at), form, figure_words.step_label(knowledge, row.form, row.step)


def _call(knowledge: Knowledge, row: Call) -> Sequence[str]:
    took = figures.took(row, knowledge)
    minutes = "" if took is None else str(round(took.total_seconds() / 60))
    rated = knowledge.say(f"handover.score.{row.rated}") if row.rated else ""
    return _at(row.at), str(row.number), _at(row.answered_at), minutes, rated


def _broadcast(knowledge: Knowledge, row: Announced) -> Sequence[str]:
    return _at(row.at), str(row.number), row.text, figure_words.announced(knowledge, row)


def _at(moment: datetime | None) -> str:
    return moment.astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M:%S") if moment else ""


LISTS: Final[Mapping[str, List]] = {
    "questions": List(("Lúc", "Câu hỏi", "Kết quả", "Mục"), figures.questions, _question),
    "left": List(("Lúc", "Câu hỏi", "Lý do"), figures.left_open, _left),
    "submitted": List(
        ("Gửi lúc", "Phiếu", "Chương trình", "Xã, phường"), figures.submitted, _submitted
    ),
    "stood": List(("Lúc", "Phiếu", "Dừng ở"), figures.stood, _stood, knows=True),
    "calls": List(
        ("Gửi lúc", "Yêu cầu số", "Trả lời lúc", "Sau (phút làm việc)", "Đánh giá"),
        figures.calls,
        _call,
    ),
    "broadcasts": List(
        ("Bắt đầu lúc", "Tin số", "Nội dung", "Người nhận"), figures.broadcasts, _broadcast
    ),
}
