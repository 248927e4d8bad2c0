"""May we take part? What the self-check comes to under the rules of the day, or of earlier years.

It never says that anybody will win, and where the law is silent it says so and names the officer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from handlers.concluding import Concluded
from handlers.conversation import BACK_TO, Choice, Outcome, Reply, Step, Turn
from handlers.drafts import Draft, shelved
from handlers.effects import PlanReminders
from handlers.form_pages import SEE
from handlers.speech import FORM, REGISTER, command, link, links, ways_out
from knowledge.answers import DATE, sources_said
from knowledge.entries import Knowledge
from knowledge.reminding import remind_on
from knowledge.rulesets import (
    Conclusion,
    Finding,
    Result,
    RuleSet,
    Verdict,
    judge,
    ruleset_on,
    said,
)

FORM_ID = "self_check"
AWARD = "gtclqg"
EARLIER, REMIND = "earlier-rules:", "remind-eligible:"
MOST_ENTRIES = 3  # explanations offered beside a conclusion


def conclusion(turn: Turn, draft: Draft) -> Concluded:
    """Judge the answers by the rules of today."""
    knowledge, today = turn.knowledge, turn.now.date()
    rules = ruleset_on(knowledge.rulesets.values(), AWARD, today)
    if rules is None:
        text = knowledge.say("eligibility.no_rules")
        return Concluded((Reply(text, ways_out(knowledge)),), text)
    verdict = judge(rules, draft.values, today)
    text = "\n\n".join(
        [
            knowledge.say("eligibility.head", day=today.strftime(DATE), rules=rules.label),
            rules.conclusions[verdict.conclusion].strip(),
            "\n".join(_points(knowledge, verdict)),
            *_when(knowledge, verdict),
            knowledge.say("eligibility.sources", sources=sources_said(knowledge, rules.citations)),
        ]
    )
    choices = (*_next(turn, verdict, draft.key), *_earlier(knowledge, today, draft.key))
    return Concluded((Reply(text, choices),), _for_officers(knowledge, verdict, today))


async def by_earlier_rules(turn: Turn) -> Step:
    """The same answers by the rules before today's, labelled as past: `earlier-rules:<draft>`."""
    knowledge, today = turn.knowledge, turn.now.date()
    draft, rules = _answers(turn), _lapsed(knowledge, today)
    if draft is None or rules is None or rules.valid_until is None:
        text, choices = knowledge.say("menu.old_choice"), (link(knowledge, FORM + FORM_ID),)
        return Step((Reply(text, choices),), turn.session, Outcome.MENU)
    last = rules.valid_until - timedelta(days=1)
    verdict = judge(rules, draft.values, last)
    until = rules.valid_until.strftime(DATE)
    facts = {"rules": rules.label, "until": until, "day": last.strftime(DATE)}
    text = "\n\n".join(
        [
            knowledge.say("eligibility.past", **facts),
            rules.conclusions[verdict.conclusion].strip(),
            "\n".join(_labels(knowledge, verdict.findings)),
            knowledge.say("eligibility.sources", sources=sources_said(knowledge, rules.citations)),
        ]
    )
    return Step((Reply(text, _back(turn, draft)),), turn.session, Outcome.FORM)


async def remind(turn: Turn) -> Step:
    """Say it on the day from which all that is missing would hold: `remind-eligible:<draft>`."""
    knowledge, today = turn.knowledge, turn.now.date()
    draft, rules = _answers(turn), ruleset_on(knowledge.rulesets.values(), AWARD, today)
    verdict = judge(rules, draft.values, today) if rules and draft else None
    day = verdict.eligible_from if verdict else None
    back = _back(turn, draft)
    if day is None:
        text = knowledge.say("eligibility.no_day")
        return Step((Reply(text, back),), turn.session, Outcome.MENU)
    due = remind_on(day, turn.now, knowledge.holidays).strftime(DATE)
    text = knowledge.say("eligibility.will_remind", day=day.strftime(DATE), due=due)
    effect = PlanReminders(FORM_ID, day=day)
    return Step((Reply(text, back),), turn.session, Outcome.MENU, (effect,))


