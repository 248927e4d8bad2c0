"""Writing an announcement by chat: its words, whom it is for, its buttons, its times.

What is written is a draft in the database from the first word, so nothing hangs on the chat.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from bot.channels.text import shorten
from bot.operations import broadcasts, recipients
from bot.operations.broadcasts import MOST_CHOICES, Changes, Draft
from bot.operations.refusals import Unfit, Why
from bot.staff_chat import audience_words
from bot.staff_chat.audience_words import FACETS, key_of
from bot.staff_chat.moments import read_moment
from bot.staff_chat.news_page import ask, asked_about, back, no_moment, page
from bot.staff_chat.turn import Handler, Lost, StaffTurn, moment, number_in
from bot.store import audiences
from bot.store.announcing import opens_at
from bot.store.audiences import EVERYBODY, Audience
from bot.store.broadcasts import Broadcast
from handlers.conversation import Choice, Step
from handlers.speech import FORM, link
from knowledge.contract import MAX_LABEL
from knowledge.finding import find
from knowledge.text import fold

FOUND: Final = 4
NOW: Final = frozenset({"ngay", "gui ngay", "duyet la gui"})


async def write(turn: StaffTurn) -> Step:
    return ask(turn, "news.write", turn.say("staff.news.ask_text"))


async def written(turn: StaffTurn) -> Step:
    if _wordless(turn):
        return turn.said(turn.say("staff.news.file_wordless"), back(turn))
    draft = Draft(turn.incoming.text, attachment=turn.file())
    number = await broadcasts.compose(turn.db, draft, turn.by, turn.now)
    return await page(turn, number, turn.say("staff.news.written"))


async def correct(turn: StaffTurn) -> Step:
    return ask(turn, "news.correct", turn.say("staff.news.ask_correction"), turn.number())


async def corrected(turn: StaffTurn) -> Step:
    wrong = asked_about(turn)
    if _wordless(turn):
        return turn.said(turn.say("staff.news.file_wordless"), back(turn, wrong))
    draft = Draft(turn.incoming.text, correction_of=wrong, attachment=turn.file())
    number = await broadcasts.compose(turn.db, draft, turn.by, turn.now)
    return await page(turn, number, turn.say("staff.news.written"))


async def edit(turn: StaffTurn) -> Step:
    """Ask for the words that take the place of those that were sent."""
    return ask(turn, "news.edit", turn.say("staff.news.ask_edit"), turn.number())


async def edited(turn: StaffTurn) -> Step:
    if turn.incoming.file:
        raise Unfit(Why.WITHOUT_FILE)
    wrong = await recipients.get(turn.db, asked_about(turn), turn.by)
    draft = Draft(turn.incoming.text, wrong.choices, correction_of=wrong.id, changes=Changes.EDIT)
    number = await broadcasts.compose(turn.db, draft, turn.by, turn.now)
    return await page(turn, number, turn.say("staff.news.written"))


async def withdraw(turn: StaffTurn) -> Step:
    """A draft without words, to be submitted and approved like any other."""
    draft = Draft("", correction_of=turn.number(), changes=Changes.WITHDRAW)
    number = await broadcasts.compose(turn.db, draft, turn.by, turn.now)
    return await page(turn, number, turn.say("staff.news.written"))


async def text(turn: StaffTurn) -> Step:
    found = await recipients.get(turn.db, turn.number(), turn.by)
    say = turn.say("staff.news.ask_edit" if found.changes else "staff.news.ask_text")
    return ask(turn, "news.text", say, found.id)


async def reworded(turn: StaffTurn) -> Step:
    number, new = asked_about(turn), brought(turn)
    await change(turn, number, lambda draft: replace(draft, **new))
    return await page(turn, number, turn.say("staff.news.changed"))


async def audience(turn: StaffTurn) -> Step:
    """The facets, and how many people are meant at this moment."""
    found = await recipients.get(turn.db, turn.number(), turn.by)
    return await _audience_page(turn, found)


async def facet(turn: StaffTurn) -> Step:
    """The options of one facet, those that are chosen marked: `news.facet:<number>:<facet>`."""
    number, _, name = turn.argument.partition(":")
    if name not in FACETS:
        raise Lost(turn.argument)
    found = await recipients.get(turn.db, number_in(number), turn.by)
    return await _facet_page(turn, found, name)


async def take(turn: StaffTurn) -> Step:
    """Choose an option, or no longer: `news.take:<number>:<facet>:<key>`."""
    number, _, rest = turn.argument.partition(":")
    name, _, key = rest.partition(":")
    if name not in FACETS:
        raise Lost(turn.argument)
    found = await recipients.get(turn.db, number_in(number), turn.by)
    chosen: tuple[str, ...] = getattr(found.audience, name)
    known = [*await audience_words.options(turn, name), *chosen]
    value = next((each for each in known if key_of(each) == key), None)
    if value is None:
        raise Lost(turn.argument)
    now_chosen = tuple(each for each in chosen if each != value)
    if value not in chosen:
        now_chosen = (*chosen, value)
    data = found.audience.as_data() | {name: list(now_chosen)}
    meant = Audience.of_data(data)
    await change(turn, found.id, lambda draft: replace(draft, audience=meant))
    return await _facet_page(turn, replace(found, audience=meant), name)


async def everybody(turn: StaffTurn) -> Step:
    number = turn.number()
    await change(turn, number, lambda draft: replace(draft, audience=EVERYBODY))
    return await audience(turn)


async def links(turn: StaffTurn) -> Step:
    """The buttons that it has, to take away; and words to look one up by."""
    number = turn.number()
    found = await recipients.get(turn.db, number, turn.by)
    gone = [
        turn.named_choice(shorten(f"– {choice.label}", MAX_LABEL), "news.unlink", f"{number}:{at}")
        for at, choice in enumerate(found.choices)
    ]
    text = turn.say("staff.news.ask_link", most=MOST_CHOICES)
    return ask(turn, "news.links", text, number, *gone)


async def looked_up(turn: StaffTurn) -> Step:
    """Forms and entries that the typed words may mean, to choose from."""
    number = asked_about(turn)
    knowledge, words = turn.knowledge, set(fold(turn.incoming.text).split())
    forms = [
        FORM + form.id
        for form in knowledge.forms.values()
        if 2 * len(words & set(fold(form.label).split())) > len(words)
    ]
    hits = find(knowledge, turn.incoming.text, turn.now.date()).hits
    targets = [*forms, *(hit.entry.id for hit in hits)][:FOUND]
    found = [
        turn.named_choice(link(knowledge, each).label, "news.link", f"{number}:{each}")
        for each in targets
    ]
    key = "staff.news.link_which" if found else "staff.news.link_none"
    return turn.said(turn.say(key), *found, back(turn, number))


async def add_link(turn: StaffTurn) -> Step:
    """Hang a button to an entry or a form under it: `news.link:<number>:<target>`."""
    number, _, target = turn.argument.partition(":")
    entries, forms = turn.knowledge.entries, turn.knowledge.forms
    known = forms if target.startswith(FORM) else entries
    if target.removeprefix(FORM) not in known:
        raise Lost(turn.argument)
    button = link(turn.knowledge, target)
    await change(turn, number_in(number), lambda draft: _with(draft, button))
    return await page(turn, number_in(number), turn.say("staff.news.changed"))


async def take_link(turn: StaffTurn) -> Step:
    number, gone = map(number_in, turn.argument.partition(":")[::2])

    def without(draft: Draft) -> Draft:
        kept = [each for place, each in enumerate(draft.choices) if place != gone]
        return replace(draft, choices=tuple(kept))

    await change(turn, number, without)
    return await page(turn, number, turn.say("staff.news.changed"))


async def times(turn: StaffTurn) -> Step:
    return ask(turn, "news.times", turn.say("staff.news.ask_send_at"), turn.number())


async def timed(turn: StaffTurn) -> Step:
    """When to send, then until when at the latest; "ngay" is as soon as it is approved."""
    number, typed = asked_about(turn), turn.incoming.text
    at = read_moment(typed, turn.now)
    if at is None and fold(typed) not in NOW:
        return no_moment(turn, number)
    if at is not None and at <= turn.now:
        raise Unfit(Why.LATE)
    await change(turn, number, lambda draft: replace(draft, send_at=at, latest_at=None))
    told = moment(opens_at(at)) if at else turn.say("staff.news.when_approved")
    return ask(turn, "news.latest", turn.say("staff.news.ask_latest_at", send_at=told), number)


async def latest(turn: StaffTurn) -> Step:
    number = asked_about(turn)
    at = read_moment(turn.incoming.text, turn.now)
    if at is None:
        return no_moment(turn, number)
    await change(turn, number, lambda draft: replace(draft, latest_at=at))
    return await page(turn, number, turn.say("staff.news.changed"))


async def _audience_page(turn: StaffTurn, found: Broadcast) -> Step:
    count = await audiences.count(turn.db, found.audience)
    words = audience_words.describe(turn.knowledge, found.audience)
    facets = [
        turn.choice(f"staff.news.facet.{name}", "news.facet", f"{found.id}:{name}")
        for name in FACETS
        if await audience_words.options(turn, name)
    ]
    all_ = turn.choice("staff.news.choice.everybody", "news.everybody", found.id)
    text = turn.say("staff.news.audience_now", audience=words, count=count)
    return turn.said(text, *facets, all_, back(turn, found.id))


async def _facet_page(turn: StaffTurn, found: Broadcast, name: str) -> Step:
    count = await audiences.count(turn.db, found.audience)
    chosen: tuple[str, ...] = getattr(found.audience, name)
    choices: list[Choice] = [
        turn.named_choice(
            shorten(f"{'✓ ' if value in chosen else ''}{label}", MAX_LABEL),
            "news.take",
            f"{found.id}:{name}:{key_of(value)}",
        )
        for value, label in (await audience_words.options(turn, name)).items()
    ]
    to_facets = turn.choice("staff.choice.back", "news.audience", found.id)
    words = audience_words.describe(turn.knowledge, found.audience)
    text = turn.say("staff.news.audience_now", audience=words, count=count)
    return turn.said(text, *choices, to_facets)


async def change(turn: StaffTurn, number: int, edited: Callable[[Draft], Draft]) -> None:
    """Replace a draft by what *edited* makes of it."""
    found = await recipients.get(turn.db, number, turn.by)
    await broadcasts.edit(turn.db, number, edited(broadcasts.draft_of(found)), turn.by, turn.now)


def brought(turn: StaffTurn) -> Mapping[str, Any]:
    """What a message changes of a draft: its words, its file, or both. Raises Refused."""
    said, file = turn.incoming.text.strip(), turn.file()
    if file is None:
        return {"text": said}
    return {"attachment": file} | ({"text": said} if said else {})


def _wordless(turn: StaffTurn) -> bool:
    return turn.incoming.file is not None and not turn.incoming.text.strip()


def _with(draft: Draft, button: Choice) -> Draft:
    others = [each for each in draft.choices if each.action != button.action]
    return replace(draft, choices=(*others, button))


ACTIONS: Final[Mapping[str, Handler]] = {
    "news.write": write,
    "news.correct": correct,
    "news.edit": edit,
    "news.withdraw": withdraw,
    "news.text": text,
    "news.audience": audience,
    "news.facet": facet,
    "news.take": take,
    "news.everybody": everybody,
    "news.links": links,
    "news.link": add_link,
    "news.unlink": take_link,
    "news.times": times,
}
TYPED: Final[Mapping[str, Handler]] = {
    "news.write": written,
    "news.correct": corrected,
    "news.edit": edited,
    "news.text": reworded,
    "news.links": looked_up,
    "news.times": timed,
    "news.latest": latest,
}
