"""Sharing a conclusion, or how far a checklist is: only with consent, only beside a registration.

The officers need to know whose answers they read, so a registration must have been sent. Shared
again, the newer one takes the place of the older one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers import dossier, form_pages
from handlers.conclusions import drawn
from handlers.conversation import BACK_TO, Choice, Outcome, Reply, Step, Turn
from handlers.drafts import Draft, concluded, shelved, submission
from handlers.effects import Effect, GiveConsent, SaveSubmission
from handlers.form_pages import RESUME, SHARE
from handlers.records import Submission
from handlers.speech import FORM, REGISTER, command, link
from knowledge.asking import RESULT

SHARE_SURE = "share-sure:"


async def share(turn: Turn) -> Step:
    """Ask for consent; where nothing was registered yet, lead there first.

    `share:<draft key>`, or `share:<checklist>`.
    """
    draft = _named(turn)
    if draft is None:
        return _gone(turn)
    say, knowledge = turn.knowledge.say, turn.knowledge
    if await _registration(turn) is None:
        choices = (link(knowledge, FORM + REGISTER), _back(turn, draft))
        first = "dossier.register_first" if _of_list(turn, draft) else "share.register_first"
        return _step(turn, Reply(say(first), choices))
    choices = (
        Choice(say("form.agree"), SHARE_SURE + draft.key),
        Choice(say("form.decline"), _origin(turn, draft)),
    )
    return _step(turn, Reply(form_pages.consent_text(knowledge, draft.form), choices))


async def share_sure(turn: Turn) -> Step:
    """Send the answers and the conclusion of today. Pressed twice, they are sent once."""
    draft, registration = _named(turn), await _registration(turn)
    if draft is None or registration is None:
        return await share(turn)
    consent = draft.form.consent
    wording = form_pages.consent_text(turn.knowledge, draft.form)
    effects = (
        GiveConsent(consent.purpose, consent.version, wording),
        await _attached(turn, draft, registration),
    )
    choices = (
        command(turn.knowledge, "mine", "choice.mine"),
        command(turn.knowledge, "menu", "choice.menu"),
    )
    done = "dossier.shared" if _of_list(turn, draft) else "share.done"
    return _step(turn, Reply(turn.knowledge.say(done), choices), effects)


def offers(turn: Turn) -> tuple[Choice, ...]:
    """What could be shared beside a registration that was just sent."""
    return tuple(
        Choice(turn.knowledge.say("share.offer_of", form=draft.form.label), SHARE + draft.key)
        for draft in (*concluded(turn), *dossier.states(turn))
        if draft.form.consent.purpose
    )


async def _attached(turn: Turn, draft: Draft, registration: Submission) -> SaveSubmission:
    """What is shared, as it is today, about the enterprise of *registration*."""
    sent = await turn.lookup.submissions()
    older = next((each.id for each in sent if each.form == draft.form.id), None)
    values = draft.values if _of_list(turn, draft) else _with_result(turn, draft)
    whole = replace(draft, values=values, submission=older)
    about = submission(Draft(turn.knowledge.forms[REGISTER], registration.values, verified=False))
    return replace(
        submission(whole),
        tax_code=about.tax_code,
        enterprise=about.enterprise,
        contact=about.contact,
        position=about.position,
        phone=about.phone,
        email=about.email,
    )


def _with_result(turn: Turn, draft: Draft) -> Mapping[str, Any]:
    """The answers with the conclusion of today."""
    fields = [field.id for field in draft.form.fields if field.kind == RESULT]
    return {**draft.values, **dict.fromkeys(fields, drawn(turn, draft).result)}


async def _registration(turn: Turn) -> Submission | None:
    sent = await turn.lookup.submissions()
    return next((each for each in sent if each.form == REGISTER), None)


def _named(turn: Turn) -> Draft | None:
    """The finished answers, or the begun checklist, that the action names, if still kept."""
    key = turn.incoming.action.partition(":")[2]
    draft = dossier.state(turn, key) or shelved(turn, key)
    return draft if draft and draft.concluded() else None


def _back(turn: Turn, draft: Draft) -> Choice:
    return Choice(turn.knowledge.say("choice.back"), BACK_TO + _origin(turn, draft))


def _origin(turn: Turn, draft: Draft) -> str:
    """The action that shows what is to be shared."""
    return dossier.SHOW + draft.key if _of_list(turn, draft) else RESUME + draft.key


def _of_list(turn: Turn, draft: Draft) -> bool:
    return draft.form.id in turn.knowledge.checklists


def _gone(turn: Turn) -> Step:
    choices = (command(turn.knowledge, "menu", "choice.menu"),)
    return _step(turn, Reply(turn.knowledge.say("menu.old_choice"), choices))


def _step(turn: Turn, reply: Reply, effects: tuple[Effect, ...] = ()) -> Step:
    return Step((reply,), turn.session, Outcome.MENU, effects)
