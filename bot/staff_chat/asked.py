"""What people asked in vain, by chat: the groups, one of them, and putting one aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.channels.text import one_line, shorten
from bot.operations import asked, learning
from bot.operations.asked import Group
from bot.operations.rights import Right
from bot.staff_chat.desk import may
from bot.staff_chat.turn import ACTION, Handler, StaffTurn, number_in
from handlers.conversation import Choice, Step
from knowledge.clock import VIETNAM
from knowledge.contract import MAX_LABEL

PAGE: Final = 6
WORDS: Final = 90  # characters of a wording in a list
REASONS: Final = ("outside", "test", "settled")  # ready ones for putting a group aside


async def show(turn: StaffTurn) -> Step:
    """The groups, the most asked first: `unanswered` and `unanswered:<page>`, from 1."""
    page = max(0, turn.number() - 1) if turn.argument else 0
    found = await asked.listing(turn.db, turn.knowledge, turn.by)
    here = found.groups[page * PAGE : (page + 1) * PAGE]
    if not here:
        ways = (turn.choice("staff.learning.choice.drafts", "drafts"), _desk(turn))
        return turn.said(turn.say("staff.learning.none"), *ways, session=turn.session.idle())
    lines = [turn.say("staff.learning.title", groups=len(found.groups))]
    lines += [f"{at}. {_line(turn, each)}" for at, each in enumerate(here, start=1)]
    if found.left_out:
        lines.append(turn.say("staff.learning.left_out", count=found.left_out))
    one = [_of_group(each) for each in here]
    more = []
    if len(found.groups) > (page + 1) * PAGE:
        more = [turn.choice("choice.more", "unanswered", page + 2)]
    drafts = turn.choice("staff.learning.choice.drafts", "drafts")
    text = "\n".join(lines)
    return turn.said(text, *one, *more, drafts, _desk(turn), session=turn.session.idle())


async def show_group(turn: StaffTurn) -> Step:
    """One group's wordings, and what can be done about it: `learn.group:<question>:<page>`."""
    head, page = _pair(turn.argument)
    listed = await asked.listing(turn.db, turn.knowledge, turn.by)
    group = asked.with_question(listed, head)
    here = group.phrasings[page * PAGE : (page + 1) * PAGE]
    lines = [
        turn.say("staff.learning.group", **_figures(group)),
        *(_wording(turn, each) for each in here),
        *_nearest(turn, group),
    ]
    more = []
    if len(group.phrasings) > (page + 1) * PAGE:
        more = [turn.choice("choice.more", "learn.group", f"{head}:{page + 1}")]
    acts = []
    if may(turn, Right.ANSWER):
        verbs = {"answer": True, "attach": True, "same": len(listed.groups) > 1}
        verbs |= {"apart": group.by_hand, "dismiss": True}
        acts = [
            turn.choice(f"staff.learning.choice.{verb}", f"learn.{verb}", head)
            for verb, offered in verbs.items()
            if offered
        ]
    back = turn.choice("staff.choice.back", "unanswered")
    return turn.said("\n".join(lines), *acts, *more, back, session=turn.session.idle())


async def same(turn: StaffTurn) -> Step:
    """Which other group asks the same, the likeliest first: `learn.same:<question>[:<page>]`."""
    head, page = _pair(turn.argument)
    listed = await asked.listing(turn.db, turn.knowledge, turn.by)
    group = asked.with_question(listed, head)
    others = asked.nearby(listed, group)
    here = others[page * PAGE : (page + 1) * PAGE]
    lines = [turn.say("staff.learning.same", words=_short(group.phrasings[0].text))]
    lines += [f"{at}. {_line(turn, each)}" for at, each in enumerate(here, start=1)]
    choices = [
        Choice(_label(each), f"{ACTION}learn.both:{group.head}:{each.head}", told=True)
        for each in here
    ]
    if len(others) > (page + 1) * PAGE:
        choices.append(turn.choice("choice.more", "learn.same", f"{head}:{page + 1}"))
    if not others:
        lines = [turn.say("staff.learning.same_none")]
    back = turn.choice("staff.choice.back", "learn.group", group.head)
    return turn.said("\n".join(lines), *choices, back, session=turn.session.idle())


async def both(turn: StaffTurn) -> Step:
    """Put two groups together, and show them as one: `learn.both:<question>:<question>`."""
    head, other = _pair(turn.argument)
    listed = await asked.listing(turn.db, turn.knowledge, turn.by)
    one, two = (_rows(asked.with_question(listed, each)) for each in (head, other))
    done = await learning.put_together(turn.db, one, two, turn.by, turn.now)
    return await show_group(replace(turn, argument=str(done.head)))


