"""`/nhac`: to be reminded of a deadline, on days of one's own choice, until it is handed in.

What is decided here is only the wish. When it is said follows from the deadline
(`knowledge.reminding`), also after the deadline has moved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from handlers import deadlines, menu
from handlers.conversation import BACK_TO, Choice, Outcome, Reply, Step, Turn
from handlers.deadlines import REMIND, capital, what
from handlers.effects import Effect, MarkSubmitted, PlanReminders, StopReminders
from handlers.records import SEAT, Reminder
from handlers.seats import awaited
from handlers.speech import COMMAND, FORM, back, command, link
from knowledge.answers import DATE
from knowledge.entries import Knowledge
from knowledge.reminding import DAYS_BEFORE, plan
from knowledge.rules import Standing, State, key_of, known_deadlines, standing_of
from knowledge.text import fold

WHEN, DAYS, OFF = "remind-when:", "remind-days:", "remind-off:"
HANDED_IN, NOT_HANDED_IN = "handed-in:", "not-handed-in:"
SELF_CHECK = "self_check"  # what a wish with a day of its own is about
PRESETS = (DAYS_BEFORE, (7, 3, 1), (3, 1), (1,))
MOST_DAYS, MOST_TIMES = 60, 6

_SEVERAL = re.compile(r"(?:truoc )?\d{1,2}(?: (?:ngay|va|\d{1,2}))*(?: truoc)?")


async def page(turn: Turn) -> Step:
    """What can be recalled, what will be, and when; where there is only one thing, that at once."""
    knowledge, say = turn.knowledge, turn.knowledge.say
    wishes = await _wishes(turn)
    ahead = [each for each in known_deadlines(knowledge, turn.now) if each.state in deadlines.AHEAD]
    if len(ahead) == 1 and not wishes:
        return await remind(_pressing(turn, REMIND + key_of(ahead[0].deadline)))
    lines = [say("reminder.heading") if ahead else say("reminder.nothing_ahead")]
    lines += [f"- {_state(turn, each, wishes.get(key_of(each.deadline)))}" for each in ahead]
    lines += [f"- {each}" for each in _without_deadline(knowledge, wishes.values())]
    choices = [_way(knowledge, each, wishes.get(key_of(each.deadline))) for each in ahead]
    if any(map(_can_end, wishes.values())):
        choices.append(command(knowledge, "stop_reminders", "choice.stop_reminders"))
    choices += [command(knowledge, "deadlines", "choice.deadlines"), back(knowledge)]
    return _step(turn, "\n".join(lines), choices)


async def remind(turn: Turn) -> Step:
    """Wish to be reminded: on the usual days, or on those chosen before: `remind:<deadline>`."""
    found = _standing(turn, REMIND)
    if found is None:
        return await menu.old_choice(turn)
    key = key_of(found.deadline)
    wish = (await _wishes(turn)).get(key)
    if wish and wish.submitted:
        return _asks_whether_handed_in(turn, found)
    return _wished(turn, found, wish.days_before if wish and wish.wanted else DAYS_BEFORE)


async def when(turn: Turn) -> Step:
    """Other days for one deadline: `remind-when:<deadline>`."""
    found = _standing(turn, WHEN)
    return _which_days(turn, found) if found else await menu.old_choice(turn)


async def days(turn: Turn) -> Step:
    """The days were chosen or typed: `remind-days:<deadline>:14,7,3,1`."""
    key, _, written = turn.incoming.action.removeprefix(DAYS).partition(":")
    found = standing_of(turn.knowledge, key, turn.now)
    if found is None:
        return await menu.old_choice(turn)
    chosen = sorted({int(each) for each in re.findall(r"\d{1,4}", written)}, reverse=True)
    if not chosen or len(chosen) > MOST_TIMES or chosen[0] > MOST_DAYS:
        limits = {"most": MOST_DAYS, "times": MOST_TIMES}
        return _which_days(turn, found, turn.knowledge.say("bad.reminder_days", **limits))
    return _wished(turn, found, tuple(chosen))


async def off(turn: Turn) -> Step:
    """No more of one deadline: `remind-off:<deadline>`."""
    return _stopped(turn, turn.incoming.action.removeprefix(OFF))


async def stop(turn: Turn) -> Step:
    """No more reminders at all; what else ends with them, and what goes on, is said."""
    say, wishes = turn.knowledge.say, (await _wishes(turn)).values()
    seats = [
        say("reminder.seat_stays", option=seat_name(turn.knowledge, each.subject))
        for each in wishes
        if each.wanted and each.subject.startswith(SEAT)
    ]
    if not any(map(_can_end, wishes)):
        choices = (command(turn.knowledge, "deadlines", "choice.deadlines"),)
        return _step(turn, "\n\n".join([say("reminder.none_on"), *seats]), choices)
    days = [
        say("reminder.day_ended", day=each.day.strftime(DATE))
        for each in wishes
        if each.wanted and each.day is not None
    ]
    return _stopped(turn, "", *days, *seats)


async def submitted(turn: Turn) -> Step:
    """What was handed in: of the deadlines that are or were open this year, which is meant."""
    wishes = await _wishes(turn)
    asked = (State.OPEN, State.CLOSING, State.CLOSED)
    open_ = [
        each
        for each in known_deadlines(turn.knowledge, turn.now)
        if each.state in asked and not _is_submitted(wishes, each)
    ]
    if not open_:
        choices = (command(turn.knowledge, "deadlines", "choice.deadlines"),)
        return _step(turn, turn.knowledge.say("reminder.nothing_to_hand_in"), choices)
    if len(open_) == 1:
        return await handed_in(_pressing(turn, HANDED_IN + key_of(open_[0].deadline)))
    these = [
        Choice(what(turn.knowledge, each.deadline), HANDED_IN + key_of(each.deadline))
        for each in open_
    ]
    which = turn.knowledge.say("reminder.which_handed_in")
    return _step(turn, which, (*these, back(turn.knowledge)))


async def handed_in(turn: Turn) -> Step:
    """What this deadline asks for is done; nothing is recalled after: `handed-in:<deadline>`."""
    found = _standing(turn, HANDED_IN)
    if found is None:
        return await menu.old_choice(turn)
    key = key_of(found.deadline)
    text = turn.knowledge.say("reminder.handed_in", what=what(turn.knowledge, found.deadline))
    choices = (
        Choice(turn.knowledge.say("reminder.not_yet"), NOT_HANDED_IN + key),
        command(turn.knowledge, "deadlines", "choice.deadlines"),
        command(turn.knowledge, "menu", "choice.menu"),
    )
    return _step(turn, text, choices, MarkSubmitted(key))


async def not_handed_in(turn: Turn) -> Step:
    """It was not, after all: recalled as before: `not-handed-in:<deadline>`."""
    found = _standing(turn, NOT_HANDED_IN)
    if found is None:
        return await menu.old_choice(turn)
    key = key_of(found.deadline)
    wish = (await _wishes(turn)).get(key)
    chosen = wish.days_before if wish and wish.days_before else DAYS_BEFORE
    step = _wished(turn, found, chosen)
    return replace(step, effects=(MarkSubmitted(key, yes=False), *step.effects))


def read_days(turn: Turn) -> Turn:
    """Several numbers, or one that no choice has, typed where days are asked for, are the days."""
    typed, offered = fold(turn.incoming.text), turn.session.offered
    asked = next((each.action for each in offered if each.action.startswith(DAYS)), "")
    if turn.incoming.action or not asked or not _SEVERAL.fullmatch(typed):
        return turn
    key = asked.removeprefix(DAYS).partition(":")[0]
    return _pressing(turn, f"{DAYS}{key}:{','.join(re.findall(r'[0-9]+', typed))}")


def means_stop(turn: Turn) -> bool:
    """Whether a word that ends whatever runs was typed; "huỷ" and its like end no reminder."""
    words = turn.knowledge.say("reminder.words_stop").split(",")
    return fold(turn.incoming.text) in {fold(word) for word in words}


def message(knowledge: Knowledge, subject: str, day: date | None, moment: datetime) -> Reply:
    """What is sent at *moment*, counted from there.

    Its choices have no numbers: those of the conversation's own last menu stay good. Raises
    ValueError for a deadline that is no more.
    """
    say = knowledge.say
    if day is not None:
        choices: tuple[Choice, ...] = (link(knowledge, FORM + SELF_CHECK),)
        return Reply(say("reminder.day_has_come", day=day.strftime(DATE)), choices, numbered=False)
    if subject.startswith(SEAT):
        mine = (command(knowledge, "mine", "choice.mine"),)
        text = say("seats.moved_up", option=seat_name(knowledge, subject))
        return Reply(text, mine, numbered=False)
    found = standing_of(knowledge, subject, moment)
    if found is None:
        raise ValueError(f"no deadline is called {subject}")
    text = "\n\n".join(
        [say("reminder.head"), deadlines.line(knowledge, found), say("reminder.foot")]
    )
    choices = (
        Choice(say("reminder.done"), HANDED_IN + subject),
        command(knowledge, "stop_reminders", "choice.stop_reminders"),
        command(knowledge, "deadlines", "choice.deadlines"),
    )
    return Reply(text, choices, numbered=False)


def kept_lines(knowledge: Knowledge, wishes: Sequence[Reminder], now: datetime) -> list[str]:
    """What is kept of somebody's reminders, in plain words."""
    lines = _without_deadline(knowledge, wishes)
    for each in wishes:
        if each.day is not None or each.subject.startswith(SEAT):
            continue
        found = standing_of(knowledge, each.subject, now)
        name = what(knowledge, found.deadline) if found else each.subject
        if each.submitted:
            lines.append(knowledge.say("reminder.kept_submitted", what=name))
        elif each.wanted:
            lines.append(knowledge.say("reminder.kept", what=name))
    return lines


