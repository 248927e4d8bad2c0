"""Settling what people asked in vain: one answer to all who asked, an entry they meant, or nothing.

Each act takes the questions that the officer was shown and settles those of them that nobody has
settled meanwhile; so doing it twice tells nobody twice. What was said to people becomes a draft for
the knowledge (`drafting`), which speaks only when another person has published it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Payload
from bot.channels.text import clean, shorten
from bot.operations import asked, draft_news, drafting
from bot.operations.asked import Group
from bot.operations.drafting import OFFICE
from bot.operations.phrasings import impersonal
from bot.operations.recipients import Render
from bot.operations.refusals import NotFound, Unfit, Why
from bot.operations.rights import Actor, Right, allowed, note
from bot.store import asker_fates, desk_rooms, learning
from bot.store.learning import Asked
from handlers.conversation import Conversation, Reply
from knowledge.answers import DATE, no_longer, sources_said, speak
from knowledge.clock import VIETNAM
from knowledge.entries import OUT_OF_SCOPE, SMALLTALK, Citation, Entry, Knowledge

LONGEST_REASON: Final = 500
QUOTED: Final = 200  # characters of a person's own question, above the answer to it


@dataclass(frozen=True, slots=True)
class Answer:
    """What an officer says. `source` is one of the register, or `OFFICE`: the department itself."""

    text: str
    source: str
    article: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of an act: how many people it goes to, and the draft, if it made one."""

    people: int
    draft: int | None


def said(answer: Answer, knowledge: Knowledge, now: datetime) -> str:
    """The answer with what it rests on, as people read it and as the entry will have it.

    Raises Unfit for a text that is empty, too long or has marks of its own; NotFound for a source
    that is none.
    """
    text = drafting.answerable(answer.text)
    if answer.source == OFFICE:
        day = now.astimezone(VIETNAM).strftime(DATE)
        return f"{text}\n\n{knowledge.say('learning.by_office', day=day)}"
    if answer.source not in knowledge.sources:
        raise NotFound(Why.NO_SUCH_SOURCE)
    return text


def message(question: str, answer: Answer, knowledge: Knowledge, now: datetime) -> Reply:
    """What somebody who asked *question* is sent. Raises as `said` does."""
    text = said(answer, knowledge, now)
    if answer.source != OFFICE:
        cited = (Citation(answer.source, answer.article),)
        sources, day = sources_said(knowledge, cited), now.astimezone(VIETNAM).strftime(DATE)
        if sources:
            text += "\n\n" + knowledge.say("answer.sources", sources=sources, verified=day)
    return _told(question, text, knowledge)


def entry_message(question: str, entry: Entry, knowledge: Knowledge, now: datetime) -> Reply:
    """The same where the answer is an entry's, as it stands today."""
    return _told(question, speak(knowledge, entry, now).text, knowledge)


async def answer(  # noqa: PLR0913, PLR0917 - what is said about what, and the world around it
    db: AsyncConnection,
    ids: Sequence[int],
    given: Answer,
    knowledge: Knowledge,
    render: Render,
    by: Actor,
    now: datetime,
) -> Settled:
    """Send one answer to all who asked and can be told, settle it, and draft an entry of it.

    Raises NotAllowed, NotFound where all was settled meanwhile, and as `said` does.
    """
    await allowed(db, by, Right.ANSWER)
    group = await asked.these(db, ids, by)
    text = said(given, knowledge, now)
    told = {
        each.conversation: message(each.question, given, knowledge, now) for each in to_tell(group)
    }
    people = await _tell(db, told, render, by, now)
    words = impersonal((each.text for each in group.phrasings), knowledge)
    near = asked.nearest(knowledge, group, now.date())
    topic = near[0].entry.topic if near else next(iter(knowledge.topics), "")
    new = drafting.Written(
        topic=topic,
        label="",
        question=words[0] if words else "",
        answer=text,
        variants=words[1:],
        source=given.source,
        article=given.article,
    )
    number = await drafting.draft_entry(db, new, knowledge, by, now)
    await draft_news.waits(db, number, knowledge, render, by, now)
    await learning.settle(db, [each.id for each in group.questions], now, number)
    after = {"people": people, "questions": len(group.questions), "text": text}
    await note(db, by, "answer", f"draft:{number}", now, after=after)
    return Settled(people, number)


