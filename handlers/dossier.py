"""`/hoso`: what to prepare, ticked off over weeks by button or number, explained, and printed.

What the law has not fixed is listed apart, under its own heading (`knowledge.checklists`). The
ticks lie on the session's shelf by item, so a list that was edited keeps every tick that still
means something. Nobody else sees them, unless how far one is gets shared (`handlers.sharing`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from handlers import attachments
from handlers.attachments import Attachment, Box, ChecklistContent, Part
from handlers.conversation import BACK_TO, Choice, Outcome, Reply, Session, Step, Turn
from handlers.drafts import Draft
from handlers.form_pages import SHARE
from handlers.speech import back, command, link, ways_out
from knowledge.answers import DATE, organisation_name, sources_said
from knowledge.checklists import (
    OPEN,
    TICKED,
    Checklist,
    Item,
    Section,
    asked_about,
    item_at,
    lines,
    numbers,
    progress,
    sections,
    toggled,
)
from knowledge.entries import Knowledge
from knowledge.rulesets import ruleset_on

SHOW, TICK, TICKS, EXPLAIN, PRINT = "dossier:", "tick:", "ticks:", "explain:", "print:"
SHELF = "dossier:"  # and the id of the checklist
KEPT_DAYS = 400  # after the last tick: a dossier is prepared from one year's award to the next


async def start(turn: Turn) -> Step:
    """The checklist of today's rules; where there are several, which one."""
    current = _current(turn)
    if not current:
        text = turn.knowledge.say("dossier.no_list")
        return Step((Reply(text, ways_out(turn.knowledge)),), turn.session, Outcome.GUIDE)
    if len(current) == 1:
        return _page(turn, current[0], turn.session, "", whole=True)
    choices = tuple(Choice(each.label, SHOW + each.id) for each in current)
    reply = Reply(turn.knowledge.say("dossier.which"), (*choices, back(turn.knowledge)))
    return Step((reply,), turn.session, Outcome.GUIDE)


async def show(turn: Turn) -> Step:
    """One checklist: `dossier:<checklist>`."""
    checklist, _ = _named(turn, SHOW)
    if checklist is None:
        return await start(turn)
    return _page(turn, checklist, turn.session, "", whole=True)


async def tick(turn: Turn) -> Step:
    """A pressed item, done or open again: `tick:<checklist>:<item>`."""
    checklist, name = _named(turn, TICK)
    if checklist is None:
        return await start(turn)
    chosen = [n for n, item in _items(turn.knowledge, checklist) if item.id == name]
    return _ticked(turn, checklist, chosen)


async def ticks(turn: Turn) -> Step:
    """Typed numbers: `ticks:<checklist>:1,3,5`."""
    checklist, typed = _named(turn, TICKS)
    if checklist is None:
        return await start(turn)
    return _ticked(turn, checklist, numbers(typed))


async def explain(turn: Turn) -> Step:
    """What one item is, and what others got wrong: `explain:<checklist>:<item>`."""
    checklist, name = _named(turn, EXPLAIN)
    if checklist is None:
        return await start(turn)
    items = _items(turn.knowledge, checklist)
    found = next(((n, item) for n, item in items if item.id == name), None)
    if found is None:
        note = turn.knowledge.say("dossier.no_such_item", most=len(items))
        return _page(turn, checklist, turn.session, note)
    following = next((item for n, item in items if n == found[0] + 1), None)
    return _explained(turn, checklist, found, following)


async def print_(turn: Turn) -> Step:
    """The list as a document, with what is ticked: `print:<checklist>`."""
    checklist, _ = _named(turn, PRINT)
    if checklist is None:
        return await start(turn)
    reply = _page(turn, checklist, turn.session, turn.knowledge.say("dossier.sent")).replies[0]
    reply = replace(reply, attachment=_document(turn, checklist))
    return Step((reply,), turn.session, Outcome.GUIDE)


def read_typed(turn: Turn) -> Turn:
    """Under a checklist, "1, 3" ticks and "?3" explains; a single number is that choice anyway."""
    asked = next((each.action for each in turn.session.offered if each.action.startswith(TICK)), "")
    checklist = turn.knowledge.checklists.get(asked.removeprefix(TICK).partition(":")[0])
    if turn.incoming.action or checklist is None:
        return turn
    typed = turn.incoming.text
    if number := asked_about(typed):
        item = item_at(sections(turn.knowledge.checklists, checklist), number)
        action = f"{EXPLAIN}{checklist.id}:{item.id if item else number}"
    elif len(chosen := numbers(typed)) > 1:
        action = f"{TICKS}{checklist.id}:{','.join(map(str, chosen))}"
    else:
        return turn
    return replace(turn, incoming=replace(turn.incoming, action=action))


