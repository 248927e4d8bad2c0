"""What is done about one enterprise by chat: status, owner, day, notes, calls; forms and log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from bot.operations import leads, telling
from bot.operations.leads import PAGE
from bot.operations.refusals import NotAllowed, Why
from bot.operations.rights import Right
from bot.staff_chat import lead_words
from bot.staff_chat.lead_days import read_day
from bot.staff_chat.leads import page
from bot.staff_chat.turn import Handler, Lost, StaffTurn, number_in
from bot.store import staffing
from bot.store.follow_up import Brief
from bot.store.follow_up_schema import STATUSES
from bot.store.lead_cards import Card, Sent
from handlers import form_pages
from handlers.conversation import Reply, Step

NOBODY: Final = "0"
_AHEAD_OFTEN: Final = {"tomorrow": 1, "next_week": 7, "next_month": 30}


async def status(turn: StaffTurn) -> Step:
    """Choose another status, then say why: `lead.status:<number>[:<status>]`."""
    given, _, chosen = turn.argument.partition(":")
    number = number_in(given)
    found = await leads.standing(turn.db, number)
    back = turn.choice("staff.choice.back", "lead.card", number)
    if chosen not in STATUSES:
        choices = [
            turn.choice(f"staff.lead.status.{each}", "lead.status", f"{number}:{each}")
            for each in STATUSES
            if each != found.status
        ]
        text = turn.say("staff.lead.ask_status", name=found.name, status=_said(turn, found.status))
        return turn.said(text, *choices, back, session=turn.session.idle())
    now = turn.choice("staff.lead.choice.no_remark", "lead.set", f"{number}:{chosen}")
    text = turn.say("staff.lead.ask_remark", status=_said(turn, chosen))
    return turn.asked("lead.remark", text, now, back, number=number, status=chosen)


async def set_now(turn: StaffTurn) -> Step:
    """Without a remark: `lead.set:<number>:<status>`."""
    given, _, chosen = turn.argument.partition(":")
    return await _set(turn, number_in(given), chosen, "")


async def remarked(turn: StaffTurn) -> Step:
    data = turn.session.data
    return await _set(turn, int(data["number"]), str(data["status"]), turn.incoming.text)


async def owner(turn: StaffTurn) -> Step:
    """Choose who looks after it, oneself first: `lead.owner:<number>[:<page>]`."""
    given, _, start = turn.argument.partition(":")
    number, at = number_in(given), number_in(start) if start else 0
    officers = await leads.owners(turn.db, turn.by)
    found = await leads.standing(turn.db, number)
    others = [each for each in officers if each.id != turn.by.staff]
    choices = [turn.choice("staff.lead.choice.me", "lead.give", f"{number}:{turn.by.staff}")]
    choices += [
        turn.named_choice(lead_words.short(each.name, 30), "lead.give", f"{number}:{each.id}")
        for each in others[at * PAGE : (at + 1) * PAGE]
    ]
    if len(others) > (at + 1) * PAGE:
        choices.append(turn.choice("choice.more", "lead.owner", f"{number}:{at + 1}"))
    choices.append(turn.choice("staff.lead.choice.nobody", "lead.give", f"{number}:{NOBODY}"))
    back = turn.choice("staff.choice.back", "lead.card", number)
    text = turn.say("staff.lead.ask_owner", name=found.name)
    return turn.said(text, *choices, back, session=turn.session.idle())


async def give(turn: StaffTurn) -> Step:
    """`lead.give:<number>:<member>`, and 0 for nobody. Somebody else is told that it is theirs."""
    given, _, member = turn.argument.partition(":")
    number, new = number_in(given), number_in(member) or None
    found = await leads.standing(turn.db, number)
    await leads.assign(turn.db, number, new, turn.by, turn.now)
    if new is None:
        return await page(turn, number, turn.say("staff.lead.owner_none"))
    if new not in {found.owner, turn.by.staff}:
        await _tell(turn, new, found)
    return await page(turn, number, turn.say("staff.lead.owner_set"))


async def _tell(turn: StaffTurn, member: int, found: Brief) -> None:
    owner, voice = await staffing.member(turn.db, member), await lead_words.voice(turn)
    text = turn.say("staff.lead.given", who=voice.who(turn.by.staff), line=voice.line(found))
    opens = turn.named_choice(
        turn.say("staff.lead.choice.open", number=found.id), "lead.card", found.id
    )
    if owner is not None:
        await telling.tell(turn.db, [owner], Reply(text, (opens,)), turn.render, turn.now)


async def due(turn: StaffTurn) -> Step:
    """Ask for the day: `lead.due:<number>[:<days from now, or "none">]`."""
    given, _, chosen = turn.argument.partition(":")
    number = number_in(given)
    if chosen == "none":
        return await _due(turn, number, None)
    if chosen:
        days = number_in(chosen)
        if days not in _AHEAD_OFTEN.values():
            raise Lost(chosen)
        return await _due(turn, number, turn.now.date() + timedelta(days=days))
    choices = [
        turn.choice(f"staff.lead.choice.{when}", "lead.due", f"{number}:{days}")
        for when, days in _AHEAD_OFTEN.items()
    ]
    choices.append(turn.choice("staff.lead.choice.no_day", "lead.due", f"{number}:none"))
    back = turn.choice("staff.choice.back", "lead.card", number)
    found = await leads.standing(turn.db, number)
    text = turn.say("staff.lead.ask_due", name=found.name)
    return turn.asked("lead.due", text, *choices, back, number=number)


async def due_typed(turn: StaffTurn) -> Step:
    number = int(turn.session.data["number"])
    day = read_day(turn.incoming.text, turn.now.date())
    if day is None:
        back = turn.choice("staff.choice.back", "lead.card", number)
        return turn.said(turn.say("staff.lead.no_such_day"), back)
    return await _due(turn, number, day)


async def note(turn: StaffTurn) -> Step:
    number = turn.number()
    found = await leads.standing(turn.db, number)
    back = turn.choice("staff.choice.back", "lead.card", number)
    text = turn.say("staff.lead.ask_note", name=found.name)
    return turn.asked("lead.note", text, back, number=number)


async def noted(turn: StaffTurn) -> Step:
    number = int(turn.session.data["number"])
    await leads.add_note(turn.db, number, turn.incoming.text, turn.by, turn.now)
    return await page(turn, number, turn.say("staff.lead.noted"))


async def call(turn: StaffTurn) -> Step:
    """Choose whose number was confirmed by a call."""
    card = await _card(turn, turn.number())
    voice = await lead_words.voice(turn)
    people = [each for each in card.people if each.phone and not each.verified][:PAGE]
    choices = [
        turn.named_choice(lead_words.short(each.name or each.phone, 30), "lead.called", each.id)
        for each in people
    ]
    back = turn.choice("staff.choice.back", "lead.card", card.brief.id)
    lines = [turn.say("staff.lead.ask_call"), *map(voice.person, people)]
    return turn.said("\n".join(lines), *choices, back, session=turn.session.idle())


async def called(turn: StaffTurn) -> Step:
    number = await leads.confirm_phone(turn.db, turn.number(), turn.by, turn.now)
    return await page(turn, number, turn.say("staff.lead.called"))


async def forms(turn: StaffTurn) -> Step:
    """What was sent, a form at a time: `lead.forms:<number>[:<which>]`."""
    given, _, start = turn.argument.partition(":")
    number, at = number_in(given), number_in(start) if start else 0
    card = await _card(turn, number)
    if at >= len(card.sent):
        return await page(turn, number)
    choices = []
    if at + 1 < len(card.sent):
        choices.append(turn.choice("staff.lead.choice.next", "lead.forms", f"{number}:{at + 1}"))
    choices.append(turn.choice("staff.choice.back", "lead.card", number))
    voice = await lead_words.voice(turn)
    head = turn.say("staff.lead.form", number=at + 1, count=len(card.sent))
    lines = [f"{head} {voice.sent(card.sent[at])}", *_answers(turn, card.sent[at])]
    return turn.said("\n".join(lines), *choices, session=turn.session.idle())


async def log(turn: StaffTurn) -> Step:
    """Every change and note, the newest first: `lead.log:<number>[:<page>]`."""
    given, _, start = turn.argument.partition(":")
    number, at = number_in(given), number_in(start) if start else 0
    card = await leads.card(turn.db, number, turn.by)
    voice = await lead_words.voice(turn)
    told = [(each.at, voice.change(each)) for each in card.changes]
    told += [(each.at, voice.note(each)) for each in card.notes]
    lines = [line for _, line in sorted(told, key=lambda each: each[0], reverse=True)]
    choices = []
    if len(lines) > (at + 1) * PAGE:
        choices.append(turn.choice("choice.more", "lead.log", f"{number}:{at + 1}"))
    choices.append(turn.choice("staff.choice.back", "lead.card", number))
    title = turn.say("staff.lead.log_of", number=number, name=card.brief.name)
    text = "\n".join([title, *lines[at * PAGE : (at + 1) * PAGE]])
    return turn.said(text, *choices, session=turn.session.idle())


async def _set(turn: StaffTurn, number: int, chosen: str, remark: str) -> Step:
    if chosen not in STATUSES:
        raise Lost(chosen)
    await leads.set_status(turn.db, number, chosen, remark, turn.by, turn.now)
    return await page(turn, number, turn.say("staff.lead.status_set"))


async def _due(turn: StaffTurn, number: int, day: date | None) -> Step:
    await leads.set_due(turn.db, number, day, turn.by, turn.now)
    return await page(turn, number, turn.say("staff.lead.due_set"))


async def _card(turn: StaffTurn, number: int) -> Card:
    """A card with its people. Raises NotAllowed for who may not know them."""
    if not await leads.sees_people(turn.db, turn.by):
        raise NotAllowed(Why.NO_RIGHT, right=Right.FOLLOW)
    return await leads.card(turn.db, number, turn.by)


def _answers(turn: StaffTurn, sent: Sent) -> list[str]:
    form = turn.knowledge.forms.get(sent.form)
    return form_pages.lines(turn.knowledge, form, sent.values) if form and sent.values else []


def _said(turn: StaffTurn, status: str) -> str:
    return turn.say(f"staff.lead.status.{status}")


ACTIONS: Final[Mapping[str, Handler]] = {
    "lead.status": status,
    "lead.set": set_now,
    "lead.owner": owner,
    "lead.give": give,
    "lead.due": due,
    "lead.note": note,
    "lead.call": call,
    "lead.called": called,
    "lead.forms": forms,
    "lead.log": log,
}
TYPED: Final[Mapping[str, Handler]] = {
    "lead.remark": remarked,
    "lead.due": due_typed,
    "lead.note": noted,
}
