"""May we take part? What the self-check comes to under the rules of the day, or of earlier years.

It never says that anybody will win, and where the law is silent it says so and names the officer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

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
    last_day_of,
    ruleset_of_year,
    ruleset_on,
    said,
)

FORM_ID = "self_check"
AWARD = "gtclqg"
EARLIER, REMIND = "earlier-rules:", "remind-eligible:"
YEAR = ":"  # between the answers and the year they are judged for: "earlier-rules:self_check:2024"
AWARD_YEAR = "award_year"  # the question of the form
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
            *_when(knowledge, verdict, draft),
            knowledge.say("eligibility.sources", sources=sources_said(knowledge, rules.citations)),
        ]
    )
    choices = (*_next(turn, verdict, draft.key), *_earlier(knowledge, today, draft))
    result = _for_officers(knowledge, verdict, today)
    return Concluded((Reply(text, choices),), result, verdict.eligible_from)


async def by_earlier_rules(turn: Turn) -> Step:
    """The same answers by the rules of an earlier year, labelled as past.

    `earlier-rules:<draft>:<year>`; without a year, the last one whose rules are gone.
    """
    knowledge, asked = turn.knowledge, turn.incoming.action.removeprefix(EARLIER).partition(YEAR)[2]
    draft = _answers(turn)
    years = _past(knowledge, turn.now.date(), draft) if draft else {}
    year = int(asked) if asked.isdecimal() else max(years, default=0)
    if draft is None or year not in years:
        text, choices = knowledge.say("menu.old_choice"), (link(knowledge, FORM + FORM_ID),)
        return Step((Reply(text, choices),), turn.session, Outcome.MENU)
    rules, until = years[year]
    last = last_day_of(year)
    verdict = judge(rules, draft.values, last)
    facts = {
        "rules": rules.label,
        "until": until.strftime(DATE),
        "year": year,
        "day": last.strftime(DATE),
    }
    text = "\n\n".join(
        [
            knowledge.say("eligibility.past", **facts),
            rules.conclusions[verdict.conclusion].strip(),
            "\n".join(_labels(knowledge, verdict.findings)),
            knowledge.say("eligibility.sources", sources=sources_said(knowledge, rules.citations)),
        ]
    )
    others = tuple(
        Choice(knowledge.say("eligibility.year", year=each), f"{EARLIER}{draft.key}{YEAR}{each}")
        for each in years
        if each != year
    )
    return Step((Reply(text, (*others, *_back(turn, draft))),), turn.session, Outcome.FORM)


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
    _, _, named = turn.incoming.action.partition(":")
    draft = shelved(turn, named.partition(YEAR)[0])
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


def _when(knowledge: Knowledge, verdict: Verdict, draft: Draft) -> tuple[str, ...]:
    """The day from which nothing fails, and what an officer has to look at even then."""
    day = verdict.eligible_from
    if day is None:
        return ()
    shown = _shown(knowledge, verdict, day)
    then = judge(verdict.rule_set, draft.values, day)
    if still_open := _open_points(then):
        labels = "; ".join(each.requirement.label for each in still_open)
        return (knowledge.say("eligibility.from_then_officer", day=shown, labels=labels),)
    return (knowledge.say("eligibility.from", day=shown),)


def _open_points(verdict: Verdict) -> list[Finding]:
    return [each for each in verdict.findings if each.result is not Result.PASS]


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
    open_points = dict.fromkeys(each.entry for each in _open_points(verdict))
    entries = links(knowledge, list(open_points)[:MOST_ENTRIES])
    register = link(knowledge, FORM + REGISTER)
    if verdict.conclusion is Conclusion.OFFICER:
        return (command(knowledge, "contact", "choice.human"), register, *entries)
    if day := verdict.eligible_from:
        label = knowledge.say("eligibility.remind", day=day.strftime(DATE))
        return (Choice(label, REMIND + key), register, *entries)
    return (register, *entries)


def _earlier(knowledge: Knowledge, today: date, draft: Draft) -> tuple[Choice, ...]:
    if not _past(knowledge, today, draft):
        return ()
    return (Choice(knowledge.say("eligibility.earlier"), EARLIER + draft.key),)


def _past(knowledge: Knowledge, today: date, draft: Draft) -> dict[int, tuple[RuleSet, date]]:
    """The years, the latest first, whose rules are gone today, with these and their end.

    None is before the year in which the enterprise won: what it was then, nobody was asked.
    """
    sets = [each for each in knowledge.rulesets.values() if each.programme == AWARD]
    won = int(draft.values.get(AWARD_YEAR) or 0)
    first = max(won, min((each.valid_from.year for each in sets), default=today.year))
    rules = {year: ruleset_of_year(sets, AWARD, year) for year in range(today.year, first - 1, -1)}
    return {
        year: (each, each.valid_until)
        for year, each in rules.items()
        if each and each.valid_until and each.valid_until <= today
    }


def _place(knowledge: Knowledge, finding: Finding) -> str:
    citation = finding.requirement.citation
    source = knowledge.sources[citation.source].short
    return ", ".join(filter(None, [citation.article, source]))


def _for_officers(knowledge: Knowledge, verdict: Verdict, today: date) -> str:
    labels = "; ".join(each.requirement.label for each in _open_points(verdict))
    day = verdict.eligible_from
    return knowledge.say(
        "eligibility.result",
        conclusion=verdict.conclusion,
        day=today.strftime(DATE),
        points=labels or knowledge.say("eligibility.none"),
        since=_shown(knowledge, verdict, day) if day else knowledge.say("eligibility.none"),
    )