def seat_name(knowledge: Knowledge, subject: str) -> str:
    """The option that somebody waits for; its id where it is no more."""
    found = awaited(knowledge, subject)
    return found[2].label if found else subject.rpartition(".")[2]


def _without_deadline(knowledge: Knowledge, wishes: Iterable[Reminder]) -> list[str]:
    """What will be said on a day of its own, or once there is a seat."""
    lines = []
    for each in (each for each in wishes if each.wanted):
        if each.day is not None:
            lines.append(knowledge.say("reminder.kept_day", day=each.day.strftime(DATE)))
        elif each.subject.startswith(SEAT):
            name = seat_name(knowledge, each.subject)
            lines.append(knowledge.say("reminder.kept_seat", option=name))
    return lines


def _wished(turn: Turn, found: Standing, chosen: tuple[int, ...]) -> Step:
    knowledge, say, key = turn.knowledge, turn.knowledge.say, key_of(found.deadline)
    facts = {"what": what(knowledge, found.deadline), "days": _listed(chosen)}
    if found.state is State.CLOSED:
        ways = (command(knowledge, "deadlines", "choice.deadlines"), back(knowledge))
        return _step(turn, deadlines.line(knowledge, found), ways)
    if found.last_day is None:
        text = say("reminder.when_announced", **facts)
    else:
        moments = plan(found, turn.now, knowledge.holidays, chosen)
        facts |= {"last_day": found.last_day.strftime(DATE), "moments": _moments(moments)}
        text = say("reminder.set" if moments else "reminder.none_left", **facts)
    choices = (
        Choice(say("reminder.other_days"), WHEN + key),
        Choice(say("reminder.off"), OFF + key),
        command(knowledge, "deadlines", "choice.deadlines"),
        Choice(say("choice.back"), f"{BACK_TO}{COMMAND}remind"),
    )
    wish = PlanReminders(key, chosen)
    return _step(turn, f"{text}\n\n{say('reminder.manners')}", choices, wish)