def _answers(turn: Turn) -> Draft | None:
    """The answers that the action names, if they are complete and still kept."""
    draft = shelved(turn, turn.incoming.action.partition(":")[2])
    return draft if draft and draft.form.id == FORM_ID and draft.concluded() else None


def _back(turn: Turn, draft: Draft | None) -> tuple[Choice, ...]:
    key = draft.key if draft else FORM_ID
    return (Choice(turn.knowledge.say("choice.back"), f"{BACK_TO}{SEE}{key}"),)


def _points(knowledge: Knowledge, verdict: Verdict) -> list[str]:
    """What is missing, then what is unclear, each with its article; then what is fulfilled."""
    about = knowledge.say("form.about_day")
    lines = [
        knowledge.say(
            f"eligibility.{each.result}",
            label=each.requirement.label,
            article=_place(knowledge, each),
            text=said(each, about),
        )
        for result in (Result.FAIL, Result.UNKNOWN)
        for each in verdict.findings
        if each.result is result
    ]
    passed = [each for each in verdict.findings if each.result is Result.PASS]
    if passed:
        labels = "; ".join(each.requirement.label for each in passed)
        lines.append(knowledge.say("eligibility.passed", labels=labels))
    return lines


def _labels(knowledge: Knowledge, findings: Iterable[Finding]) -> list[str]:
    """Every condition by name only: a day named under rules that are gone would mean nothing."""
    return [
        knowledge.say(f"eligibility.past_{each.result}", label=each.requirement.label)
        for each in findings
    ]


def _when(knowledge: Knowledge, verdict: Verdict) -> tuple[str, ...]:
    day = verdict.eligible_from
    if day is None:
        return ()
    return (knowledge.say("eligibility.from", day=_shown(knowledge, verdict, day)),)


def _shown(knowledge: Knowledge, verdict: Verdict, day: date) -> str:
    """The day, as "about" where it rests on an answer that is only about right."""
    deciding = [each for each in verdict.findings if each.holds_from == day]
    written = day.strftime(DATE)
    if all(each.exact for each in deciding):
        return written
    return knowledge.say("form.about_day", day=written)


def _next(turn: Turn, verdict: Verdict, key: str) -> tuple[Choice, ...]:
    """What helps now: the way in, what explains the open points, a person."""
    knowledge = turn.knowledge
    open_points = [each.entry for each in verdict.findings if each.result is not Result.PASS]
    entries = links(knowledge, list(dict.fromkeys(open_points))[:MOST_ENTRIES])
    register = link(knowledge, FORM + REGISTER)
    if verdict.conclusion is Conclusion.OFFICER:
        return (command(knowledge, "contact", "choice.human"), register, *entries)
    if day := verdict.eligible_from:
        label = knowledge.say("eligibility.remind", day=day.strftime(DATE))
        return (Choice(label, REMIND + key), register, *entries)
    return (register, *entries)


def _earlier(knowledge: Knowledge, today: date, key: str) -> tuple[Choice, ...]:
    if _lapsed(knowledge, today) is None:
        return ()
    return (Choice(knowledge.say("eligibility.earlier"), EARLIER + key),)


def _lapsed(knowledge: Knowledge, today: date) -> RuleSet | None:
    """The rules of the award that ended last."""
    ended = [
        each
        for each in knowledge.rulesets.values()
        if each.programme == AWARD and each.valid_until and each.valid_until <= today
    ]
    return max(ended, key=lambda each: each.valid_from, default=None)


def _place(knowledge: Knowledge, finding: Finding) -> str:
    citation = finding.requirement.citation
    source = knowledge.sources[citation.source].short
    return ", ".join(filter(None, [citation.article, source]))


def _for_officers(knowledge: Knowledge, verdict: Verdict, today: date) -> str:
    open_points = [each for each in verdict.findings if each.result is not Result.PASS]
    labels = "; ".join(each.requirement.label for each in open_points)
    day = verdict.eligible_from
    return knowledge.say(
        "eligibility.result",
        conclusion=verdict.conclusion,
        day=today.strftime(DATE),
        points=labels or knowledge.say("eligibility.none"),
        since=_shown(knowledge, verdict, day) if day else knowledge.say("eligibility.none"),
    )
