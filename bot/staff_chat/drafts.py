"""Drafts of entries by chat: as enterprises would read them, changed, published or refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.channels.text import one_line, shorten
from bot.operations import draft_news, drafting
from bot.operations.drafting import State, digest
from bot.operations.refusals import NotFound
from bot.operations.rights import Right
from bot.staff_chat.desk import may
from bot.staff_chat.turn import Handler, Lost, StaffTurn, number_in
from bot.store import learning, staffing
from bot.store.learning import EntryDraft
from handlers.conversation import Choice, Outcome, Reply, Step
from knowledge.answers import speak
from knowledge.contract import MAX_LABEL

PAGE: Final = 6
VARIANTS: Final = 8  # on a page of a draft
_ASKED: Final[Mapping[str, str]] = {  # what is typed, and how it is asked for
    "label": "staff.learning.ask_label",
    "question": "staff.learning.ask_question",
    "answer": "staff.learning.ask_answer_again",
    "variant": "staff.learning.ask_variant",
}
PARTS: Final = tuple(_ASKED)


async def show(turn: StaffTurn) -> Step:
    """The drafts that wait: `drafts` and `drafts:<page>`, from 1."""
    page = max(0, turn.number() - 1) if turn.argument else 0
    found = await drafting.waiting(turn.db, turn.by)
    here = found[page * PAGE : (page + 1) * PAGE]
    back = turn.choice("staff.learning.choice.list", "unanswered")
    desk = turn.choice("staff.choice.desk", "desk")
    idle = turn.session.idle()
    if not here:
        return turn.said(turn.say("staff.learning.no_drafts"), back, desk, session=idle)
    lines = [turn.say("staff.learning.drafts")]
    lines += [_line(turn, each) for each in here]
    one = [
        turn.named_choice(shorten(f"{each.id}: {_name(each)}", MAX_LABEL), "learn.draft", each.id)
        for each in here
    ]
    more = []
    if len(found) > (page + 1) * PAGE:
        more = [turn.choice("choice.more", "drafts", page + 2)]
    return turn.said("\n".join(lines), *one, *more, back, desk, session=idle)


async def show_draft(turn: StaffTurn) -> Step:
    """A draft: `learn.draft:<draft>`, and on with `learn.draft:<draft>:<page>:<digest>`, from 1."""
    number, _, rest = turn.argument.partition(":")
    if not rest:
        return await _page(turn, number_in(number))
    page, _, seen = rest.partition(":")
    found = await drafting.get(turn.db, number_in(number), turn.by)
    at = number_in(page)
    if seen != digest(found) or not 1 <= at < _pages(found):
        return await _page(turn, found.id)  # its first pages say something else by now
    ways = tuple(_ways(turn, found, at))
    return turn.said("\n".join(_variants(turn, found, at)), *ways, session=turn.session.idle())


async def edit(turn: StaffTurn) -> Step:
    """What can be changed: `learn.edit:<draft>`."""
    found = await drafting.get(turn.db, turn.number(), turn.by)
    parts = PARTS if found.kind == "entry" else PARTS[-1:]
    choices = [
        turn.choice(f"staff.learning.part.{part}", "learn.part", f"{found.id}:{part}")
        for part in parts
    ]
    if found.kind == "entry":
        choices.append(turn.choice("staff.learning.part.topic", "learn.topics", found.id))
    if found.variants:
        choices.append(turn.choice("staff.learning.part.cut", "learn.cut", found.id))
    back = turn.choice("staff.choice.back", "learn.draft", found.id)
    return turn.said(turn.say("staff.learning.edit"), *choices, back)


async def part(turn: StaffTurn) -> Step:
    """Ask for new words: `learn.part:<draft>:<part>`."""
    number, _, name = turn.argument.partition(":")
    if name not in PARTS:
        raise Lost(turn.argument)
    found = await drafting.get(turn.db, number_in(number), turn.by)
    back = turn.choice("staff.choice.back", "learn.draft", found.id)
    ask = turn.say(_ASKED[name])
    return turn.asked("learn.part", ask, back, draft=found.id, part=name)


async def typed(turn: StaffTurn) -> Step:
    """Put the typed words in that part's place."""
    number, name = int(turn.session.data["draft"]), str(turn.session.data["part"])
    words = turn.incoming.text
    await drafting.edit(turn.db, number, name, words, turn.knowledge, turn.by, turn.now)
    return await _page(turn, number)