async def attach(  # noqa: PLR0913, PLR0917 - as above
    db: AsyncConnection,
    ids: Sequence[int],
    name: str,
    knowledge: Knowledge,
    render: Render,
    by: Actor,
    now: datetime,
    *,
    tell: bool,
) -> Settled:
    """Say that an entry answers these already: settle them, and draft its new variants.

    With *tell* its answer goes to all who asked and can be told; not where it no longer holds.
    Raises NotAllowed, and NotFound for the questions or the entry.
    """
    await allowed(db, by, Right.ANSWER)
    group = await asked.these(db, ids, by)
    entry = attachable(knowledge, name)
    told = {}
    if tell and no_longer(knowledge, entry, now.date()) is None:
        told = {
            each.conversation: entry_message(each.question, entry, knowledge, now)
            for each in to_tell(group)
        }
    people = await _tell(db, told, render, by, now)
    words = impersonal((each.text for each in group.phrasings), knowledge)
    number = None
    if words:
        number = await drafting.draft_variants(db, entry, words, by, now)
        await draft_news.waits(db, number, knowledge, render, by, now)
    await learning.settle(db, [each.id for each in group.questions], now, number)
    after = {"people": people, "questions": len(group.questions), "draft": number}
    await note(db, by, "attach", f"entry:{name}", now, after=after)
    return Settled(people, number)


async def dismiss(
    db: AsyncConnection, ids: Sequence[int], reason: str, by: Actor, now: datetime
) -> int:
    """Settle these without a word to anybody; return how many. Raises NotAllowed, NotFound, Unfit.

    The audit has the reason and the questions' numbers, not their words.
    """
    await allowed(db, by, Right.ANSWER)
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Unfit(Why.TEXT, most=LONGEST_REASON, now=len(reason))
    found = sorted(each.id for each in (await asked.these(db, ids, by)).questions)
    await learning.settle(db, found, now)
    after = {"reason": reason, "questions": found}
    await note(db, by, "dismiss", f"asked:{found[0]}", now, after=after)
    return len(found)


async def put_together(
    db: AsyncConnection, ids: Sequence[int], others: Sequence[int], by: Actor, now: datetime
) -> Group:
    """Say that two groups ask the same: one answer serves both from now on; give them as one.

    Raises NotAllowed, NotFound.
    """
    await allowed(db, by, Right.ANSWER)
    one, other = await asked.these(db, ids, by), await asked.these(db, others, by)
    numbers = sorted({each.id for each in (*one.questions, *other.questions)})
    await learning.mark_same(db, numbers, numbers[0])
    after = {"with": other.head, "questions": len(numbers)}
    await note(db, by, "put together", f"asked:{one.head}", now, after=after)
    return await asked.these(db, numbers, by)


async def take_apart(db: AsyncConnection, ids: Sequence[int], by: Actor, now: datetime) -> None:
    """Take back that these ask the same: they are grouped by their words alone again.

    Raises NotAllowed, NotFound.
    """
    await allowed(db, by, Right.ANSWER)
    group = await asked.these(db, ids, by)
    await learning.mark_same(db, [each.id for each in group.questions], None)
    after = {"questions": len(group.questions)}
    await note(db, by, "take apart", f"asked:{group.head}", now, after=after)


def attachable(knowledge: Knowledge, name: str) -> Entry:
    """An entry that may get wordings: not of small talk. Raises NotFound."""
    entry = knowledge.entries.get(name)
    if entry is None or entry.topic in {SMALLTALK, OUT_OF_SCOPE}:
        raise NotFound(Why.NO_SUCH_ENTRY)
    return entry


def to_tell(group: Group) -> tuple[Asked, ...]:
    """The latest question of each person who can still be told something."""
    latest: dict[Conversation, Asked] = {}
    for each in sorted(group.questions, key=lambda each: (each.at, each.id)):
        if each.reachable:
            latest[each.conversation] = each
    return tuple(latest.values())


def _told(question: str, text: str, knowledge: Knowledge) -> Reply:
    quoted = shorten(" ".join(clean(question).replace("**", "").split()), QUOTED)
    return Reply(knowledge.say("learning.answer", question=quoted, answer=text), numbered=False)


async def _tell(
    db: AsyncConnection,
    told: Mapping[Conversation, Reply],
    render: Render,
    by: Actor,
    now: datetime,
) -> int:
    """Queue what each person is told; how many they are. Whose channel does not run is not.

    Whoever answers hears later of those whom it did not reach (`asker_fates`).
    """
    people = 0
    for conversation, reply in told.items():
        payloads: tuple[Payload, ...] = ()
        try:
            payloads = render(conversation.channel, reply)
        except KeyError:
            continue
        sent = await desk_rooms.queue(db, conversation, payloads, now, now)
        if by.staff is not None:
            await asker_fates.follow(db, sent[-1], by.staff)
        people += 1
    return people
