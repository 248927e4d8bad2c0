"""What is kept about a person, and their right to end it: at any time, from anyone, in words.

Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15: to see, to withdraw consent, to have erased.
"""

from __future__ import annotations

from handlers import dossier
from handlers.conversation import Choice, Outcome, Reply, Session, Step, Turn
from handlers.drafts import concluded, waiting
from handlers.effects import Effect, EraseMe, WithdrawConsent
from handlers.form_pages import resume
from handlers.records import Consent
from handlers.reminders import kept_lines
from handlers.speech import COMMAND, command
from knowledge.answers import DATE
from knowledge.clock import VIETNAM

WITHDRAW_SURE, ERASE_SURE, UNCHANGED = "consent-end", "erase-all", "unchanged"


async def my_data(turn: Turn) -> Step:
    """Everything that is kept about this conversation, in plain words."""
    say, lookup = turn.knowledge.say, turn.lookup
    sent, consents = await lookup.submissions(), await lookup.consents()
    subscribed, messages = await lookup.subscribed(), await lookup.messages_kept()
    lines = [say("privacy.summary")]
    for each in sent:
        form = turn.knowledge.forms.get(each.form)
        day = each.sent_at.astimezone(VIETNAM).strftime(DATE)
        title = form.title if form else each.form
        lines.append(say("privacy.form", form=title, day=day))
    for draft in waiting(turn):
        title, filled = draft.form.title, draft.filled()
        lines.append(say("privacy.draft", form=title, filled=filled))
    lines += [say("privacy.concluded", form=draft.form.title) for draft in concluded(turn)]
    wishes = kept_lines(turn.knowledge, await lookup.reminders(), turn.now)
    lines += [f"- {each}" for each in (*dossier.kept_lines(turn), *wishes)]
    if noted := await lookup.noted():
        lines.append(say("privacy.noted", count=noted))
    if ticket := (await lookup.desk()).ticket:
        day = ticket.opened_at.astimezone(VIETNAM).strftime(DATE)
        phrase = "privacy.ticket_closed" if ticket.closed_at else "privacy.ticket"
        lines.append(say(phrase, number=ticket.number, day=day))
    if len(lines) == 1:
        lines.append(say("privacy.nothing"))
    lines += [_consent_line(turn, each) for each in consents]
    lines.append(say("privacy.news_on" if subscribed else "privacy.news_off"))
    lines.append(say("privacy.messages", count=messages))
    lines += ["", say("privacy.rights")]
    choices = [
        Choice(say("privacy.choice_withdraw"), f"{COMMAND}withdraw"),
        Choice(say("privacy.choice_erase"), f"{COMMAND}erase"),
    ]
    if sent:
        choices.insert(0, command(turn.knowledge, "mine", "choice.mine"))
    return _step(turn.session, Reply("\n".join(lines), tuple(choices)))


async def withdraw(turn: Turn) -> Step:
    say = turn.knowledge.say
    if not any(each.withdrawn_at is None for each in await turn.lookup.consents()):
        look = command(turn.knowledge, "my_data", "privacy.choice_data")
        return _step(turn.session, Reply(say("privacy.no_consent"), (look,)))
    choices = (
        Choice(say("privacy.withdraw_yes"), WITHDRAW_SURE),
        Choice(say("privacy.no"), UNCHANGED),
    )
    return _step(turn.session, Reply(say("privacy.withdraw_sure"), choices))


async def withdraw_sure(turn: Turn) -> Step:
    """Consents end now, announcements too, and every half-filled form: it rested on them."""
    text = turn.knowledge.say("privacy.withdrawn")
    return _step(Session(shelf=dossier.kept(turn.session)), Reply(text), (WithdrawConsent(),))


async def erase(turn: Turn) -> Step:
    say = turn.knowledge.say
    choices = (
        Choice(say("privacy.erase_yes"), ERASE_SURE),
        Choice(say("privacy.no"), UNCHANGED),
    )
    return _step(turn.session, Reply(say("privacy.erase_sure"), choices))


async def erase_sure(turn: Turn) -> Step:
    text = turn.knowledge.say("privacy.erased")
    return _step(Session(), Reply(text), (EraseMe(),))


async def unchanged(turn: Turn) -> Step:
    knowledge = turn.knowledge
    ways = [resume(knowledge, draft) for draft in waiting(turn)[:1]]
    choices = (*ways, command(knowledge, "menu", "choice.menu"))
    return _step(turn.session, Reply(knowledge.say("privacy.unchanged"), choices))


def _consent_line(turn: Turn, consent: Consent) -> str:
    day = consent.given_at.astimezone(VIETNAM).strftime(DATE)
    if consent.withdrawn_at is None:
        return turn.knowledge.say("privacy.consent", day=day, version=consent.version)
    until = consent.withdrawn_at.astimezone(VIETNAM).strftime(DATE)
    return turn.knowledge.say(
        "privacy.consent_ended", day=day, version=consent.version, until=until
    )


def _step(session: Session, reply: Reply, effects: tuple[Effect, ...] = ()) -> Step:
    return Step((reply,), session, Outcome.PRIVACY, effects)
