"""Words that several handlers share: where a link leads, and the doors out of a dead end."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.conversation import BACK, BACK_TO, Choice
from knowledge.entries import Knowledge

ENTRY = "entry:"
FORM = "form:"
TOPIC = "topic:"
COMMAND = "cmd:"
REGISTER = "register"  # the form that is offered to who has sent none


def link(knowledge: Knowledge, target: str) -> Choice:
    """A choice that leads to an entry, a form (`form:<id>`) or what a command does (`cmd:<id>`)."""
    if target.startswith(FORM):
        return Choice(knowledge.forms[target.removeprefix(FORM)].label, target)
    if target.startswith(COMMAND):
        return Choice(knowledge.commands[target.removeprefix(COMMAND)].vi, target)
    return Choice(knowledge.entries[target].label, ENTRY + target)


def links(knowledge: Knowledge, targets: Iterable[str]) -> tuple[Choice, ...]:
    return tuple(link(knowledge, target) for target in targets)


def command(knowledge: Knowledge, name: str, label: str) -> Choice:
    """A choice that does what typing the command does."""
    return Choice(knowledge.say(label), COMMAND + name)


def ways_out(knowledge: Knowledge) -> tuple[Choice, ...]:
    """What is offered wherever nothing else can be."""
    return (
        command(knowledge, "contact", "choice.human"),
        command(knowledge, "menu", "choice.menu"),
    )


def back(knowledge: Knowledge, to: str = "") -> Choice:
    """One step back: to what the action *to* shows, otherwise to where everything begins."""
    return Choice(knowledge.say("choice.back"), BACK_TO + to if to else BACK)