def kept(session: Session) -> dict[str, Mapping[str, Any]]:
    """The ticks of every list, as they lie on the shelf: nobody's consent is needed for them."""
    return {name: each for name, each in session.shelf.items() if name.startswith(SHELF)}


def kept_lines(turn: Turn) -> list[str]:
    """What is kept of the lists, in plain words."""
    lines = []
    for name, each in kept(turn.session).items():
        checklist = turn.knowledge.checklists.get(name.removeprefix(SHELF))
        if checklist is not None and each["ticked"]:
            facts = {"label": checklist.label, "done": len(each["ticked"])}
            lines.append(turn.knowledge.say("dossier.kept", **facts))
    return lines


def state(turn: Turn, name: str) -> Draft | None:
    """How far one is with a list today, as what is shared; None where nothing is ticked.

    A borrowed list is told only where something of it is ticked: nobody has to have the rest.
    """
    knowledge = turn.knowledge
    form, checklist = knowledge.forms.get(name), knowledge.checklists.get(name)
    if form is None or checklist is None:
        return None
    ticked, day = _kept(turn.session, checklist), turn.now.strftime(DATE)
    own, *borrowed = sections(knowledge.checklists, checklist)
    begun = [each for each in borrowed if progress(each, ticked).done]
    if not begun and not progress(own, ticked).done:
        return None
    return Draft(form, {each.id: _state(knowledge, each, ticked, day) for each in (own, *begun)})


def states(turn: Turn) -> tuple[Draft, ...]:
    """How far one is with each list of today's rules that something is ticked in."""
    found = (state(turn, each.id) for each in _current(turn))
    return tuple(each for each in found if each is not None)


def _state(knowledge: Knowledge, section: Section, ticked: Sequence[str], day: str) -> str:
    def labels(*, done: bool) -> str:
        found = [item.label for _, item in section.items if (item.id in ticked) == done]
        return "; ".join(found) or knowledge.say("dossier.nothing")

    far = progress(section, ticked)
    missing, have = labels(done=False), labels(done=True)
    return knowledge.say(
        "dossier.state", done=far.done, total=far.total, day=day, missing=missing, ticked=have
    )


def _current(turn: Turn) -> list[Checklist]:
    """The checklists of the rules of today, as far as what they rest on is in force."""
    knowledge, today = turn.knowledge, turn.now.date()
    rules = {
        programme: ruleset_on(knowledge.rulesets.values(), programme, today)
        for programme in knowledge.programmes
    }
    return [
        each
        for each in knowledge.checklists.values()
        if (holding := rules.get(each.programme)) is not None
        and each.ruleset == holding.id
        and all(knowledge.sources[cited.source].holds_on(today) for cited in each.citations)
    ]


def _ticked(turn: Turn, checklist: Checklist, chosen: Sequence[int]) -> Step:
    knowledge = turn.knowledge
    shown, before = sections(knowledge.checklists, checklist), _kept(turn.session, checklist)
    named = [item for number in chosen if (item := item_at(shown, number)) is not None]
    if not named or len(named) < len(chosen):
        most = len(_items(knowledge, checklist))
        return _page(
            turn, checklist, turn.session, knowledge.say("dossier.no_such_item", most=most)
        )
    after = toggled(shown, before, chosen)
    until = turn.now.date() + timedelta(days=KEPT_DAYS)
    kept = {"ticked": after, "kept_until": until.isoformat()}
    shelf = {**turn.session.shelf, SHELF + checklist.id: kept}
    session = replace(turn.session, shelf=shelf)
    notes = [
        knowledge.say(
            "dossier.ticked" if item.id in after else "dossier.open_again", label=item.label
        )
        for item in named
    ]
    first = progress(shown[0], after)
    if first.done == first.total and progress(shown[0], before).done < first.total:
        notes.append(knowledge.say("dossier.ready"))
    return _page(turn, checklist, session, "\n".join(notes))


