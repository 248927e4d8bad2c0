"""What it says: pure decisions, one module per thing that a person can want.

`route` is the table of contents. A message is read as, in this order: something without words, a
choice or its number, a command, the open form's answer, a question. Nothing here sends, saves, or
reads a clock.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from handlers import drafts, faq, form_pages, forms, menu, news, privacy, submissions
from handlers.conversation import BACK, Outcome, Step, Turn
from handlers.hand_over import contact
from handlers.speech import COMMAND, ENTRY, FORM, TOPIC
from knowledge.entries import Command
from knowledge.text import fold

Handler = Callable[[Turn], Awaitable[Step]]


async def route(turn: Turn) -> Step:
    """Decide one turn."""
    turn = menu.read_choice(turn)
    step = await _handler(turn)(turn)
    return _remember_menu(_let_form_wait(turn, step))


def _handler(turn: Turn) -> Handler:
    incoming, in_form = turn.incoming, drafts.running(turn) is not None
    if incoming.unreadable:
        return menu.unreadable
    if incoming.action:
        return _by_action(incoming.action, in_form=in_form)
    command = named(turn)
    if command:
        return _by_command(command.id, in_form=in_form)
    if in_form:
        return forms.typed
    if incoming.phone:
        return menu.phone_unasked
    if menu.is_number(incoming.text):
        return menu.number_of_no_menu
    return faq.ask


def named(turn: Turn) -> Command | None:
    """The command that *turn* types: `/slash` with anything behind it, or its words alone."""
    typed = turn.incoming.text.strip()
    slash = typed[1:].split("@")[0].split(maxsplit=1)[:1] if typed.startswith("/") else []
    words = fold(typed)
    for command in turn.knowledge.commands.values():
        if command.slash in slash or words in map(fold, command.words):
            return command
    return None


async def _register(turn: Turn) -> Step:
    action = f"{FORM}{submissions.REGISTER}"
    return await forms.start(replace(turn, incoming=replace(turn.incoming, action=action)))


async def _nothing_running(turn: Turn) -> Step:
    step = await menu.menu(turn)
    note = turn.knowledge.say("menu.nothing_running")
    reply = replace(step.replies[0], text=f"{note} {step.replies[0].text}")
    return replace(step, replies=(reply,))


COMMANDS: Mapping[str, Handler] = {
    "start": menu.start,
    "menu": menu.menu,
    "help": menu.help_,
    "register": _register,
    "mine": submissions.mine,
    "contact": contact,
    "my_data": privacy.my_data,
    "withdraw": privacy.withdraw,
    "erase": privacy.erase,
    "stop": news.stop,
    "resume": news.resume,
    "cancel": _nothing_running,
    "back": menu.menu,
}
IN_FORM: Mapping[str, Handler] = {"cancel": forms.cancel, "back": forms.back}
ACTIONS: Mapping[str, Handler] = {
    ENTRY: faq.pressed,
    TOPIC: menu.topic,
    menu.GROUP: menu.group,
    FORM: forms.start,
    form_pages.PICK: forms.pick,
    form_pages.TOGGLE: forms.toggle,
    form_pages.FINISH: forms.finish,
    form_pages.SKIP: forms.skip,
    form_pages.EDIT: forms.edit,
    form_pages.RESUME: forms.resume,
    form_pages.RESTART: forms.restart,
    form_pages.DISCARD: forms.discard,
    form_pages.ANOTHER: forms.another,
    form_pages.CHANGE: submissions.change,
    form_pages.WITHDRAW: submissions.withdraw,
    submissions.SURE: submissions.withdraw_sure,
    submissions.KEEP: submissions.keep,
    form_pages.AGREE: forms.agree,
    form_pages.DECLINE: forms.decline,
    form_pages.EDIT_WHICH: forms.edit_which,
    form_pages.SEND: forms.send,
    faq.NONE_OF_THESE: faq.none_of_these,
    privacy.WITHDRAW_SURE: privacy.withdraw_sure,
    privacy.ERASE_SURE: privacy.erase_sure,
    privacy.UNCHANGED: privacy.unchanged,
}
_INTERRUPTS = (
    Outcome.ANSWERED,
    Outcome.REFUSED,
    Outcome.SMALLTALK,
    Outcome.LAPSED,
)


def _by_action(action: str, *, in_form: bool) -> Handler:
    if action == BACK:
        return forms.back if in_form else menu.menu
    if action.startswith(COMMAND):
        return _by_command(action.removeprefix(COMMAND), in_form=in_form)
    verb = action.partition(":")[0]
    return ACTIONS.get(f"{verb}:" if ":" in action else verb, menu.old_choice)


def _by_command(name: str, *, in_form: bool) -> Handler:
    if in_form and name in IN_FORM:
        return IN_FORM[name]
    return COMMANDS.get(name, menu.old_choice)


def _let_form_wait(turn: Turn, step: Step) -> Step:
    """After something else was answered, ask the open question again; menus put the form aside."""
    if step.session.dialog != drafts.DIALOG or step.outcome is Outcome.FORM:
        return step
    if step.outcome in _INTERRUPTS:
        question = forms.reminder(replace(turn, session=step.session))
        return replace(step, replies=(*step.replies, question)) if question else step
    if step.outcome in (Outcome.MENU, Outcome.PRIVACY):
        return forms.aside(turn, step)
    return step


def _remember_menu(step: Step) -> Step:
    """The latest choices are the menu that a typed number means; later words without any end it."""
    last = step.replies[-1] if step.replies else None
    offered = last.choices if last else ()
    session = replace(step.session, offered=offered, numbered=bool(last and last.numbered))
    return replace(step, session=session)