async def topics(turn: StaffTurn) -> Step:
    """The shelves: `learn.topics:<draft>:<page>`."""
    number, _, page = turn.argument.partition(":")
    found = await drafting.get(turn.db, number_in(number), turn.by)
    at = number_in(page) if page else 0
    shelves = list(turn.knowledge.topics.values())
    choices = [
        turn.named_choice(each.label, "learn.topic", f"{found.id}:{each.id}")
        for each in shelves[at * PAGE : (at + 1) * PAGE]
    ]
    if len(shelves) > (at + 1) * PAGE:
        choices.append(turn.choice("choice.more", "learn.topics", f"{found.id}:{at + 1}"))
    back = turn.choice("staff.choice.back", "learn.draft", found.id)
    return turn.said(turn.say("staff.learning.ask_topic"), *choices, back)


async def topic(turn: StaffTurn) -> Step:
    """Put it on that shelf: `learn.topic:<draft>:<topic>`."""
    number, _, name = turn.argument.partition(":")
    args = (number_in(number), "topic", name, turn.knowledge, turn.by, turn.now)
    await drafting.edit(turn.db, *args)
    return await _page(turn, number_in(number))


async def cut(turn: StaffTurn) -> Step:
    """The variants, to take one out: `learn.cut:<draft>:<at>:<digest>`.

    `learn.cut:<draft>` lists them, `learn.cut:<draft>:<at>` from that place on.
    """
    number, _, rest = turn.argument.partition(":")
    found = await drafting.get(turn.db, number_in(number), turn.by)
    at, _, seen = rest.partition(":")
    if seen:
        await drafting.cut(turn.db, found.id, number_in(at), seen, turn.by, turn.now)
        return await _page(turn, found.id)
    first = number_in(at) if at else 0
    seen = digest(found)
    out = [
        turn.named_choice(
            shorten(one_line(each), MAX_LABEL), "learn.cut", f"{found.id}:{at}:{seen}"
        )
        for at, each in enumerate(found.variants[first : first + VARIANTS], first)
    ]
    if len(found.variants) > first + VARIANTS:
        out.append(turn.choice("choice.more", "learn.cut", f"{found.id}:{first + VARIANTS}"))
    back = turn.choice("staff.choice.back", "learn.draft", found.id)
    return turn.said(turn.say("staff.learning.ask_cut"), *out, back)


async def reject(turn: StaffTurn) -> Step:
    found = await drafting.get(turn.db, turn.number(), turn.by)
    back = turn.choice("staff.choice.back", "learn.draft", found.id)
    return turn.asked("learn.reject", turn.say("staff.learning.ask_refusal"), back, draft=found.id)


async def rejected(turn: StaffTurn) -> Step:
    number = int(turn.session.data["draft"])
    reason = one_line(turn.incoming.text)
    found = await drafting.reject(turn.db, number, reason, turn.by, turn.now)
    if found.made_by != turn.by.staff:
        knowledge, render = turn.knowledge, turn.render
        await draft_news.refused(turn.db, found, reason, knowledge, render, turn.now)
    return await _page(turn, number)


async def publish(turn: StaffTurn) -> Step:
    """Publish exactly what was shown: `learn.publish:<draft>:<digest>`."""
    number, _, seen = turn.argument.partition(":")
    await drafting.publish(turn.db, number_in(number), seen, turn.by, turn.now)
    ways = (turn.choice("staff.learning.choice.drafts", "drafts"),)
    text = turn.say("staff.learning.publishing", number=number)
    return turn.said(text, *ways, session=turn.session.idle())


