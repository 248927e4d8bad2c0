"""Whether an entry, or a few more variants of one, would make the answers worse; and which.

With an evaluation set of the office's own, that decides: no more wrong answers (a stranger who is
answered is one), and no fewer right ones. Without one, what people were answered before must stay,
and no other entry's variant may go to the new one when it is left out itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.quality import comparing, evaluation
from bot.quality.questions import Sheet
from bot.quality.scores import Result, Tried
from bot.quality.subjects import Assistant
from knowledge.entries import Knowledge
from knowledge.text import fold

SHOWN: Final = 5  # of what gets worse: a chat message holds no more

_DID: Final = {
    Result.WRONG: "trả lời sai",
    Result.MISOFFERED: "gợi ý sai",
    Result.DECLINED: "không trả lời",
    Result.OFFERED: "gợi ý có câu đúng",
    Result.HALF: "đúng một nửa",
    Result.RIGHT: "trả lời đúng",
}
# Any entry moves the calibration of all: on 458 questions an unrelated one turned an answer into an
# offer, and an offer into another. So many may move; not one more may be answered wrongly.
NOISE: Final = 1 / 200
_BETTER: Final = tuple(_DID)  # the worst first


@dataclass(frozen=True, slots=True)
class Trial:
    """The knowledge as it is and as it would be, and the entry that makes the difference."""

    before: Knowledge
    after: Knowledge
    entry: str
    now: datetime


def by_sheet(trial: Trial, sheet: Sheet) -> list[str]:
    """What the office's own questions lose, in words for the staff; nothing where they do not."""
    was, becomes = (_tried(each, trial.now, sheet) for each in (trial.before, trial.after))
    lost = [
        f"“{old.question.text}”: {_DID[old.result]} → {_DID[new.result]}"
        for old, new in zip(was, becomes, strict=True)
        if _BETTER.index(new.result) < _BETTER.index(old.result)
    ]
    slack = len(was) * NOISE
    fewer = _right(becomes) < _right(was) - slack or _missed(becomes) > _missed(was) + slack
    return _some(lost) if fewer or _wrong(becomes) > _wrong(was) else []


def by_record(trial: Trial, answered: Iterable[str]) -> list[str]:
    """What people were answered and would no longer be, and variants that the entry takes.

    Words of the entry itself are not among what it may take: they were asked to be answered so.
    """
    entry = trial.after.entries[trial.entry]
    own = {fold(text) for text in (entry.question, *entry.variants, *entry.keywords)}
    asked = [text for text in answered if fold(text) not in own]
    difference = comparing.compare(trial.before, trial.after, asked, trial.now)
    lost = [
        change
        for change in difference.changes
        if change.before in trial.before.entries
        and change.before != trial.entry
        and fold(change.question) not in own
    ]
    other = [str(change) for change in lost if change.now in trial.after.entries]
    dimmed = [str(change) for change in lost if change.now not in trial.after.entries]
    if len(dimmed) <= len(asked) * NOISE:
        dimmed = []
    return _some([*other, *dimmed, *_taken(trial)])


def _taken(trial: Trial) -> list[str]:
    """Variants of other topics that, left out, would surely be answered by the entry."""
    known = trial.before.entries
    limit = trial.after.index.threshold
    topic = trial.after.entries[trial.entry].topic
    before = {
        (found.entry, found.variant)
        for found in trial.before.index.lint()
        if found.kind == "stray" and found.other == trial.entry
    }
    return [
        f"“{found.variant}” của “{found.entry}” → {trial.entry}"
        for found in trial.after.index.lint()
        if found.kind == "stray"
        and found.other == trial.entry
        and found.weight >= limit
        and found.entry in known
        and known[found.entry].topic != topic
        and (found.entry, found.variant) not in before
    ]


def _tried(knowledge: Knowledge, now: datetime, sheet: Sheet) -> tuple[Tried, ...]:
    subject = Assistant(knowledge, now)
    return asyncio.run(evaluation.evaluate(subject, sheet)).tried


def _right(tried: Sequence[Tried]) -> float:
    return sum((each.result is Result.RIGHT) + (each.result is Result.HALF) / 2 for each in tried)


def _missed(tried: Sequence[Tried]) -> int:
    return sum(each.missed for each in tried)


def _wrong(tried: Sequence[Tried]) -> int:
    """Wrong answers, and strangers answered: to them any answer is a wrong one."""
    return sum(each.result is Result.WRONG for each in tried)


def _some(lines: list[str]) -> list[str]:
    more = [f"… và {len(lines) - SHOWN} câu nữa"] if len(lines) > SHOWN else []
    return [*lines[:SHOWN], *more]
