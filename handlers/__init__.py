"""What it says: pure decisions, one module per thing that a person can want.

`route` is the table of contents. A message is read as, in this order: something for the staff while
they listen, something without words, a choice or its number, a command, the open form's answer, a
question. Nothing here sends, saves, or reads a clock.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from handlers import (
    deadlines,
    dossier,
    drafts,
    eligibility,
    faq,
    filling,
    form_pages,
    forms,
    hand_over,
    menu,
    news,
    privacy,
    reminders,
    sharing,
    submissions,
)
from handlers.conversation import BACK, BACK_TO, Outcome, Step, Turn
from handlers.speech import COMMAND, ENTRY, FORM, TOPIC
from knowledge.entries import Command
from knowledge.text import LIMIT, fold

Handler = Callable[[Turn], Awaitable[Step]]

MAX_LETTERS = 4096  # Telegram's, the widest channel
_SLASH = re.compile(r"/(\w+)(?:@\w+)?(?=\s|$)")
_POLITE = re.compile(r"(?: (?:a|nhe|nha|di|giup|giup toi|giup em|voi))+$")


async def route(turn: Turn) -> Step:
    """Decide one turn, from no more words than a message of a platform has."""
    said = replace(turn.incoming, text=turn.incoming.text[:MAX_LETTERS])
    heard = replace(turn, incoming=said)
    turn = understood(heard)
    handler = handler_of(turn)
    if _meant_for_staff(heard) and (await turn.lookup.desk()).listening:
        handler, turn = hand_over.pass_on, heard
    if handler not in {hand_over.contact, hand_over.reason, hand_over.at_once}:
        turn = hand_over.left(turn)
    step = await handler(turn)
    return remember_menu(_let_form_wait(turn, step))


def understood(turn: Turn) -> Turn:
    """The turn with words that stand for a choice made that choice's action."""
    turn = reminders.read_days(menu.read_choice(dossier.read_typed(turn)))
    return _opened(_back_to(filling.read_words(turn)))


def handler_of(turn: Turn) -> Handler:
    """Who decides an understood turn."""
    incoming, in_form = turn.incoming, drafts.running(turn) is not None
    if incoming.unreadable and hand_over.asks_reason(turn):
        return hand_over.reason
    if incoming.unreadable:
        return filling.unreadable if in_form else menu.unreadable
    if incoming.action:
        return _by_action(incoming.action, in_form=in_form)
    command = named(turn)
    if command:
        return _by_command(command.id, in_form=in_form)
    if _SLASH.match(incoming.text.strip()):
        return filling.unknown_command if in_form else menu.unknown_command
    if in_form:
        return filling.typed
    if hand_over.asks_reason(turn):
        return hand_over.reason
    if incoming.phone:
        return menu.phone_unasked
    if menu.is_number(incoming.text):
        return menu.number_of_no_menu
    return faq.ask


def named(turn: Turn) -> Command | None:
    """The command that *turn* types: `/slash` with anything behind it, or its words alone."""
    typed = turn.incoming.text.strip()
    slash = _SLASH.match(typed)
    asked = fold(slash[1] if slash else typed[:LIMIT])
    wanted = {asked, _POLITE.sub("", asked)}
    for command in turn.knowledge.commands.values():
        if wanted & command.names or (slash and command.slash in wanted):
            return command
    return None


def _meant_for_staff(heard: Turn) -> bool:
    """Whether a message as it came goes to the staff, if they listen."""
    command = named(heard)
    chosen = menu.read_choice(heard).incoming.action
    return hand_over.meant_for_staff(heard, chosen, command.id if command else "")


def _back_to(turn: Turn) -> Turn:
    """A step back that names where it leads is simply that step."""
    action = turn.incoming.action.removeprefix(BACK_TO)
    return replace(turn, incoming=replace(turn.incoming, action=action))


def _opened(turn: Turn) -> Turn:
    """A command that opens a form is the choice of that form."""
    action = turn.incoming.action
    if action.startswith(COMMAND):
        command = turn.knowledge.commands.get(action.removeprefix(COMMAND))
    else:
        command = None if action else named(turn)
    if command is None or not command.form:
        return turn
    return replace(turn, incoming=replace(turn.incoming, action=FORM + command.form))


async def _nothing_running(turn: Turn) -> Step:
    if reminders.means_stop(turn) and any(w.wanted for w in await turn.lookup.reminders()):
        return await reminders.stop(turn)
    if (await turn.lookup.desk()).listening:
        return await hand_over.offer_end(turn)
    step = await menu.menu(turn)
    note = turn.knowledge.say("menu.nothing_running")
    reply = replace(step.replies[0], text=f"{note} {step.replies[0].text}")
    return replace(step, replies=(reply,))


