"""Which conclusion each form comes to, and how it is said.

A conclusion is drawn anew from the answers whenever it is looked at, by the rules and the day of
that moment; the answers wait on the shelf, for this person only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from handlers import eligibility, programmes, self_assessment
from handlers.concluding import Concluded
from handlers.conversation import BACK_TO, Choice, Outcome, Reply, Step, Turn
from handlers.drafts import SUMMARY, Draft, at, shelve
from handlers.effects import Effect
from handlers.form_pages import RESUME, SHARE
from handlers.reminders import OFF
from knowledge.answers import DATE

CONCLUSIONS: Mapping[str, Callable[[Turn, Draft], Concluded]] = {
    eligibility.FORM_ID: eligibility.conclusion,
    programmes.FORM_ID: programmes.conclusion,
    self_assessment.FORM_ID: self_assessment.conclusion,
}


async def conclude(
    turn: Turn, draft: Draft, note: str = "", effects: tuple[Effect, ...] = ()
) -> Step:
    """Say what the answers come to. The form is left, its answers stay on the shelf."""
    draft = replace(draft, editing=False, chosen=(), heard="")
    session = shelve(replace(turn, session=at(turn, draft, SUMMARY)))
    concluded = drawn(turn, draft)
    first, *others = concluded.replies
    first = replace(first, text=f"{note}\n\n{first.text}") if note else first
    *before, last = (first, *others)
    last = await _with_outdated_reminder(turn, draft, concluded, last)
    say = turn.knowledge.say
    share = (Choice(say("share.offer"), SHARE + draft.key),) if draft.form.consent.purpose else ()
    back = Choice(say("choice.back"), f"{BACK_TO}{RESUME}{draft.key}")
    last = replace(last, choices=(*last.choices, *share, back))
    return Step((*before, last), session, Outcome.FORM, effects)


async def _with_outdated_reminder(
    turn: Turn, draft: Draft, concluded: Concluded, last: Reply
) -> Reply:
    """Where a reminder waits for a day that other answers gave, that is said, and what to do."""
    today, day, say = turn.now.date(), concluded.remind_on, turn.knowledge.say
    waiting = [
        each.day
        for each in await turn.lookup.reminders()
        if each.subject == draft.form.id and each.wanted and each.day and each.day >= today
    ]
    if not waiting or waiting == [day]:
        return last
    old = waiting[0].strftime(DATE)
    if day is not None:
        label = say("eligibility.remind", day=day.strftime(DATE))
        note = say("eligibility.other_day", old=old, label=label)
        return replace(last, text=f"{last.text}\n\n{note}")
    label = say("eligibility.drop_reminder", old=old)
    note = say("eligibility.day_gone", old=old, label=label)
    choices = (*last.choices, Choice(label, OFF + draft.form.id))
    return replace(last, text=f"{last.text}\n\n{note}", choices=choices)


def drawn(turn: Turn, draft: Draft) -> Concluded:
    return CONCLUSIONS[draft.form.id](turn, draft)
