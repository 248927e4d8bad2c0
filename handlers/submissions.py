"""The forms a person has sent: see them, change one, take one back."""

from __future__ import annotations

from dataclasses import replace

from handlers import form_pages, forms, seats
from handlers.conversation import Choice, Outcome, Reply, Step, Turn
from handlers.drafts import forget, of_sent
from handlers.effects import Effect, WithdrawSubmission
from handlers.form_pages import CHANGE, WITHDRAW
from handlers.records import Submission
from handlers.speech import FORM, REGISTER, command, link
from knowledge.answers import DATE
from knowledge.clock import VIETNAM

SURE = "withdraw-sure:"
KEEP = "keep"


async def mine(turn: Turn) -> Step:
    """Every form sent from this conversation, each with its values and its own buttons."""
    knowledge = turn.knowledge
    sent = [each for each in await turn.lookup.submissions() if each.form in knowledge.forms]
    if not sent:
        text = knowledge.say("form.none_sent")
        return _step(turn, Reply(text, (link(knowledge, FORM + REGISTER),)))
    pages = []
    for each in sent:
        head = knowledge.say("form.sent_one", form=knowledge.forms[each.form].title, day=_day(each))
        form = knowledge.forms[each.form]
        lines = form_pages.lines(knowledge, form, each.values)
        lines += await seats.standing(turn, form, each.values, each.id)
        choices = (
            Choice(knowledge.say("form.change"), f"{CHANGE}{each.id}"),
            Choice(knowledge.say("form.withdraw"), f"{WITHDRAW}{each.id}"),
        )
        pages.append(Reply("\n".join([head, *lines]), choices))
    return _step(turn, *pages)


async def change(turn: Turn) -> Step:
    sent = await _named(turn)
    if sent is None:
        return await mine(turn)
    form = turn.knowledge.forms[sent.form]
    return await forms.change(turn, of_sent(form, sent))


async def withdraw(turn: Turn) -> Step:
    """Ask before taking one back."""
    sent = await _named(turn)
    if sent is None:
        return await mine(turn)
    say = turn.knowledge.say
    title = turn.knowledge.forms[sent.form].title
    choices = (
        Choice(say("form.withdraw_yes"), f"{SURE}{sent.id}"),
        Choice(say("form.withdraw_no"), KEEP),
    )
    return _step(turn, Reply(say("form.withdraw_sure", form=title, day=_day(sent)), choices))


async def withdraw_sure(turn: Turn) -> Step:
    sent = await _named(turn)
    if sent is None:
        return await mine(turn)
    reply = Reply(turn.knowledge.say("form.withdrawn"), (_menu(turn),))
    change = of_sent(turn.knowledge.forms[sent.form], sent)
    turn = replace(turn, session=forget(turn.session, change.key))
    return _step(turn, reply, effects=(WithdrawSubmission(sent.id),))


async def keep(turn: Turn) -> Step:
    return _step(turn, Reply(turn.knowledge.say("form.kept"), (_menu(turn),)))


def _menu(turn: Turn) -> Choice:
    return command(turn.knowledge, "menu", "choice.menu")


async def _named(turn: Turn) -> Submission | None:
    """The submission in the action, if it is this conversation's own and not withdrawn."""
    number = turn.incoming.action.partition(":")[2]
    for sent in await turn.lookup.submissions():
        if str(sent.id) == number and sent.form in turn.knowledge.forms:
            return sent
    return None


def _day(sent: Submission) -> str:
    return sent.sent_at.astimezone(VIETNAM).strftime(DATE)


def _step(turn: Turn, *replies: Reply, effects: tuple[Effect, ...] = ()) -> Step:
    return Step(replies, turn.session, Outcome.MENU, effects)