def _which_days(turn: Turn, found: Standing, note: str = "") -> Step:
    say, key = turn.knowledge.say, key_of(found.deadline)
    text = say("reminder.which_days", what=what(turn.knowledge, found.deadline))
    choices = [
        Choice(
            say("reminder.preset", days=_listed(each)), f"{DAYS}{key}:{','.join(map(str, each))}"
        )
        for each in PRESETS
    ]
    choices.append(Choice(say("choice.back"), f"{BACK_TO}{COMMAND}remind"))
    return _step(turn, f"{note}\n\n{text}" if note else text, choices)


def _asks_whether_handed_in(turn: Turn, found: Standing) -> Step:
    key, name = key_of(found.deadline), what(turn.knowledge, found.deadline)
    choices = (
        Choice(turn.knowledge.say("reminder.not_yet"), NOT_HANDED_IN + key),
        command(turn.knowledge, "deadlines", "choice.deadlines"),
        command(turn.knowledge, "menu", "choice.menu"),
    )
    return _step(turn, turn.knowledge.say("reminder.already_handed_in", what=name), choices)


def _can_end(wish: Reminder) -> bool:
    """Who waits for a seat is told of it until they withdraw; all else ends by a word."""
    return wish.wanted and not wish.subject.startswith(SEAT)


