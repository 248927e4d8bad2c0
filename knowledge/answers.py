"""From an entry to the words that are said: placeholders filled, past marked, sources named.

The source line and the label of a past rule are never written by an author: they follow from the
citations and the day, so no answer can forget them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from knowledge.entries import OUT_OF_SCOPE, SMALLTALK, Citation, Entry, Knowledge, Source
from knowledge.rules import (
    Standing,
    State,
    closed_this_year,
    coming_source,
    expired,
    lapsed_source,
    next_deadline,
)

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
DATE = "%d/%m/%Y"


@dataclass(frozen=True, slots=True)
class Spoken:
    """An answer as it is said on one day. `sources` are the lines that prove it, in order."""

    text: str
    sources: tuple[str, ...]


def placeholders(text: str) -> Iterator[str]:
    """The names in braces, in order."""
    return (match.group(1) for match in PLACEHOLDER.finditer(text))


def bare(text: str) -> bool:
    """Whether every brace is of a mere name: a width beside one is obeyed, of gigabytes too."""
    rest = PLACEHOLDER.sub("", text)
    return "{" not in rest and "}" not in rest and all(map(str.isidentifier, placeholders(text)))


def known_placeholders(knowledge: Knowledge) -> frozenset[str]:
    """Every name that an answer may put in braces."""
    deadlines = {
        f"deadline.{programme.id}.{milestone.id}"
        for programme in knowledge.programmes.values()
        for milestone in programme.milestones
    }
    return frozenset({"contact", "organisation.name", *deadlines})


def speak(knowledge: Knowledge, entry: Entry, now: datetime) -> Spoken:
    """Say *entry* at *now*. The caller has decided that it may be said (`rules.holds` or past)."""
    text = PLACEHOLDER.sub(lambda match: _fill(knowledge, match.group(1), now), entry.answer)
    text = "\n\n".join([*_labels(knowledge, entry, now.date()), text])
    sources = tuple(_source_lines(knowledge, entry.citations))
    if sources and entry.topic not in (SMALLTALK, OUT_OF_SCOPE):
        verified = entry.verified_on.strftime(DATE)
        cited = knowledge.say("answer.sources", sources="; ".join(sources), verified=verified)
        text = f"{text}\n\n{cited}"
    return Spoken(text, sources)


def no_longer(knowledge: Knowledge, entry: Entry, today: date) -> str | None:
    """Why *entry* is not to be said any more; None where it may be, or is about the past."""
    if entry.past:
        return None
    lapsed = lapsed_source(knowledge, entry, today)
    if lapsed and lapsed.in_force_until:
        return _of_lapse(knowledge, "answer.lapsed", lapsed, lapsed.in_force_until)
    if entry.valid_until and expired(entry, today):
        return knowledge.say("answer.expired", until=entry.valid_until.strftime(DATE))
    return None


def sources_said(knowledge: Knowledge, citations: tuple[Citation, ...]) -> str:
    """The sources with their articles and validity, as one text."""
    return "; ".join(_source_lines(knowledge, citations))


def organisation_name(knowledge: Knowledge) -> str:
    return knowledge.organisation.name or knowledge.say("organisation.unnamed")


def contact_block(knowledge: Knowledge) -> str:
    """How to reach the department, or the honest sentence that nobody has filled it in."""
    ours = knowledge.organisation
    filled = [
        knowledge.say(f"contact.{key}", value=value)
        for key in ("unit", "address", "phone", "email", "hours", "website")
        if (value := getattr(ours, key))
    ]
    if not filled:
        return knowledge.say("contact.none")
    return "\n".join([knowledge.say("contact.heading", name=organisation_name(knowledge)), *filled])


def deadline_sentence(knowledge: Knowledge, programme: str, milestone: str, now: datetime) -> str:
    """What is known today about one milestone: the last valid day with counts, or that none is."""
    what = next(m.label for m in knowledge.programmes[programme].milestones if m.id == milestone)
    closed = closed_this_year(knowledge, programme, milestone, now)
    found = next_deadline(knowledge, programme, milestone, now)
    sentences = [_announced(knowledge, what, closed)] if closed and closed != found else []
    if found is None or found.state is State.UNANNOUNCED:
        year = found.deadline.year if found else now.year
        sentences.append(knowledge.say("deadline.unannounced", what=what, year=year))
    else:
        sentences.append(_announced(knowledge, what, found))
    return "\n\n".join(sentences)


def _announced(knowledge: Knowledge, what: str, found: Standing) -> str:
    deadline, last = found.deadline, found.last_day
    if last is None:
        raise ValueError("an announced deadline has a last day")
    hour = deadline.closes_at
    facts = {
        "what": what,
        "year": deadline.year,
        "last_day": last.strftime(DATE),
        "hour": f"{hour:%H:%M} " if hour else "",
        "days": found.days_left,
        "working_days": found.working_days_left,
        "opens_on": deadline.opens_on.strftime(DATE) if deadline.opens_on else "",
    }
    if found.state is State.CLOSED:
        phrase = "deadline.closed"
    elif found.state is State.NOT_OPEN:
        phrase = "deadline.not_open"
    else:
        phrase = "deadline.last_day" if found.days_left == 0 else "deadline.open"
    sentences = [knowledge.say(phrase, **facts)]
    if deadline.extended_from and found.state is not State.CLOSED:
        before = deadline.extended_from.strftime(DATE)
        sentences.append(knowledge.say("deadline.extended", before=before))
    if deadline.letter:
        sentences.append(knowledge.say("deadline.letter", letter=deadline.letter))
    return " ".join(sentences)


def _labels(knowledge: Knowledge, entry: Entry, today: date) -> Iterator[str]:
    """What must be said before the answer, so that no rule passes for one of *today*."""
    lapsed = lapsed_source(knowledge, entry, today)
    if lapsed and lapsed.in_force_until:
        yield _of_lapse(knowledge, "answer.past", lapsed, lapsed.in_force_until)
    coming = coming_source(knowledge, entry, today)
    since = coming.in_force_from if coming else None
    if entry.valid_from and entry.valid_from > max(today, since or date.min):
        since = entry.valid_from
        coming = coming or knowledge.sources[entry.citations[0].source]
    if coming and since:
        yield knowledge.say("answer.not_yet", source=coming.short, since=since.strftime(DATE))


def _fill(knowledge: Knowledge, name: str, now: datetime) -> str:
    if name == "contact":
        return contact_block(knowledge)
    if name == "organisation.name":
        return organisation_name(knowledge)
    _, programme, milestone = name.split(".")
    return deadline_sentence(knowledge, programme, milestone, now)


def _source_lines(knowledge: Knowledge, citations: tuple[Citation, ...]) -> Iterator[str]:
    for citation in citations:
        source = knowledge.sources[citation.source]
        if source.kind == "office":
            continue
        article = f", {citation.article}" if citation.article else ""
        yield " ".join(filter(None, [f"{source.short}{article}", _dated(knowledge, source)]))


def _dated(knowledge: Knowledge, source: Source) -> str:
    def said(phrase: str, day: date) -> str:
        return knowledge.say(phrase, day=day.strftime(DATE))

    if source.in_force_until:
        return said("source.lapsed", source.in_force_until)
    if source.in_force_from:
        return said("source.in_force", source.in_force_from)
    return said("source.issued", source.issued_on) if source.issued_on else ""


def _of_lapse(knowledge: Knowledge, phrase: str, lapsed: Source, until: date) -> str:
    newer = knowledge.sources.get(lapsed.replaced_by)
    replaced_by = newer.short if newer else knowledge.say("source.unknown")
    return knowledge.say(
        phrase, source=lapsed.short, until=until.strftime(DATE), replaced_by=replaced_by
    )