async def _page(turn: StaffTurn, number: int) -> Step:
    found = await drafting.get(turn.db, number, turn.by)
    replies = []
    try:
        entry = drafting.entry_of(found, turn.knowledge, turn.now)
        replies.append(Reply(speak(turn.knowledge, entry, turn.now).text, numbered=False))
    except NotFound:
        replies.append(Reply(turn.say("staff.learning.entry_gone"), numbered=False))
    people = await learning.askers(turn.db, number)
    told = Reply("\n".join(await _about(turn, found, people)), tuple(_ways(turn, found, 0)))
    return Step((*replies, told), turn.session.idle(), Outcome.STAFF)


async def _about(turn: StaffTurn, found: EntryDraft, people: int) -> list[str]:
    shelf = turn.knowledge.topics.get(found.topic)
    authors = [await staffing.member(turn.db, each) for each in found.written_by]
    lines = [
        turn.say(
            f"staff.learning.draft_{found.kind}",
            number=found.id,
            state=turn.say(f"staff.state.{found.state}"),
            authors=", ".join(each.name for each in authors if each),
            label=_name(found) or "–",
            topic=shelf.label if shelf else found.topic,
            question=found.question or "–",
            people=people,
        )
    ]
    if found.note:
        lines.append(turn.say("staff.learning.problem", problem=found.note))
    return [*lines, *_variants(turn, found, 0)]


def _variants(turn: StaffTurn, found: EntryDraft, page: int) -> list[str]:
    """Whole, as they would be published."""
    here = found.variants[page * VARIANTS : (page + 1) * VARIANTS]
    head = turn.say("staff.learning.variants", count=len(found.variants))
    return [head, *(f"- {one_line(each)}" for each in here)]


def _pages(found: EntryDraft) -> int:
    return max(1, -(-len(found.variants) // VARIANTS))


def _ways(turn: StaffTurn, found: EntryDraft, page: int) -> list[Choice]:
    """What can be done from a page; publishing only from the last: by then all was shown."""
    ways = []
    seen = digest(found)
    if page + 1 < _pages(found):
        more = f"{found.id}:{page + 1}:{seen}"
        ways.append(turn.choice("choice.more", "learn.draft", more))
    elif found.state == State.DRAFT and may(turn, Right.PUBLISH):
        whole = f"{found.id}:{seen}"
        ways.append(turn.choice("staff.learning.choice.publish", "learn.publish", whole))
    if found.state == State.DRAFT and may(turn, Right.ANSWER):
        ways.append(turn.choice("staff.learning.choice.edit", "learn.edit", found.id))
    if found.state == State.DRAFT and may(turn, Right.PUBLISH):
        ways.append(turn.choice("staff.learning.choice.reject", "learn.reject", found.id))
    return [*ways, turn.choice("staff.choice.back", "drafts")]


def _line(turn: StaffTurn, draft: EntryDraft) -> str:
    state = turn.say(f"staff.state.{draft.state}")
    key = f"staff.learning.line_{draft.kind}"
    return turn.say(key, number=draft.id, label=_name(draft), state=state)


def _name(draft: EntryDraft) -> str:
    return draft.label or draft.entry


COMMANDS: Final[Mapping[str, Handler]] = {"drafts": show}
ACTIONS: Final[Mapping[str, Handler]] = {
    "learn.draft": show_draft,
    "learn.edit": edit,
    "learn.part": part,
    "learn.topics": topics,
    "learn.topic": topic,
    "learn.cut": cut,
    "learn.reject": reject,
    "learn.publish": publish,
}
TYPED: Final[Mapping[str, Handler]] = {"learn.part": typed, "learn.reject": rejected}
