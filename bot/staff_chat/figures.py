"""The figures of a period by chat: in words, as a picture, and row by row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from bot.operations import figures
from bot.operations.periods import Period, read_period
from bot.staff_chat import figure_words
from bot.staff_chat.turn import Handler, Lost, StaffTurn, moment, number_in
from handlers.conversation import Choice, Outcome, Reply, Step
from knowledge.clock import VIETNAM

PAGE: Final = 8
SHOWN: Final = 90
OFFERED: Final = ("tuần trước", "tháng này", "tháng trước")


async def show(turn: StaffTurn) -> Step:
    """The figures of the period that was typed or pressed; of the last thirty days without one."""
    today = turn.now.astimezone(VIETNAM).date()
    period = _pressed(turn.argument) or read_period(turn.argument, today)
    if period is None:
        return turn.said(turn.say("staff.stats.which_period"), *_periods(turn, today))
    found = await figures.gather(turn.db, period, turn.knowledge, turn.by)
    text = figure_words.told(turn.knowledge, found)
    drawn = figure_words.picture(turn.knowledge, found)
    choices = (*_lists(turn, period), *_periods(turn, today))
    reply = Reply(text, (*choices, turn.choice("staff.choice.desk", "desk")), attachment=drawn)
    return Step((reply,), turn.session, Outcome.STAFF)


async def questions(turn: StaffTurn) -> Step:
    """The questions one by one: `stats.questions:<period>:<page>`."""
    period, page = _paged(turn)
    found = await figures.questions(turn.db, period, turn.by, PAGE + 1, page * PAGE)
    lines = [
        turn.say(
            "staff.stats.row.question",
            at=moment(each.at),
            outcome=turn.say(f"staff.stats.outcome.{each.outcome}"),
            question=_short(each.text) or turn.say("staff.stats.gone"),
            entries=", ".join(each.entries) or "–",
        )
        for each in found[:PAGE]
    ]
    return _page(turn, "questions", period, page, lines, more=len(found) > PAGE)


async def submitted(turn: StaffTurn) -> Step:
    """The forms that were handed in, one by one."""
    period, page = _paged(turn)
    labels, programmes = (
        figure_words.forms(turn.knowledge),
        figure_words.interests(turn.knowledge),
    )
    found = await figures.submitted(turn.db, period, turn.by)
    lines = [
        turn.say(
            "staff.stats.row.submitted",
            at=moment(each.at),
            form=labels.get(each.form, each.form),
            programmes=", ".join(programmes.get(name, name) for name in each.programmes) or "–",
            commune=each.commune or "–",
        )
        for each in found[page * PAGE : (page + 1) * PAGE]
    ]
    return _page(turn, "submitted", period, page, lines, more=len(found) > (page + 1) * PAGE)


async def stood(turn: StaffTurn) -> Step:
    """Where those who did not finish a form last stood, one by one."""
    period, page = _paged(turn)
    labels = figure_words.forms(turn.knowledge)
    everybody = await figures.stood(turn.db, period, turn.by)
    found = [each for each in everybody if not figures.finished(each, turn.knowledge)]
    lines = [
        turn.say(
            "staff.stats.row.stood",
            at=moment(each.at),
            form=labels.get(each.form, each.form),
            step=figure_words.step_label(turn.knowledge, each.form, each.step),
        )
        for each in found[page * PAGE : (page + 1) * PAGE]
    ]
    return _page(turn, "stood", period, page, lines, more=len(found) > (page + 1) * PAGE)


async def calls(turn: StaffTurn) -> Step:
    """The requests for a person, one by one."""
    period, page = _paged(turn)
    found = await figures.calls(turn.db, period, turn.by)
    lines = [
        turn.say(
            "staff.stats.row.call",
            at=moment(each.at),
            number=each.number,
            answered=moment(each.answered_at)
            if each.answered_at
            else turn.say("staff.stats.not_yet"),
        )
        for each in found[page * PAGE : (page + 1) * PAGE]
    ]
    return _page(turn, "calls", period, page, lines, more=len(found) > (page + 1) * PAGE)


def _page(  # noqa: PLR0913 - what a page is made of
    turn: StaffTurn, name: str, period: Period, page: int, lines: list[str], *, more: bool
) -> Step:
    head = turn.say(f"staff.stats.rows.{name}", span=figure_words.span(turn.knowledge, period))
    text = "\n".join([f"**{head}**", *(lines or [turn.say("staff.stats.no_rows")])])
    next_ = (
        [turn.choice("choice.more", f"stats.{name}", f"{_key(period)}:{page + 1}")] if more else []
    )
    return turn.said(text, *next_, turn.choice("staff.choice.back", "stats", _key(period)))


def _lists(turn: StaffTurn, period: Period) -> list[Choice]:
    return [
        turn.choice(f"staff.stats.choice.{name}", f"stats.{name}", f"{_key(period)}:0")
        for name in ("questions", "submitted", "stood", "calls")
    ]


def _periods(turn: StaffTurn, today: date) -> list[Choice]:
    found = {words: read_period(words, today) for words in OFFERED}
    return [
        turn.named_choice(words[:1].upper() + words[1:], "stats", _key(period))
        for words, period in found.items()
        if period
    ]


def _key(period: Period) -> str:
    return f"{period.first:%Y%m%d}-{period.last:%Y%m%d}"


def _pressed(argument: str) -> Period | None:
    """The period of a choice of ours; None for what was typed."""
    first, dash, last = argument.partition("-")
    if not (dash and len(first) == len(last) == len("20261121")):
        return None
    try:
        return Period(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        return None


def _paged(turn: StaffTurn) -> tuple[Period, int]:
    """What a list is asked for. Raises Lost."""
    key, _, page = turn.argument.partition(":")
    period = _pressed(key)
    if period is None:
        raise Lost(turn.argument)
    return period, number_in(page)


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= SHOWN else f"{words[: SHOWN - 1].rstrip()}…"


COMMANDS: Final[Mapping[str, Handler]] = {"stats": show}
ACTIONS: Final[Mapping[str, Handler]] = {
    "stats.questions": questions,
    "stats.submitted": submitted,
    "stats.stood": stood,
    "stats.calls": calls,
}