def _stopped(turn: Turn, key: str, *more: str) -> Step:
    choices = (
        command(turn.knowledge, "remind", "choice.remind_again"),
        command(turn.knowledge, "menu", "choice.menu"),
    )
    text = "\n\n".join([turn.knowledge.say("reminder.stopped"), *more])
    return _step(turn, text, choices, StopReminders(key))


def _state(turn: Turn, found: Standing, wish: Reminder | None) -> str:
    """One deadline, and whether and when it will be recalled."""
    say, name = turn.knowledge.say, capital(what(turn.knowledge, found.deadline))
    if wish and wish.submitted:
        return say("reminder.state_submitted", what=name)
    if wish is None or not wish.wanted:
        return say("reminder.state_off", what=name)
    if found.last_day is None:
        return say("reminder.state_waiting", what=name)
    due = wish.due
    if due is None:  # the wish is younger than the last look of `bot.reminding`
        due = plan(found, turn.now, turn.knowledge.holidays, wish.days_before)
    if not due:
        return say("reminder.state_over", what=name)
    return say("reminder.state_on", what=name, moments=_moments(due))


def _way(knowledge: Knowledge, found: Standing, wish: Reminder | None) -> Choice:
    if wish and wish.wanted and not wish.submitted:
        label = knowledge.say("reminder.change", what=what(knowledge, found.deadline))
        return Choice(label, WHEN + key_of(found.deadline))
    return deadlines.offer(knowledge, found)


def _standing(turn: Turn, verb: str) -> Standing | None:
    return standing_of(turn.knowledge, turn.incoming.action.removeprefix(verb), turn.now)


def _is_submitted(wishes: dict[str, Reminder], found: Standing) -> bool:
    wish = wishes.get(key_of(found.deadline))
    return wish is not None and wish.submitted


def _moments(moments: Iterable[datetime]) -> str:
    return ", ".join(each.strftime(DATE) for each in moments)


def _listed(chosen: Iterable[int]) -> str:
    return ", ".join(map(str, chosen))


def _pressing(turn: Turn, action: str) -> Turn:
    return replace(turn, incoming=replace(turn.incoming, action=action))


async def _wishes(turn: Turn) -> dict[str, Reminder]:
    return {each.subject: each for each in await turn.lookup.reminders()}


def _step(turn: Turn, text: str, choices: Sequence[Choice], *effects: Effect) -> Step:
    return Step((Reply(text, tuple(choices)),), turn.session, Outcome.GUIDE, effects)
