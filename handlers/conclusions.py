"""Which conclusion each form comes to, and how it is said.

A conclusion is drawn anew from the answers whenever it is looked at, by the rules and the day of
that moment; the answers wait on the shelf, for this person only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from handlers import eligibility, programmes, self_assessment
from handlers.concluding import Concluded
from handlers.conversation import BACK_TO, Choice, Outcome, Step, Turn
from handlers.drafts import SUMMARY, Draft, at, shelve
from handlers.effects import Effect
from handlers.form_pages import RESUME, SHARE

CONCLUSIONS: Mapping[str, Callable[[Turn, Draft], Concluded]] = {
    eligibility.FORM_ID: eligibility.conclusion,
    programmes.FORM_ID: programmes.conclusion,
    self_assessment.FORM_ID: self_assessment.conclusion,
}


def conclude(turn: Turn, draft: Draft, note: str = "", effects: tuple[Effect, ...] = ()) -> Step:
    """Say what the answers come to. The form is left, its answers stay on the shelf."""
    draft = replace(draft, editing=False, chosen=(), heard="")
    session = shelve(replace(turn, session=at(turn, draft, SUMMARY)))
    first, *others = drawn(turn, draft).replies
    first = replace(first, text=f"{note}\n\n{first.text}") if note else first
    *before, last = (first, *others)
    say = turn.knowledge.say
    share = (Choice(say("share.offer"), SHARE + draft.key),) if draft.form.consent.purpose else ()
    back = Choice(say("choice.back"), f"{BACK_TO}{RESUME}{draft.key}")
    last = replace(last, choices=(*last.choices, *share, back))
    return Step((*before, last), session, Outcome.FORM, effects)


def drawn(turn: Turn, draft: Draft) -> Concluded:
    return CONCLUSIONS[draft.form.id](turn, draft)
