"""Starting, finding one's way, and numbers: what a person sees before and between questions."""

from __future__ import annotations

import re
from dataclasses import replace

from handlers.conversation import Choice, Outcome, Reply, Step, Turn, numbered
from handlers.speech import FORM, REGISTER, TOPIC, back, command, link, links, ways_out
from knowledge.answers import organisation_name
from knowledge.entries import Knowledge
from knowledge.text import fold

GROUPS = ("award", "support", "contact")
GROUP = "group:"
PAGE = 8
_CHOSEN = re.compile(r"(?:(?:toi |em )?(?:chon |so |y |cau |muc )+)?([0-9]{1,2})")


def read_choice(turn: Turn) -> Turn:
    """A typed number or label of the latest menu becomes the choice it stands for."""
    typed, session = fold(turn.incoming.text), turn.session
    if turn.incoming.action or not typed:
        return turn
    if chosen := _CHOSEN.fullmatch(typed):
        typed = str(int(chosen[1]))
    meant = {fold(choice.label): choice for choice in session.offered}
    if session.numbered:
        meant |= dict(numbered(session.offered))
    choice = meant.get(typed)
    if choice is None:
        return turn
    return replace(turn, incoming=replace(turn.incoming, action=choice.action))


def is_number(text: str) -> bool:
    """Whether *text* can only be meant as the number of a menu."""
    bare = text.strip().rstrip(".)")
    return bare.isascii() and bare.isdigit() and len(bare) <= 2  # noqa: PLR2004 - menus are short


async def number_of_no_menu(turn: Turn) -> Step:
    """A number where no menu, or another one, is open. 0 leads back wherever one stands."""
    say, typed = turn.knowledge.say, turn.incoming.text.strip().rstrip(".)")
    if not int(typed):
        return await menu(turn)
    if turn.session.offered and turn.session.numbered:
        return _said(turn, say("menu.no_such_number", number=typed), turn.session.offered)
    return _said(turn, say("menu.old_number"), _groups(turn.knowledge))


async def start(turn: Turn) -> Step:
    office = organisation_name(turn.knowledge)
    text = turn.knowledge.say("start.greeting", office=office)
    return _said(turn, text, _groups(turn.knowledge))


async def menu(turn: Turn) -> Step:
    return _said(turn, turn.knowledge.say("menu.title"), _groups(turn.knowledge))


async def group(turn: Turn) -> Step:
    """One group of topics and forms, or all groups for a group that is not there."""
    name = turn.incoming.action.removeprefix(GROUP)
    if name not in GROUPS:
        return await menu(turn)
    topics = [topic for topic in turn.knowledge.topics.values() if topic.group == name]
    choices = tuple(Choice(topic.label, TOPIC + topic.id) for topic in topics)
    forms = [FORM + form.id for form in turn.knowledge.forms.values() if form.group == name]
    text = turn.knowledge.say(f"menu.{name}")
    return _said(turn, text, (*choices, *links(turn.knowledge, forms), back(turn.knowledge)))


async def topic(turn: Turn) -> Step:
    """One page of a topic's current questions, the opening one first: `topic:<id>:<page>`."""
    knowledge = turn.knowledge
    name, _, page = turn.incoming.action.removeprefix(TOPIC).partition(":")
    found = knowledge.topics.get(name)
    if found is None:
        return await menu(turn)
    others = [
        entry.id
        for entry in knowledge.entries.values()
        if entry.topic == found.id and not entry.past and entry.id != found.opens
    ]
    start = int(page) * PAGE if page.isdecimal() and len(page) == 1 else 0
    shown = [found.opens, *others][start : start + PAGE]
    more = start + PAGE < len(others) + 1
    choices = links(knowledge, shown)
    if more:
        choices += (Choice(knowledge.say("choice.more"), f"{TOPIC}{name}:{start // PAGE + 1}"),)
    text = knowledge.say("menu.topic", topic=found.label)
    before = f"{TOPIC}{name}:{start // PAGE - 1}" if start else GROUP + found.group
    return _said(turn, text, (*choices, back(knowledge, before)))


async def help_(turn: Turn) -> Step:
    knowledge = turn.knowledge
    lines = [
        knowledge.say("help.command", slash=each.slash, what=each.vi)
        for each in knowledge.commands.values()
    ]
    text = "\n".join([knowledge.say("help.text"), *lines])
    return _said(turn, text, (command(knowledge, "menu", "choice.menu"),))


async def unreadable(turn: Turn) -> Step:
    return _said(turn, turn.knowledge.say("menu.unreadable"), turn.session.offered)


async def phone_unasked(turn: Turn) -> Step:
    knowledge = turn.knowledge
    choices = (link(knowledge, FORM + REGISTER), *ways_out(knowledge))
    return _said(turn, knowledge.say("menu.phone_unasked"), choices)


async def unknown_command(turn: Turn) -> Step:
    """`/something` that is none of ours: not a question, and not to be guessed at."""
    return _said(turn, turn.knowledge.say("menu.unknown_command"), _groups(turn.knowledge))


async def old_choice(turn: Turn) -> Step:
    """A button whose meaning is gone: an entry that was removed, a step long past."""
    return _said(turn, turn.knowledge.say("menu.old_choice"), _groups(turn.knowledge))


def menu_commands(knowledge: Knowledge) -> tuple[tuple[str, str, str], ...]:
    """What a platform lists as commands: name, Vietnamese, English."""
    return tuple((c.slash, c.vi, c.en) for c in knowledge.commands.values() if c.menu)


def _groups(knowledge: Knowledge) -> tuple[Choice, ...]:
    return tuple(Choice(knowledge.say(f"choice.{name}"), GROUP + name) for name in GROUPS)


def _said(turn: Turn, text: str, choices: tuple[Choice, ...]) -> Step:
    return Step((Reply(text, choices),), turn.session, Outcome.MENU)