def _page(
    turn: Turn, checklist: Checklist, session: Session, note: str, *, whole: bool = False
) -> Step:
    """The list with what is ticked. Its items are the first choices, so that number means item.

    *whole* says once more how firm the list is, what to type, and what it rests on.
    """
    knowledge, ticked = turn.knowledge, _kept(session, checklist)
    shown = sections(knowledge.checklists, checklist)
    listed = "\n\n".join("\n".join(lines(each, ticked)) for each in shown)
    text = [f"**{checklist.label}**", note, listed]
    if whole:
        text[1:1] = [checklist.note.strip()]
        text += [knowledge.say("dossier.how", days=KEPT_DAYS), _sources(knowledge, checklist)]
    items = _items(knowledge, checklist)
    boxes = [
        Choice(TICKED if item.id in ticked else OPEN, f"{TICK}{checklist.id}:{item.id}", told=True)
        for _, item in items
    ]
    opened = next((item for _, item in items if item.id not in ticked), items[0][1])
    begun = state(replace(turn, session=session), checklist.id)
    share = (Choice(knowledge.say("dossier.share"), SHARE + checklist.id),) if begun else ()
    choices = (
        *boxes,
        Choice(knowledge.say("dossier.explain"), f"{EXPLAIN}{checklist.id}:{opened.id}"),
        Choice(knowledge.say("dossier.print"), PRINT + checklist.id),
        *share,
        command(knowledge, "deadlines", "choice.deadlines"),
        back(knowledge),
    )
    return Step((Reply("\n\n".join(filter(None, text)), choices),), session, Outcome.GUIDE)


def _explained(
    turn: Turn, checklist: Checklist, found: tuple[int, Item], following: Item | None
) -> Step:
    knowledge, (number, item) = turn.knowledge, found
    done = item.id in _kept(turn.session, checklist)
    section = _section_of(sections(knowledge.checklists, checklist), item)
    text = [
        section.heading,
        f"**{TICKED if done else OPEN} {number}. {item.label}**",
        item.explanation,
    ]
    if item.mistakes:
        mistakes = [f"- {each}" for each in item.mistakes]
        text.append("\n".join([knowledge.say("dossier.mistakes"), *mistakes]))
    label = knowledge.say("dossier.untick" if done else "dossier.tick")
    choices = [Choice(label, f"{TICK}{checklist.id}:{item.id}")]
    if following is not None:
        choices.append(
            Choice(knowledge.say("dossier.next"), f"{EXPLAIN}{checklist.id}:{following.id}")
        )
    if item.entry in knowledge.entries:
        choices.append(link(knowledge, item.entry))
    choices.append(Choice(knowledge.say("choice.back"), f"{BACK_TO}{SHOW}{checklist.id}"))
    reply = Reply("\n\n".join(text), tuple(choices))
    return Step((reply,), turn.session, Outcome.GUIDE)


def _document(turn: Turn, checklist: Checklist) -> Attachment:
    knowledge, ticked = turn.knowledge, _kept(turn.session, checklist)
    parts = [
        Part(
            heading=section.heading,
            boxes=[_box(knowledge, item, ticked) for _, item in section.items],
        )
        for section in sections(knowledge.checklists, checklist)
    ]
    day = turn.now.strftime(DATE)
    content = ChecklistContent(
        title=checklist.label,
        organisation=organisation_name(knowledge),
        intro=checklist.note.strip(),
        parts=parts,
        source=_sources(knowledge, checklist),
        day=knowledge.say("dossier.printed", day=day),
    )
    return attachments.checklist(
        knowledge.say("dossier.file"),
        content,
        caption=knowledge.say("dossier.caption", label=checklist.label, day=day),
        instead=knowledge.say("attachment.lost"),
    )


def _sources(knowledge: Knowledge, checklist: Checklist) -> str:
    """What the list rests on, and what it borrows: each with since when or until when it holds."""
    borrowed = knowledge.checklists.get(checklist.borrows)
    cited = (*checklist.citations, *(borrowed.citations if borrowed else ()))
    return knowledge.say("dossier.sources", sources=sources_said(knowledge, cited))


def _box(knowledge: Knowledge, item: Item, ticked: Sequence[str]) -> Box:
    return Box(
        label=item.label,
        ticked=item.id in ticked,
        explanation=item.explanation,
        notes=[knowledge.say("dossier.mistake", text=each) for each in item.mistakes],
    )


def _items(knowledge: Knowledge, checklist: Checklist) -> list[tuple[int, Item]]:
    return [each for part in sections(knowledge.checklists, checklist) for each in part.items]


def _section_of(shown: Sequence[Section], item: Item) -> Section:
    return next(part for part in shown if any(each == item for _, each in part.items))


def _kept(session: Session, checklist: Checklist) -> list[str]:
    kept = session.shelf.get(SHELF + checklist.id, {})
    return [str(each) for each in kept.get("ticked", ())]


def _named(turn: Turn, verb: str) -> tuple[Checklist | None, str]:
    """The checklist of a pressed choice and what follows its id."""
    name, _, rest = turn.incoming.action.removeprefix(verb).partition(":")
    return turn.knowledge.checklists.get(name), rest
