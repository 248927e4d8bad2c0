"""What is kept about a person, and their right to end it: at any time, from anyone, in words.

Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15: to see, to withdraw consent, to have erased.
"""

from __future__ import annotations

from handlers.conversation import Choice, Outcome, Reply, Session, Step, Turn
from handlers.effects import Effect, EraseMe, WithdrawConsent
from handlers.records import Consent
from handlers.speech import COMMAND
from knowledge.answers import DATE
from knowledge.clock import VIETNAM

WITHDRAW_SURE, ERASE_SURE, UNCHANGED = "consent-end", "erase-all", "unchanged"


async def my_data(turn: Turn) -> Step:
    """Everything that is kept about this conversation, in plain words."""
    say, lookup = turn.knowledge.say, turn.lookup
    sent, consents = await lookup.submissions(), await lookup.consents()
    subscribed, messages = await lookup.subscribed(), await lookup.messages_kept()
    lines = [say("privacy.summary")]
    if not sent and not turn.session.data and not turn.session.shelf:
        lines.append(say("privacy.nothing"))
    for each in sent:
        form = turn.knowledge.forms.get(each.form)
        day = each.sent_at.astimezone(VIETNAM).strftime(DATE)
        title = form.title if form else each.form
        lines.append(say("privacy.form", form=title, day=day))
    lines += _drafts(turn)
    lines += [_consent_line(turn, each) for each in consents]
    lines.append(say("privacy.news_on" if subscribed else "privacy.news_off"))
    lines.append(say("privacy.messages", count=messages))
    lines += ["", say("privacy.rights")]
    choices = (
        Choice(say("privacy.choice_forms"), f"{COMMAND}mine"),
        Choice(say("privacy.choice_withdraw"), f"{COMMAND}withdraw"),
        Choice(say("privacy.choice_erase"), f"{COMMAND}erase"),
    )
    return _step(turn.session, Reply("\n".join(lines), choices))


async def withdraw(turn: Turn) -> Step:
    say = turn.knowledge.say
    if not any(each.withdrawn_at is None for each in await turn.lookup.consents()):
        return _step(turn.session, Reply(say("privacy.no_consent")))
    choices = (
        Choice(say("privacy.withdraw_yes"), WITHDRAW_SURE),
        Choice(say("privacy.no"), UNCHANGED),
    )
    return _step(turn.session, Reply(say("privacy.withdraw_sure"), choices))


async def withdraw_sure(turn: Turn) -> Step:
    """Consents end now, and so does every half-filled form: it rested on them."""
    text = turn.knowledge.say("privacy.withdrawn")
    return _step(Session(), Reply(text), (WithdrawConsent(),))


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
    return _step(turn.session, Reply(turn.knowledge.say("privacy.unchanged")))


def _drafts(turn: Turn) -> list[str]:
    open_one = [turn.session.data] if turn.session.data.get("values") else []
    lines = []
    for draft in (*open_one, *turn.session.shelf.values()):
        form = turn.knowledge.forms.get(draft.get("form", ""))
        if form:
            filled = len(draft.get("values", {}))
            lines.append(turn.knowledge.say("privacy.draft", form=form.title, filled=filled))
    return lines


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