COMMANDS: Mapping[str, Handler] = {
    "start": menu.start,
    "menu": menu.menu,
    "help": menu.help_,
    "mine": submissions.mine,
    "contact": hand_over.contact,
    "end_talk": hand_over.end,
    "my_data": privacy.my_data,
    "withdraw": privacy.withdraw,
    "erase": privacy.erase,
    "stop": news.stop,
    "resume": news.resume,
    "dossier": dossier.start,
    "deadlines": deadlines.mine,
    "remind": reminders.page,
    "stop_reminders": reminders.stop,
    "submitted": reminders.submitted,
    "cancel": _nothing_running,
    "back": menu.menu,
}
IN_FORM: Mapping[str, Handler] = {"cancel": forms.cancel, "back": filling.back}
ACTIONS: Mapping[str, Handler] = {
    ENTRY: faq.pressed,
    TOPIC: menu.topic,
    menu.GROUP: menu.group,
    FORM: forms.start,
    form_pages.PICK: filling.pick,
    form_pages.TOGGLE: filling.toggle,
    form_pages.FINISH: filling.finish,
    form_pages.SKIP: filling.skip,
    form_pages.SAME: filling.same,
    form_pages.WRITE: filling.write,
    form_pages.EDIT: filling.edit,
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
    form_pages.EDIT_WHICH: filling.edit_which,
    form_pages.SEND: forms.send,
    form_pages.SEE: forms.see,
    form_pages.JOIN: forms.join,
    form_pages.SHARE: sharing.share,
    sharing.SHARE_SURE: sharing.share_sure,
    eligibility.EARLIER: eligibility.by_earlier_rules,
    eligibility.REMIND: eligibility.remind,
    dossier.SHOW: dossier.show,
    dossier.TICK: dossier.tick,
    dossier.TICKS: dossier.ticks,
    dossier.EXPLAIN: dossier.explain,
    dossier.PRINT: dossier.print_,
    deadlines.ALL: deadlines.everything,
    deadlines.REMIND: reminders.remind,
    reminders.WHEN: reminders.when,
    reminders.DAYS: reminders.days,
    reminders.OFF: reminders.off,
    reminders.HANDED_IN: reminders.handed_in,
    reminders.NOT_HANDED_IN: reminders.not_handed_in,
    faq.NONE_OF_THESE: faq.none_of_these,
    hand_over.HUMAN: hand_over.at_once,
    hand_over.END: hand_over.end,
    hand_over.RATE: hand_over.rate,
    privacy.WITHDRAW_SURE: privacy.withdraw_sure,
    privacy.ERASE_SURE: privacy.erase_sure,
    privacy.UNCHANGED: privacy.unchanged,
}
_ANSWERS = (
    Outcome.ANSWERED,
    Outcome.UNANSWERED,
    Outcome.LAPSED,
    Outcome.REFUSED,
    Outcome.SMALLTALK,
    Outcome.CONTACT,
    Outcome.SUBSCRIPTION,
)


def _by_action(action: str, *, in_form: bool) -> Handler:
    if action == BACK:
        return filling.back if in_form else menu.menu
    if action.startswith(COMMAND):
        return _by_command(action.removeprefix(COMMAND), in_form=in_form)
    verb = action.partition(":")[0]
    old = filling.old_choice if in_form else menu.old_choice
    return ACTIONS.get(f"{verb}:" if ":" in action else verb, old)


def _by_command(name: str, *, in_form: bool) -> Handler:
    if in_form and name in IN_FORM:
        return IN_FORM[name]
    return COMMANDS.get(name, menu.old_choice)


def _let_form_wait(turn: Turn, step: Step) -> Step:
    """What else was said while a form is open, and how the form goes on.

    After an answer its question comes again, with its choices only: a typed number must not have
    two meanings. "Did you mean" offers it beside. Menus put it aside, one press away.
    """
    within = replace(turn, session=step.session)
    draft = drafts.running(within)
    if draft is None or step.outcome is Outcome.FORM:
        return step
    *said, last = step.replies
    if step.outcome in _ANSWERS:
        replies = (*said, replace(last, choices=()), filling.reminder(within))
        return replace(step, replies=replies)
    if step.outcome is Outcome.OFFERED:
        ways = form_pages.ways_back(turn.knowledge, draft, drafts.current(within, draft))
        return replace(step, replies=(*said, replace(last, choices=(*last.choices, *ways))))
    return forms.aside(turn, step)


def remember_menu(step: Step) -> Step:
    """The latest choices are the menu that a typed number means; later words without any end it."""
    last = step.replies[-1] if step.replies else None
    offered = last.choices if last else ()
    session = replace(step.session, offered=offered, numbered=bool(last and last.numbered))
    return replace(step, session=session)
