"""One question without a conversation: for `donghanh ask`, for tests and for evaluation.

The same handlers answer as in a chat; what is missing is a past.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bot.channels.text import plain
from handlers import faq, route
from handlers.conversation import Choice, Conversation, Incoming, Outcome, Session, Step, Turn
from handlers.deciding import DOUBTED, ENOUGH, certainty
from handlers.records import Consent, Desk, Reminder, Submission
from handlers.speech import ENTRY
from knowledge.answers import speak
from knowledge.entries import OUT_OF_SCOPE, SMALLTALK, Entry, Knowledge
from knowledge.finding import Found, Hit, find
from knowledge.index import Look

NOBODY: Final = Conversation("ask", "once")
COLUMN: Final = "question"
SHOWN: Final = 3  # entries, and topics, of those that came near
LEAST_SHOWN: Final = 0.02  # the chance from which an entry is said to have come near


class NoPast:
    """A lookup of somebody who was never here."""

    async def submissions(self) -> Sequence[Submission]:
        return ()

    async def consents(self) -> Sequence[Consent]:
        return ()

    async def subscribed(self) -> bool:
        return False

    async def reminders(self) -> Sequence[Reminder]:
        return ()

    async def queue(self, form: str, field: str, option: str) -> Sequence[int]:  # noqa: ARG002
        return ()

    async def noted(self) -> int:
        return 0

    async def messages_kept(self) -> int:
        return 0

    async def desk(self) -> Desk:
        return Desk(staffed=False)


async def ask(
    knowledge: Knowledge, question: str, now: datetime, session: Session | None = None
) -> Step:
    """Decide one question at *now*: of a new conversation, or of one that stands at *session*."""
    incoming = Incoming(NOBODY, "1", now, text=question)
    return await route(Turn(incoming, session or Session(), knowledge, now, NoPast()))


def as_data(knowledge: Knowledge, question: str, step: Step, now: datetime) -> dict[str, Any]:
    """One answer as JSON: what was said, from which entry, how sure, and what was offered.

    Where two things were asked, `entry` and `topic` are the first one's, `sources` are both's.
    """
    entries = [knowledge.entries[name] for name in step.entries]
    first = entries[0] if entries else None
    choices = step.replies[-1].choices if step.replies else ()
    return {
        "question": question,
        "outcome": step.outcome.value,
        "entry": first.id if first else None,
        "topic": first.topic if first else None,
        "confidence": None if step.confidence is None else round(step.confidence, 4),
        "answer": "\n\n".join(plain(reply.text) for reply in step.replies),
        "sources": list(dict.fromkeys(_sources(knowledge, entries, now))),
        "choices": [_choice(knowledge, choice) for choice in choices],
    }


def _choice(knowledge: Knowledge, choice: Choice) -> Mapping[str, Any]:
    found = {"label": choice.label, "action": choice.action}
    entry = knowledge.entries.get(choice.action.removeprefix(ENTRY))
    if choice.action.startswith(ENTRY) and entry:
        found |= {"entry": entry.id, "topic": entry.topic}
    return found


def _sources(knowledge: Knowledge, entries: Iterable[Entry], now: datetime) -> Iterator[str]:
    for entry in entries:
        yield from speak(knowledge, entry, now).sources


def questions(path: Path) -> list[str]:
    """One question a line; of a TSV, its `question` column. Empty ones are left out.

    A quote in a TSV is a quote. Raises OSError, and ValueError, with a sentence for whoever gave
    the file, where it is not UTF-8 or is a table without that column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")  # newline=None: CR LF and CR are line ends
    except UnicodeDecodeError:
        raise ValueError(f"{path} không phải UTF-8; hãy lưu lại với mã UTF-8") from None
    rows = [line.split("\t") for line in text.split("\n")]
    header = [cell.strip() for cell in rows[0]]
    column = 0
    if COLUMN in header:
        column = header.index(COLUMN)
        rows = rows[1:]
    elif len(header) > 1 or path.suffix.lower() == ".tsv":
        raise ValueError(f"{path} là bảng TSV nhưng không có cột “{COLUMN}”")
    return [row[column].strip() for row in rows if len(row) > column and row[column].strip()]


