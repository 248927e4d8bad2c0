"""Answering a group by chat: one answer written for all who asked, or an entry that there is.

What the member was shown is what is sent: the questions' numbers are kept with what is being
written, and who asks the same meanwhile is another group.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Final

from bot.channels.text import one_line, shorten
from bot.operations import asked, drafting, learning
from bot.operations.asked import Group
from bot.operations.drafting import OFFICE
from bot.operations.learning import Answer, Settled
from bot.staff_chat.asked import of_session, show_again
from bot.staff_chat.turn import Handler, Lost, StaffTurn, number_in
from handlers.conversation import Choice, Outcome, Reply, Step
from knowledge.answers import no_longer
from knowledge.contract import MAX_ACTION_BYTES, MAX_LABEL
from knowledge.entries import Entry, Source
from knowledge.finding import find
from knowledge.text import fold

NEAR: Final = 5
PAGE: Final = 6
BY_OFFICE: Final = "so"  # `learn.of:so`: the department in its own name


async def begin(turn: StaffTurn) -> Step:
    """Ask for the answer's words: `learn.answer:<question>`."""
    group = await asked.group(turn.db, turn.knowledge, turn.number(), turn.by)
    rows = [each.id for each in group.questions]
    back = turn.choice("staff.choice.back", "learn.group", group.head)
    ask = turn.say("staff.learning.ask_answer", people=group.people, most=drafting.LONGEST_ANSWER)
    return turn.asked("learn.answer", ask, back, rows=rows)


async def rewrite(turn: StaffTurn) -> Step:
    """Ask for the words once more; the questions and the source stay."""
    if not of_session(turn):
        return await show_again(turn)
    ask = turn.say("staff.learning.ask_rewrite", most=drafting.LONGEST_ANSWER)
    return turn.asked("learn.answer", ask, **turn.session.data)


async def written(turn: StaffTurn) -> Step:
    """Take the words; then ask what they rest on, where that is not known yet."""
    text = drafting.answerable(turn.incoming.text)
    data = {**turn.session.data, "words": text}
    if "source" in data:
        return await _preview(turn, data)
    return _ask_source(turn, data, 0)


async def sources(turn: StaffTurn) -> Step:
    """More of the register: `learn.sources:<page>`."""
    if "words" not in turn.session.data:
        return await show_again(turn)
    return _ask_source(turn, dict(turn.session.data), turn.number())


async def source(turn: StaffTurn) -> Step:
    """Take the source: `learn.of:<id>`, or the department itself; then ask for the article."""
    if "words" not in turn.session.data or not of_session(turn):
        return await show_again(turn)
    if turn.argument == BY_OFFICE:
        return await _preview(turn, {**turn.session.data, "source": OFFICE, "article": ""})
    found = turn.knowledge.sources.get(turn.argument)
    if found is None:
        raise Lost(turn.argument)
    whole = turn.choice("staff.learning.choice.whole", "learn.whole")
    ask = turn.say("staff.learning.ask_article", source=found.short)
    data = {**turn.session.data, "source": found.id, "article": ""}
    return turn.asked("learn.article", ask, whole, **data)


async def looked_up(turn: StaffTurn) -> Step:
    """Sources that have the typed words in their names."""
    words = fold(turn.incoming.text).split()
    found = [
        each
        for each in _citable(turn)
        if all(word in fold(f"{each.short} {each.title}").split() for word in words)
    ]
    choices = [_of_source(turn, each) for each in found[:PAGE]]
    again = turn.choice("staff.learning.choice.all_sources", "learn.sources", 0)
    key = "staff.learning.source_which" if found else "staff.learning.source_none"
    return turn.said(turn.say(key), *choices, again)


async def article(turn: StaffTurn) -> Step:
    """Take the article that was typed."""
    words = shorten(one_line(turn.incoming.text), 80)
    return await _preview(turn, {**turn.session.data, "article": words})


async def whole(turn: StaffTurn) -> Step:
    """The whole document is cited."""
    return await preview(turn)


async def preview(turn: StaffTurn) -> Step:
    """What would be sent, once more."""
    if "source" not in turn.session.data or not of_session(turn):
        return await show_again(turn)
    return await _preview(turn, dict(turn.session.data))


