"""One question without a conversation: for `donghanh ask`, for tests and for evaluation.

The same handlers answer as in a chat; what is missing is a past.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from handlers import route
from handlers.conversation import Choice, Conversation, Incoming, Session, Step, Turn
from handlers.records import Consent, Submission
from handlers.speech import ENTRY
from knowledge.answers import speak
from knowledge.entries import Knowledge
from knowledge.finding import find

NOBODY = Conversation("ask", "once")


class NoPast:
    """A lookup of somebody who was never here."""

    async def submissions(self) -> Sequence[Submission]:
        return ()

    async def consents(self) -> Sequence[Consent]:
        return ()

    async def subscribed(self) -> bool:
        return False

    async def messages_kept(self) -> int:
        return 0


async def ask(knowledge: Knowledge, question: str, now: datetime) -> Step:
    """Decide one question as the first message of a new conversation at *now*."""
    incoming = Incoming(NOBODY, "1", now, text=question)
    return await route(Turn(incoming, Session(), knowledge, now, NoPast()))


def as_data(knowledge: Knowledge, question: str, step: Step, now: datetime) -> dict[str, Any]:
    """One answer as JSON: what was said, from which entry, how sure, and what was offered."""
    entries = [knowledge.entries[name] for name in step.entries]
    first = entries[0] if entries else None
    choices = step.replies[-1].choices if step.replies else ()
    return {
        "question": question,
        "outcome": step.outcome.value,
        "entry": first.id if first else None,
        "topic": first.topic if first else None,
        "entries": [entry.id for entry in entries],
        "topics": [entry.topic for entry in entries],
        "confidence": None if step.confidence is None else round(step.confidence, 4),
        "answer": "\n\n".join(reply.text for reply in step.replies),
        "sources": [line for entry in entries for line in speak(knowledge, entry, now).sources],
        "choices": [_choice(knowledge, choice) for choice in choices],
    }


def _choice(knowledge: Knowledge, choice: Choice) -> Mapping[str, Any]:
    found = {"label": choice.label, "action": choice.action}
    entry = knowledge.entries.get(choice.action.removeprefix(ENTRY))
    if choice.action.startswith(ENTRY) and entry:
        found |= {"entry": entry.id, "topic": entry.topic}
    return found


def questions(path: Path) -> Iterator[str]:
    """One question a line; of a TSV with a header, its `question` column. Raises OSError."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = file.read().splitlines()
    header = lines[0].split("\t") if lines else []
    if "question" in header:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        yield from (row["question"] for row in rows if row["question"])
    else:
        yield from (line for line in lines if line.strip())


def explain(knowledge: Knowledge, question: str, now: datetime) -> str:
    """Say in words how the question was read, which entries came near, and what was not used."""
    say = knowledge.say
    found = find(knowledge, question, now.date())
    lines = [
        say("explain.read_as", typed=each.typed, read_as=each.read_as)
        for each in found.look.repaired
    ]
    if found.year:
        lines.append(say("explain.year", year=found.year))
    for number, hit in enumerate(found.hits[:3], start=1):
        candidate = next(
            (each for each in found.look.candidates if each.entry == hit.entry.id), None
        )
        matched = ", ".join(candidate.matched) if candidate else ""
        lines.append(
            say(
                "explain.hit",
                number=number,
                label=hit.entry.label,
                entry=hit.entry.id,
                percent=round(hit.confidence * 100),
                matched=matched or "–",
            )
        )
        if candidate and candidate.nearest:
            lines.append(say("explain.nearest", nearest=candidate.nearest))
    if found.look.left_over:
        lines.append(say("explain.left_over", words=", ".join(found.look.left_over)))
    limits = knowledge.index.thresholds[knowledge.organisation.policy]
    lines.append(
        say(
            "explain.limits",
            policy=knowledge.organisation.policy,
            answer=round(limits.answer * 100),
            offer=round(limits.offer * 100),
        )
    )
    return "\n".join(lines)
