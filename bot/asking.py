"""One question without a conversation: for `donghanh ask`, for tests and for evaluation.

The same handlers answer as in a chat; what is missing is a past.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bot.channels.text import plain
from handlers import route
from handlers.conversation import Choice, Conversation, Incoming, Outcome, Session, Step, Turn
from handlers.records import Consent, Desk, Reminder, Submission
from handlers.speech import ENTRY
from knowledge.answers import speak
from knowledge.entries import Entry, Knowledge
from knowledge.finding import Found, Hit, find
from knowledge.index import Look

NOBODY: Final = Conversation("ask", "once")
COLUMN: Final = "question"


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
    """Say in words how the question was read, which entries came near, and what came of it."""
    say = knowledge.say
    found = find(knowledge, question, now.date())
    look = found.look
    lines = [
        say("explain.read_as", typed=each.typed, read_as=each.read_as) for each in look.repaired
    ]
    if found.year:
        lines.append(say("explain.year", year=found.year))
    for number, hit in enumerate(found.hits[:3], start=1):
        lines += _why(knowledge, number, hit, look)
    if look.exact:
        lines.append(say("explain.exact"))
    elif look.left_over:
        lines.append(say("explain.left_over", words=", ".join(look.left_over)))
    if found.topics:
        lines.append(say("explain.topics", topics=", ".join(_chances(knowledge, found))))
    policy = knowledge.organisation.policy
    limits = knowledge.index.group_thresholds[policy]
    answer, offer = (round(limit * 100) for limit in (limits.answer, limits.offer))
    lines.append(say("explain.limits", policy=policy, answer=answer, offer=offer))
    lines.append(say(_CONCLUSIONS.get(step.outcome, "explain.no_question")))
    return "\n".join(lines)


def _chances(knowledge: Knowledge, found: Found) -> Iterator[str]:
    for name, chance in found.topics[:3]:
        topic = knowledge.topics.get(name)
        yield f"{topic.label if topic else name} {chance:.0%}"


def _why(knowledge: Knowledge, number: int, hit: Hit, look: Look) -> Iterator[str]:
    candidate = next((each for each in look.candidates if each.entry == hit.entry.id), None)
    matched = ", ".join(candidate.matched) if candidate else ""
    yield knowledge.say(
        "explain.hit",
        number=number,
        label=hit.entry.label,
        entry=hit.entry.id,
        percent=round(hit.confidence * 100),
        matched=matched or "–",
    )
    if candidate and candidate.nearest:
        yield f"   {knowledge.say('explain.nearest', nearest=candidate.nearest)}"


_CONCLUSIONS: Final[Mapping[Outcome, str]] = {
    Outcome.ANSWERED: "explain.answered",
    Outcome.OFFERED: "explain.offered",
    Outcome.UNANSWERED: "explain.unanswered",
    Outcome.LAPSED: "explain.lapsed",
    Outcome.REFUSED: "explain.refused",
    Outcome.SMALLTALK: "explain.smalltalk",
}