async def less(turn: StaffTurn) -> Step:
    """The wordings, to take one out that asks something else: `learn.less:<its question>`."""
    group = await _group(turn)
    if group is None:
        return await show_again(turn)
    if turn.argument:
        strange = number_in(turn.argument)
        left = [
            question.id
            for phrasing in group.phrasings
            if all(question.id != strange for question in phrasing.questions)
            for question in phrasing.questions
        ]
        if left:
            return await _preview(turn, {**turn.session.data, "rows": left})
        return await preview(turn)
    out = [
        turn.named_choice(shorten(one_line(each.text), MAX_LABEL), "learn.less", _first(each))
        for each in group.phrasings[:PAGE]
    ]
    back = turn.choice("staff.choice.back", "learn.preview")
    return turn.said(turn.say("staff.learning.less"), *out, back, session=turn.session)


async def send(turn: StaffTurn) -> Step:
    """Send what was shown to all who asked, settle it, draft the entry: `learn.send:<digest>`."""
    data = turn.session.data
    if "source" not in data or turn.argument != _digest(data) or not of_session(turn):
        return await show_again(turn)
    done = await learning.answer(
        turn.db, of_session(turn), _answer(data), turn.knowledge, turn.render, turn.by, turn.now
    )
    return await _done(turn, done)


async def attach(turn: StaffTurn) -> Step:
    """Entries that may answer the group already: `learn.attach:<question>`."""
    group = await asked.group(turn.db, turn.knowledge, turn.number(), turn.by)
    near = asked.nearest(turn.knowledge, group, turn.now.date(), NEAR)
    choices = [_of_entry(turn, each.entry) for each in near]
    back = turn.choice("staff.choice.back", "learn.group", group.head)
    rows = [each.id for each in group.questions]
    ask = turn.say("staff.learning.ask_entry")
    return turn.asked("learn.attach", ask, *choices, back, rows=rows)


async def searched(turn: StaffTurn) -> Step:
    """Entries that the typed words find."""
    hits = find(turn.knowledge, turn.incoming.text, turn.now.date()).hits[:NEAR]
    choices = [_of_entry(turn, hit.entry) for hit in hits]
    return turn.said(turn.say("staff.learning.entry_which"), *choices)


async def to_entry(turn: StaffTurn) -> Step:
    """Show what that entry would tell them: `learn.to:<entry>`."""
    group = await _group(turn)
    if group is None:
        return await show_again(turn)
    entry = learning.attachable(turn.knowledge, turn.argument)
    data = {**turn.session.data, "entry": entry.id}
    seen = _digest(data)
    keep = turn.choice("staff.learning.choice.keep", "learn.join", f"keep:{seen}")
    ended = no_longer(turn.knowledge, entry, turn.now.date())
    if ended:
        text = turn.say("staff.learning.entry_lapsed", label=entry.label)
        return turn.asked("learn.attach", text, keep, **data)
    first = group.phrasings[0].text
    shown = learning.entry_message(first, entry, turn.knowledge, turn.now)
    tell = turn.choice("staff.learning.choice.tell", "learn.join", f"tell:{seen}")
    text = turn.say("staff.learning.entry_preview", label=entry.label, people=group.reachable)
    asking = turn.asked("learn.attach", text, tell, keep, **data)
    return Step((shown, *asking.replies), asking.session, Outcome.STAFF)


async def join(turn: StaffTurn) -> Step:
    """Settle the group by that entry, with or without telling: `learn.join:tell:<digest>`."""
    how, _, seen = turn.argument.partition(":")
    data = turn.session.data
    if how not in {"tell", "keep"} or seen != _digest(data) or not of_session(turn):
        return await show_again(turn)
    args = (str(data["entry"]), turn.knowledge, turn.render, turn.by, turn.now)
    done = await learning.attach(turn.db, of_session(turn), *args, tell=how == "tell")
    return await _done(turn, done)