async def apart(turn: StaffTurn) -> Step:
    """Take back what was put together by hand in this group: `learn.apart:<question>`."""
    group = await asked.group(turn.db, turn.knowledge, turn.number(), turn.by)
    await learning.take_apart(turn.db, _rows(group), turn.by, turn.now)
    return await show_again(turn)


async def dismiss(turn: StaffTurn) -> Step:
    """Ask why this group gets no answer: `learn.dismiss:<question>`."""
    group = await asked.group(turn.db, turn.knowledge, turn.number(), turn.by)
    ready = [turn.choice(f"staff.learning.reason.{each}", "learn.drop", each) for each in REASONS]
    back = turn.choice("staff.choice.back", "learn.group", group.head)
    ask = turn.say("staff.learning.ask_reason", people=group.people)
    return turn.asked("learn.dismiss", ask, *ready, back, rows=_rows(group))


async def drop(turn: StaffTurn) -> Step:
    """Put it aside for one of the ready reasons."""
    if turn.argument not in REASONS or turn.session.step != "learn.dismiss":
        return await show_again(turn)
    return await _dropped(turn, turn.say(f"staff.learning.reason.{turn.argument}"))


async def dropped(turn: StaffTurn) -> Step:
    """Put it aside for the reason that was typed."""
    return await _dropped(turn, turn.incoming.text)


async def show_again(turn: StaffTurn) -> Step:
    """The list from its beginning: where a button of another moment was pressed."""
    return await show(replace(turn, argument=""))


def of_session(turn: StaffTurn) -> list[int]:
    """The questions that the member was shown when they began; none where nothing was begun."""
    rows = turn.session.data.get("rows", ()) if turn.session.step.startswith("learn.") else ()
    return [each for each in rows if isinstance(each, int)]


async def _dropped(turn: StaffTurn, reason: str) -> Step:
    count = await learning.dismiss(turn.db, of_session(turn), reason, turn.by, turn.now)
    ways = (turn.choice("staff.learning.choice.list", "unanswered"), _desk(turn))
    text = turn.say("staff.learning.dismissed", count=count)
    return turn.said(text, *ways, session=turn.session.idle())


def _line(turn: StaffTurn, group: Group) -> str:
    line = turn.say("staff.learning.line", words=_short(group.phrasings[0].text), **_figures(group))
    near = asked.nearest(turn.knowledge, group, turn.now.date())
    if not near:
        return line
    label, sure = near[0].entry.label, f"{near[0].probability:.0%}"
    return f"{line} {turn.say('staff.learning.near_short', label=label, sure=sure)}"


def _figures(group: Group) -> dict[str, object]:
    return {
        "people": group.people,
        "ways": len(group.phrasings),
        "first": f"{group.first_at.astimezone(VIETNAM):%d/%m/%Y}",
        "last": f"{group.last_at.astimezone(VIETNAM):%d/%m/%Y}",
    }


def _wording(turn: StaffTurn, phrasing: asked.Phrasing) -> str:
    return turn.say(
        "staff.learning.wording", words=_short(phrasing.text), count=len(phrasing.questions)
    )


def _nearest(turn: StaffTurn, group: Group) -> list[str]:
    near = asked.nearest(turn.knowledge, group, turn.now.date())
    if not near:
        return [turn.say("staff.learning.near_none")]
    sure = f"{near[0].probability:.0%}"
    return [turn.say("staff.learning.near", label=near[0].entry.label, sure=sure)]


def _of_group(group: Group) -> Choice:
    return Choice(_label(group), f"{ACTION}learn.group:{group.head}", told=True)


def _label(group: Group) -> str:
    return shorten(_short(group.phrasings[0].text), MAX_LABEL)


def _rows(group: Group) -> list[int]:
    return [each.id for each in group.questions]


def _pair(argument: str) -> tuple[int, int]:
    head, _, page = argument.partition(":")
    return number_in(head), number_in(page) if page else 0


def _short(text: str) -> str:
    return shorten(one_line(text.replace("**", "")), WORDS)


def _desk(turn: StaffTurn) -> Choice:
    return turn.choice("staff.choice.desk", "desk")


COMMANDS: Final[Mapping[str, Handler]] = {"unanswered": show}
ACTIONS: Final[Mapping[str, Handler]] = {
    "learn.group": show_group,
    "learn.same": same,
    "learn.both": both,
    "learn.apart": apart,
    "learn.dismiss": dismiss,
    "learn.drop": drop,
}
TYPED: Final[Mapping[str, Handler]] = {"learn.dismiss": dropped}
