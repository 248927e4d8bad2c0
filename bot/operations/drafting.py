"""What staff wrote for the knowledge: draft -> publishing -> published, or rejected.

Nobody publishes alone: who had a hand in what it says cannot, unless nobody else could. Publishing
itself takes seconds and is not done here: the draft is marked, `bot.publishing` does the work, and
`settle` says what came of it. What was not sound is a draft again, with the reason in its note.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.text import clean, shorten
from bot.operations.phrasings import fit
from bot.operations.refusals import NotFound, NotNow, Unfit, Why
from bot.operations.rights import Actor, Right, allowed, need_another, note
from bot.store import learning
from bot.store.learning import EntryDraft
from knowledge.clock import VIETNAM
from knowledge.contract import MAX_LABEL
from knowledge.entries import Citation, Entry, Knowledge
from knowledge.text import fold

OFFICE: Final = "@office"  # the source of what the department says in its own name
LONGEST_ANSWER: Final = 1_400  # with the question above it and the sources below, one message
LONGEST_NOTE: Final = 500
LONGEST_ID: Final = 40
REVIEW_AFTER: Final = timedelta(days=180)  # until when an officer must look at a new entry again


class State(StrEnum):
    """Where a draft stands."""

    DRAFT = "draft"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Written:
    """What an entry to be says. An empty `label` is made of the question."""

    topic: str
    label: str
    question: str
    answer: str
    variants: tuple[str, ...]
    source: str
    article: str = ""


async def draft_entry(
    db: AsyncConnection, new: Written, knowledge: Knowledge, by: Actor, now: datetime
) -> int:
    """Keep an entry to be; return its number. The caller has asked for the right."""
    label = new.label or _label_of(new.question)
    values = {
        "kind": "entry",
        "entry": await _fresh_id(db, new.topic, label, knowledge),
        "topic": new.topic,
        "label": label,
        "question": new.question,
        "answer": new.answer,
        "variants": list(new.variants),
        "source": new.source,
        "article": new.article,
    }
    return await _add(db, values, by, now)


async def draft_variants(
    db: AsyncConnection, entry: Entry, words: Sequence[str], by: Actor, now: datetime
) -> int:
    """Keep new variants of an entry; return the draft's number. The caller has asked the right."""
    values = {
        "kind": "variants",
        "entry": entry.id,
        "topic": entry.topic,
        "label": entry.label,
        "question": entry.question,
        "answer": "",
        "variants": list(words),
        "source": "",
        "article": "",
    }
    return await _add(db, values, by, now)


async def waiting(db: AsyncConnection, by: Actor) -> Sequence[EntryDraft]:
    """List what is not decided, the newest first. Raises NotAllowed."""
    await allowed(db, by, Right.READ)
    return await learning.undecided(db)


async def get(db: AsyncConnection, number: int, by: Actor) -> EntryDraft:
    """Give one draft. Raises NotAllowed, NotFound."""
    await allowed(db, by, Right.READ)
    found = await learning.get(db, number)
    if found is None:
        raise NotFound(Why.NO_SUCH_DRAFT, number=number)
    return found


async def edit(  # noqa: PLR0913, PLR0917 - which word of which draft, and who says so
    db: AsyncConnection,
    number: int,
    part: str,
    text: str,
    knowledge: Knowledge,
    by: Actor,
    now: datetime,
) -> None:
    """Change one `part`: topic, label, question, answer, or "variant" to add one more.

    Raises NotAllowed, NotFound, NotNow, Unfit.
    """
    found = await _writable(db, number, by)
    values = _changed(found, part, clean(text).strip(), knowledge)
    if part == "question" and not found.label:
        values["label"] = _label_of(values["question"])
    if part == "topic" or ("label" in values and not found.label):
        topic, label = values.get("topic", found.topic), values.get("label", found.label)
        values["entry"] = await _fresh_id(db, topic, label, knowledge)
    await learning.change(db, number, **values, written_by=_authors(found, by), note="")
    # The audit is never erased: of people's own words it has none, only what staff typed.
    await note(db, by, "edit", _about(number), now, after={part: text})


async def cut(  # noqa: PLR0913, PLR0917 - as above
    db: AsyncConnection, number: int, at: int, seen: str, by: Actor, now: datetime
) -> None:
    """Take out the variant at this place of the draft as it was `seen` (`digest`).

    Raises NotAllowed, NotFound, NotNow.
    """
    found = await _writable(db, number, by)
    _as_seen(found, seen)
    if at >= len(found.variants):
        raise NotNow(Why.CHANGED)
    left = [each for place, each in enumerate(found.variants) if place != at]
    await learning.change(db, number, variants=left, written_by=_authors(found, by), note="")
    await note(db, by, "edit", _about(number), now, after={"variants": len(left)})


async def reject(
    db: AsyncConnection, number: int, reason: str, by: Actor, now: datetime
) -> EntryDraft:
    """End it unpublished; give it as it was. Raises NotAllowed, NotFound, NotNow, Unfit."""
    await allowed(db, by, Right.PUBLISH)
    found = await _standing(db, number, by, State.DRAFT)
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= LONGEST_NOTE:
        raise Unfit(Why.TEXT, most=LONGEST_NOTE, now=len(reason))
    await learning.change(
        db, number, state=State.REJECTED, decided_by=by.staff, decided_at=now, note=reason
    )
    await note(db, by, "reject", _about(number), now, after={"reason": reason})
    return found