async def _done(turn: StaffTurn, done: Settled) -> Step:
    ways = [turn.choice("staff.learning.choice.list", "unanswered")]
    text = turn.say("staff.learning.done", people=done.people)
    if done.draft is None:
        text = f"{text} {turn.say('staff.learning.no_draft')}"
    else:
        text = f"{text} {turn.say('staff.learning.drafted', number=done.draft)}"
        ways.insert(0, turn.choice("staff.learning.choice.draft", "learn.draft", done.draft))
    return turn.said(text, *ways, session=turn.session.idle())


async def _preview(turn: StaffTurn, data: Mapping[str, object]) -> Step:
    rows = [each for each in _numbers(data) if isinstance(each, int)]
    group = await asked.these(turn.db, rows, turn.by)
    first = group.phrasings[0].text
    shown = learning.message(first, _answer(data), turn.knowledge, turn.now)
    gone = group.people - group.reachable
    text = turn.say("staff.learning.preview", people=group.reachable, gone=gone)
    choices = [
        turn.choice("staff.learning.choice.send", "learn.send", _digest(data)),
        turn.choice("staff.learning.choice.rewrite", "learn.rewrite"),
        turn.choice("staff.choice.back", "learn.group", group.head),
    ]
    if len(group.phrasings) > 1:
        choices.insert(2, turn.choice("staff.learning.choice.less", "learn.less"))
    asking = turn.asked("learn.preview", text, *choices, **data)
    alone = Reply(shown.text, numbered=False)
    return Step((alone, *asking.replies), asking.session, Outcome.STAFF)


def _ask_source(turn: StaffTurn, data: Mapping[str, object], page: int) -> Step:
    known = _citable(turn)
    here = [_of_source(turn, each) for each in known[page * PAGE : (page + 1) * PAGE]]
    ours = []
    if drafting.office_of(turn.knowledge):
        ours = [turn.choice("staff.learning.choice.by_office", "learn.of", BY_OFFICE)]
    more = []
    if len(known) > (page + 1) * PAGE:
        more = [turn.choice("choice.more", "learn.sources", page + 1)]
    ask = turn.say("staff.learning.ask_source")
    return turn.asked("learn.source", ask, *ours, *here, *more, **data)


def _citable(turn: StaffTurn) -> Sequence[Source]:
    """Documents that hold today and that a button can name."""
    today = turn.now.date()
    return [
        each
        for each in turn.knowledge.sources.values()
        if each.kind != "office"
        and each.holds_on(today)
        and len(f"staff:learn.of:{each.id}".encode()) <= MAX_ACTION_BYTES
    ]


async def _group(turn: StaffTurn) -> Group | None:
    rows = of_session(turn)
    return await asked.these(turn.db, rows, turn.by) if rows else None


def _digest(data: Mapping[str, object]) -> str:
    """What stands on the button that sends: an older one must not send what came after it."""
    whole = json.dumps(dict(data), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(whole.encode()).hexdigest()[:10]


def _answer(data: Mapping[str, object]) -> Answer:
    return Answer(str(data["words"]), str(data["source"]), str(data.get("article", "")))


def _numbers(data: Mapping[str, object]) -> Sequence[object]:
    rows = data.get("rows", ())
    return rows if isinstance(rows, list) else ()


def _first(phrasing: asked.Phrasing) -> int:
    return min(each.id for each in phrasing.questions)


def _of_source(turn: StaffTurn, each: Source) -> Choice:
    return turn.named_choice(shorten(one_line(each.short), MAX_LABEL), "learn.of", each.id)


def _of_entry(turn: StaffTurn, entry: Entry) -> Choice:
    return turn.named_choice(entry.label, "learn.to", entry.id)


ACTIONS: Final[Mapping[str, Handler]] = {
    "learn.answer": begin,
    "learn.rewrite": rewrite,
    "learn.sources": sources,
    "learn.of": source,
    "learn.whole": whole,
    "learn.preview": preview,
    "learn.less": less,
    "learn.send": send,
    "learn.attach": attach,
    "learn.to": to_entry,
    "learn.join": join,
}
TYPED: Final[Mapping[str, Handler]] = {
    "learn.answer": written,
    "learn.source": looked_up,
    "learn.article": article,
    "learn.preview": preview,
    "learn.attach": searched,
}
