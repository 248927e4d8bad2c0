"""`/hannop`: every date that is known of a person's programmes, and honestly which is not.

A date is never written by an author: it comes from the deadlines of the day, counted from now.
"""

from __future__ import annotations

from collections.abc import Sequence

from handlers.conversation import Choice, Outcome, Reply, Step, Turn
from handlers.records import Reminder
from handlers.speech import command
from knowledge.answers import DATE
from knowledge.entries import Deadline, Knowledge, Programme
from knowledge.rules import Standing, State, key_of, known_deadlines

REMIND = "remind:"  # a deadline's key follows; decided by `handlers.reminders`
ALL = "deadlines-all"
INTERESTS = "programmes"  # the field of a form that names the programmes of interest
AHEAD = frozenset(State) - {State.CLOSED}


async def mine(turn: Turn) -> Step:
    """Of the programmes that this person is interested in; of all where they have said nothing."""
    chosen = await _interests(turn)
    programmes = [
        programme
        for programme in turn.knowledge.programmes.values()
        if not programme.interest or programme.interest in chosen
    ]
    if not chosen:
        return await everything(turn)
    without = _without_dates(turn.knowledge, chosen)
    there_is_more = len(programmes) < len(turn.knowledge.programmes)
    return await _listed(turn, programmes, without, there_is_more=there_is_more)


async def everything(turn: Turn) -> Step:
    programmes = list(turn.knowledge.programmes.values())
    return await _listed(turn, programmes, _without_dates(turn.knowledge, await _interests(turn)))


def what(knowledge: Knowledge, deadline: Deadline) -> str:
    """The milestone and its year, to stand within a sentence."""
    milestones = knowledge.programmes[deadline.programme].milestones
    label = next(each.label for each in milestones if each.id == deadline.milestone)
    return knowledge.say("deadlines.what", milestone=label, year=deadline.year)


def capital(name: str) -> str:
    """The same at the beginning of a line."""
    return name[:1].upper() + name[1:]


def line(knowledge: Knowledge, found: Standing) -> str:
    """All that is known of one deadline: state, last valid day and hour, days left, letter."""
    say, deadline, last = knowledge.say, found.deadline, found.last_day
    name = what(knowledge, deadline)
    facts: dict[str, object] = {"what": capital(name), "state": found.state}
    if last is None:
        return say("deadlines.unannounced", **facts)
    hour = deadline.closes_at
    facts |= {
        "last_day": last.strftime(DATE),
        "hour": say("deadlines.hour", hour=f"{hour:%H:%M}") if hour else say("deadlines.no_hour"),
    }
    if found.state is State.CLOSED:
        said = [say("deadlines.closed", **facts)]
    elif found.days_left == 0:
        said = [say("deadlines.today", **facts)]
    else:
        facts |= {"days": found.days_left, "working_days": found.working_days_left}
        said = [say("deadlines.open", **facts)]
    if found.state is State.NOT_OPEN and deadline.opens_on:
        said.append(say("deadlines.opens", day=deadline.opens_on.strftime(DATE)))
    if deadline.extended_from:
        said.append(say("deadline.extended", before=deadline.extended_from.strftime(DATE)))
    if deadline.letter:
        said.append(say("deadline.letter", letter=deadline.letter))
    return " ".join(said)


def offer(knowledge: Knowledge, found: Standing) -> Choice:
    """To be reminded of one deadline."""
    name = what(knowledge, found.deadline)
    return Choice(knowledge.say("reminder.offer", what=name), REMIND + key_of(found.deadline))


async def _listed(
    turn: Turn,
    programmes: Sequence[Programme],
    without: Sequence[str],
    *,
    there_is_more: bool = False,
) -> Step:
    knowledge, say = turn.knowledge, turn.knowledge.say
    wishes = {each.subject: each for each in await turn.lookup.reminders()}
    lines = [say("deadlines.heading", day=turn.now.strftime(DATE))]
    choices: list[Choice] = []
    for programme in programmes:
        lines += ["", say("deadlines.programme", programme=programme.label)]
        known = [
            each
            for each in known_deadlines(knowledge, turn.now)
            if each.deadline.programme == programme.id
        ]
        lines += [f"- {_with_wish(turn, each, wishes)}" for each in known]
        if not known:
            lines.append(say("deadlines.none", programme=programme.label))
        choices += [
            offer(knowledge, each)
            for each in known
            if each.state in AHEAD and key_of(each.deadline) not in wishes
        ]
    if without:
        lines += ["", say("deadlines.without", programmes="; ".join(without))]
    lines += ["", say("deadlines.honest")]
    if there_is_more:
        choices.append(Choice(say("deadlines.all"), ALL))
    if wishes:
        choices.append(command(knowledge, "remind", "choice.reminders"))
    choices.append(command(knowledge, "dossier", "choice.dossier"))
    choices.append(command(knowledge, "menu", "choice.menu"))
    return Step((Reply("\n".join(lines), tuple(choices)),), turn.session, Outcome.GUIDE)


def _with_wish(turn: Turn, found: Standing, wishes: dict[str, Reminder]) -> str:
    said, wish = line(turn.knowledge, found), wishes.get(key_of(found.deadline))
    if wish and wish.submitted:
        return f"{said} {turn.knowledge.say('deadlines.handed_in')}"
    if wish and wish.wanted and found.state in AHEAD:
        return f"{said} {turn.knowledge.say('deadlines.reminded')}"
    return said


async def _interests(turn: Turn) -> set[str]:
    """The options of interest in every form that was sent and not taken back."""
    return {
        option
        for sent in await turn.lookup.submissions()
        for option in sent.values.get(INTERESTS, ())
    }


def _without_dates(knowledge: Knowledge, chosen: set[str]) -> list[str]:
    """The labels of what somebody is interested in and no deadline is known of, in their order."""
    known = {programme.interest for programme in knowledge.programmes.values()}
    labels = {
        option.id: option.label
        for form in knowledge.forms.values()
        for field in form.fields
        if field.id == INTERESTS
        for option in field.options
    }
    return [label for name, label in labels.items() if name in chosen - known]