async def publish(db: AsyncConnection, number: int, seen: str, by: Actor, now: datetime) -> None:
    """Let it into the knowledge, as it was `seen` (`digest`); the bot sets to work on it.

    Raises NotAllowed, NotFound, NotNow, Unfit where it says not yet what it answers; NeedsAnother
    for who had a hand in it, unless nobody else was on the staff since it was begun.
    """
    await allowed(db, by, Right.PUBLISH)
    found = await _standing(db, number, by, State.DRAFT)
    _as_seen(found, seen)
    nothing = not found.label or not found.question
    if nothing or (found.kind == "variants" and not found.variants):
        raise Unfit(Why.NO_QUESTION)
    alone = by.staff in found.written_by
    if alone:
        await need_another(db, by, Right.PUBLISH, found.made_at)
    await learning.change(
        db,
        number,
        state=State.PUBLISHING,
        decided_by=by.staff,
        decided_at=now,
        self_approved=alone,
        note="",
    )
    only = {"self_approved": "nobody else may publish"} if alone else {}
    after = {"entry": found.entry, "variants": len(found.variants)} | only
    await note(db, by, "publish", _about(number), now, after=after)


async def settle(
    db: AsyncConnection, number: int, problem: str, now: datetime
) -> EntryDraft | None:
    """Say what came of publishing: nothing is wrong, or why it is a draft again.

    Give the draft as it was, or None where that was said before.
    """
    found = await learning.get(db, number)
    if found is None or found.state != State.PUBLISHING:
        return None
    state = State.DRAFT if problem else State.PUBLISHED
    await learning.change(db, number, state=state, note=problem)
    after = {"state": str(state)} | ({"problem": problem} if problem else {})
    await note(db, Actor(None, "trợ lý"), "settle", _about(number), now, after=after)
    return found


def entry_of(draft: EntryDraft, knowledge: Knowledge, now: datetime) -> Entry:
    """The entry as it would be, or with its new variants. Raises NotFound where it is no more."""
    if draft.kind == "variants":
        found = knowledge.entries.get(draft.entry)
        if found is None:
            raise NotFound(Why.NO_SUCH_ENTRY)
        return found
    today = now.astimezone(VIETNAM).date()
    source = draft.source if draft.source != OFFICE else office_of(knowledge)
    return Entry(
        id=draft.entry,
        topic=draft.topic,
        label=draft.label,
        question=draft.question,
        variants=draft.variants,
        answer=draft.answer,
        citations=(Citation(source, draft.article),),
        follow_ups=(),
        verified_on=today,
        review_by=today + REVIEW_AFTER,
    )


def office_of(knowledge: Knowledge) -> str:
    """The source that stands for the department's own word; empty where the register has none."""
    return next((each.id for each in knowledge.sources.values() if each.kind == "office"), "")


def digest(draft: EntryDraft) -> str:
    """A few letters that change with anything that the draft would put into the knowledge."""
    parts = (draft.entry, draft.topic, draft.label, draft.question, draft.answer, draft.source)
    whole = "\0".join([*parts, draft.article, *draft.variants])
    return hashlib.sha256(whole.encode()).hexdigest()[:10]


def answerable(text: str) -> str:
    """The answer as it is kept. Raises Unfit: empty, too long, or with marks of its own."""
    text = clean(text).strip()
    if not 0 < len(text) <= LONGEST_ANSWER:
        raise Unfit(Why.TEXT, most=LONGEST_ANSWER, now=len(text))
    if "{" in text or "}" in text or text.count("**") % 2:
        raise Unfit(Why.MARKS)
    return text


def _label_of(question: str) -> str:
    """What stands on its button until somebody finds better words."""
    return shorten(question[:1].upper() + question[1:], MAX_LABEL)


def _changed(found: EntryDraft, part: str, text: str, knowledge: Knowledge) -> dict[str, Any]:
    words = " ".join(text.split())
    if part in {"variant", "question"} and not fit(words, knowledge):
        raise Unfit(Why.WORDING)
    if part == "variant":
        return {"variants": list(dict.fromkeys([*found.variants, words]))}
    if found.kind != "entry":
        raise NotNow(Why.CHANGED)
    if part == "topic" and text not in knowledge.topics:
        raise NotFound(Why.NO_SUCH_TOPIC)
    if part == "label" and not 0 < len(words) <= MAX_LABEL:
        raise Unfit(Why.TEXT, most=MAX_LABEL, now=len(words))
    return {part: answerable(text) if part == "answer" else words}


async def _add(db: AsyncConnection, values: dict[str, Any], by: Actor, now: datetime) -> int:
    made = {"state": State.DRAFT, "made_by": by.staff, "made_at": now, "written_by": [by.staff]}
    return await learning.add(db, values | made)


async def _fresh_id(db: AsyncConnection, topic: str, label: str, knowledge: Knowledge) -> str:
    """An id that no entry and no waiting draft has: its topic, and its label without accents."""
    bare = f"{topic}.{'_'.join(fold(label).split()) or 'moi'}"[:LONGEST_ID].rstrip("._")
    taken = {*knowledge.entries, *(each.entry for each in await learning.undecided(db))}
    name, count = bare, 1
    while name in taken:
        count += 1
        name = f"{bare}_{count}"
    return name


async def _writable(db: AsyncConnection, number: int, by: Actor) -> EntryDraft:
    await allowed(db, by, Right.ANSWER)
    return await _standing(db, number, by, State.DRAFT)


async def _standing(db: AsyncConnection, number: int, by: Actor, *needed: State) -> EntryDraft:
    found = await get(db, number, by)
    if found.state not in needed:
        raise NotNow(Why.DRAFT_STATE, number=number, state=State(found.state), needed=needed)
    return found


def _as_seen(found: EntryDraft, seen: str) -> None:
    if digest(found) != seen:
        raise NotNow(Why.CHANGED)


def _authors(found: EntryDraft, by: Actor) -> list[int | None]:
    return list(dict.fromkeys([*found.written_by, by.staff]))


def _about(number: int) -> str:
    return f"draft:{number}"