def explain(knowledge: Knowledge, question: str, step: Step, now: datetime) -> str:
    """Say in words how *question* was read, which entries came near, and why *step* came of it."""
    say = knowledge.say
    if step.outcome not in _CONCLUSIONS:
        return say("explain.no_question")
    incoming = Incoming(NOBODY, "1", now, text=question)
    asked = faq.understood(Turn(incoming, Session(), knowledge, now, NoPast()))
    lines = []
    for number, text in enumerate(asked, start=1):
        if len(asked) > 1:
            lines.append(say("explain.part", number=number, text=text))
        elif text != question.strip():
            lines.append(say("explain.asked", text=text.strip(" ,;")))
        lines += _seen(knowledge, find(knowledge, text, now.date()))
    policy = knowledge.organisation.policy
    offer = knowledge.index.group_thresholds[policy].offer
    levels = {"answer": ENOUGH, "doubted": DOUBTED, "offer": offer}
    percents = {name: _percent(level) for name, level in levels.items()}
    lines.append(say("explain.limits", policy=policy, **percents))
    entries = "; ".join(knowledge.entries[name].label for name in step.entries)
    lines.append(say(_CONCLUSIONS[step.outcome], entries=entries))
    return "\n".join(lines)


def _seen(knowledge: Knowledge, found: Found) -> Iterator[str]:
    """How one question was read, and what came near it: nothing hardly likely."""
    say, look = knowledge.say, found.look
    for each in look.repaired:
        yield say("explain.read_as", typed=each.typed, read_as=each.read_as)
    if found.year:
        yield say("explain.year", year=found.year)
    near = [hit for hit in found.hits[:SHOWN] if hit.confidence >= LEAST_SHOWN]
    for number, hit in enumerate(near, start=1):
        yield from _why(knowledge, number, hit, look)
    if not near:
        yield say("explain.nothing_near")
    elif look.exact:
        yield say("explain.exact")
    elif look.left_over:
        yield say("explain.left_over", words=", ".join(look.left_over))
    if topics := ", ".join(_chances(knowledge, found)):
        yield say("explain.topics", topics=topics)
    if near and not look.exact:
        limits = knowledge.index.group_thresholds[knowledge.organisation.policy]
        yield say("explain.certainty", percent=_percent(certainty(found, limits.answer)))


def _chances(knowledge: Knowledge, found: Found) -> Iterator[str]:
    for name, chance in found.topics[:SHOWN]:
        label = knowledge.say(_ASIDE[name]) if name in _ASIDE else knowledge.topics[name].label
        if _percent(chance):
            yield f"{label} {_percent(chance)}%"


def _percent(chance: float) -> int:
    return round(chance * 100)


def _why(knowledge: Knowledge, number: int, hit: Hit, look: Look) -> Iterator[str]:
    candidate = next((each for each in look.candidates if each.entry == hit.entry.id), None)
    matched = ", ".join(candidate.matched) if candidate else ""
    yield knowledge.say(
        "explain.hit",
        number=number,
        label=hit.entry.label,
        entry=hit.entry.id,
        percent=_percent(hit.confidence),
        matched=matched or "–",
    )
    if candidate and candidate.nearest:
        yield f"   {knowledge.say('explain.nearest', nearest=candidate.nearest)}"


_ASIDE: Final[Mapping[str, str]] = {
    OUT_OF_SCOPE: "explain.out_of_scope",
    SMALLTALK: "explain.small_talk",
}
_CONCLUSIONS: Final[Mapping[Outcome, str]] = {
    Outcome.ANSWERED: "explain.answered",
    Outcome.OFFERED: "explain.offered",
    Outcome.UNANSWERED: "explain.unanswered",
    Outcome.LAPSED: "explain.lapsed",
    Outcome.REFUSED: "explain.refused",
    Outcome.SMALLTALK: "explain.smalltalk",
}
