"""The figures of a period by chat: in words, as a picture, and row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from bot.channels.text import cut
from bot.operations import figures
from bot.operations.figures import Figures
from bot.operations.periods import Period, read_period
from bot.staff_chat import figure_words
from bot.staff_chat.turn import Handler, Lost, StaffTurn, moment, number_in
from bot.store.figure_rows import Call, Page
from handlers.conversation import Choice, Outcome, Reply, Step
from knowledge.clock import VIETNAM

PAGE: Final = 8
SHOWN: Final = 90
PERIOD: Final = "stats.period"  # the step at which a period is typed
OFFERED: Final = ("tuần trước", "tháng này", "tháng trước")


async def show(turn: StaffTurn) -> Step:
    """The figures of the period that was typed or pressed; of the last thirty days without one."""
    today = turn.now.astimezone(VIETNAM).date()
    period = _pressed(turn.argument) or read_period(turn.argument, today)
    if period is None:
        return turn.asked(PERIOD, turn.say("staff.stats.which_period"), *_periods(turn, today))
    found = await figures.gather(turn.db, period, turn.knowledge, turn.by)
    text = figure_words.told(turn.knowledge, found)
    drawn = figure_words.picture(turn.knowledge, found)
    choices = (*_lists(turn, found), *_periods(turn, today))
    reply = Reply(text, (*choices, turn.choice("staff.choice.desk", "desk")), attachment=drawn)
    return Step((reply,), turn.session.idle(), Outcome.STAFF)


async def typed(turn: StaffTurn) -> Step:
    """The period that was asked for."""
    return await show(replace(turn, argument=turn.incoming.text.strip()))


def named(words: str, today: date) -> bool:
    """Whether words behind the command's own name are a period, so that no slash is needed."""
    return bool(words) and read_period(words, today) is not None


async def questions(turn: StaffTurn) -> Step:
    """The questions one by one: `stats.questions:<period>:<page>`."""
    period, page = _paged(turn)
    found = await figures.questions(turn.db, period, turn.by, _one_more(page))
    lines = [
        turn.say(
            "staff.stats.row.question",
            at=moment(each.at),
            outcome=turn.say(f"staff.stats.outcome.{each.outcome}"),
            question=_short(each.text)
            or turn.say("staff.stats.pressed" if each.pressed else "staff.stats.gone"),
            entries=", ".join(_labels(turn, each.entries)) or "–",
        )
        for each in found
    ]
    return _page(turn, "questions", period, page, lines)


async def left_open(turn: StaffTurn) -> Step:
    """The questions that nobody has settled yet, one by one."""
    period, page = _paged(turn)
    found = await figures.left_open(turn.db, period, turn.by, _one_more(page))
    lines = [
        turn.say("staff.stats.row.left", at=moment(each.at), question=_short(each.text))
        for each in found
    ]
    return _page(turn, "left", period, page, lines)


async def submitted(turn: StaffTurn) -> Step:
    """The forms that were handed in, one by one."""
    period, page = _paged(turn)
    labels = figure_words.forms(turn.knowledge)
    programmes = figure_words.interests(turn.knowledge)
    found = await figures.submitted(turn.db, period, turn.by, _one_more(page))
    lines = [
        turn.say(
            "staff.stats.row.submitted",
            at=moment(each.at),
            form=labels.get(each.form, each.form),
            programmes=", ".join(programmes.get(name, name) for name in each.programmes) or "–",
            commune=each.commune or "–",
        )
        for each in found
    ]
    return _page(turn, "submitted", period, page, lines)


async def stood(turn: StaffTurn) -> Step:
    """Where those who did not finish a form last stood, one by one."""
    period, page = _paged(turn)
    labels = figure_words.forms(turn.knowledge)
    found = await figures.stood(turn.db, period, turn.knowledge, turn.by, _one_more(page))
    lines = [
        turn.say(
            "staff.stats.row.stood",
            at=moment(each.at),
            form=labels.get(each.form, each.form),
            step=figure_words.step_label(turn.knowledge, each.form, each.step),
        )
        for each in found
    ]
    return _page(turn, "stood", period, page, lines)


async def calls(turn: StaffTurn) -> Step:
    """The requests for a person, one by one."""
    period, page = _paged(turn)
    found = await figures.calls(turn.db, period, turn.by, _one_more(page))
    return _page(turn, "calls", period, page, [_call(turn, each) for each in found])


async def broadcasts(turn: StaffTurn) -> Step:
    """The broadcasts that began, one by one."""
    period, page = _paged(turn)
    found = await figures.broadcasts(turn.db, period, turn.by, _one_more(page))
    lines = [
        turn.say(
            "staff.stats.row.broadcast",
            at=moment(each.at),
            words=_short(each.text) or "–",
            told=figure_words.announced(turn.knowledge, each),
        )
        for each in found
    ]
    return _page(turn, "broadcasts", period, page, lines)


def _call(turn: StaffTurn, call: Call) -> str:
    took = figures.took(call, turn.knowledge)
    if call.answered_at is None or took is None:
        answered = turn.say("staff.stats.not_yet")
    else:
        within = figure_words.duration(turn.knowledge, took)
        answered = turn.say("staff.stats.after", at=moment(call.answered_at), took=within)
    line = turn.say("staff.stats.row.call", at=moment(call.at), number=call.number, told=answered)
    return f"{line} – {turn.say(f'handover.score.{call.rated}')}" if call.rated else line


def _one_more(page: int) -> Page:
    """The rows of a page, and one that says that there is another."""
    return Page(PAGE + 1, page * PAGE)


def _page(turn: StaffTurn, name: str, period: Period, page: int, lines: list[str]) -> Step:
    head = turn.say(f"staff.stats.rows.{name}", span=figure_words.span(turn.knowledge, period))
    shown = lines[:PAGE] or [turn.say("staff.stats.no_rows")]
    more = []
    if len(lines) > PAGE:
        more = [turn.choice("choice.more", f"stats.{name}", f"{_key(period)}:{page + 1}")]
    back = turn.choice("staff.choice.back", "stats", _key(period))
    return turn.said("\n".join([f"**{head}**", *shown]), *more, back)


def _labels(turn: StaffTurn, entries: Iterable[str]) -> list[str]:
    """Entries as staff know them; one that is no more by its name."""
    known = turn.knowledge.entries
    return [known[each].label if each in known else each for each in entries]


def _lists(turn: StaffTurn, found: Figures) -> list[Choice]:
    """The lists that have anything in them."""
    there = {
        "questions": found.questions,
        "left": len(found.left_open),
        "submitted": len(found.forms),
        "stood": sum(each.began - each.finished for each in found.funnels),
        "calls": found.called,
        "broadcasts": len(found.broadcasts),
    }
    return [
        turn.choice(f"staff.stats.choice.{name}", f"stats.{name}", f"{_key(found.period)}:0")
        for name, rows in there.items()
        if rows
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
    return cut(" ".join(text.split()), SHOWN)


COMMANDS: Final[Mapping[str, Handler]] = {"stats": show}
ACTIONS: Final[Mapping[str, Handler]] = {
    "stats.questions": questions,
    "stats.left": left_open,
    "stats.submitted": submitted,
    "stats.stood": stood,
    "stats.calls": calls,
    "stats.broadcasts": broadcasts,
}
TYPED: Final[Mapping[str, Handler]] = {PERIOD: typed}
