"""How an enterprise reads by chat: a line in a list, and the whole card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.channels.text import cut, one_line
from bot.staff_chat.turn import StaffTurn, moment
from bot.store import staffing
from bot.store.follow_up import Brief
from bot.store.lead_cards import Card, Change, Note, Person, Sent
from handlers.fields import shown
from knowledge.answers import DATE
from knowledge.asking import RESULT
from knowledge.clock import VIETNAM
from knowledge.entries import Field

PROGRAMMES: Final = "programmes"  # the field of a form that names the programmes of interest
LABEL: Final = 24
NAME, WORDS = 70, 120  # characters of a name, of a note, on a card
PEOPLE, FORMS, LINES = 5, 5, 3  # of each, on a card
_PHONE: Final = Field("phone", "phone", "", "")


@dataclass(frozen=True, slots=True)
class Voice:
    """What is said about enterprises in one turn: the turn, and the names of the staff."""

    turn: StaffTurn
    names: Mapping[int, str]

    def who(self, staff: int | None) -> str:
        """Who did something; without a number it was the command line."""
        if staff is None:
            return self.turn.say("staff.lead.by_console")
        return self.names.get(staff, "?")

    def owner(self, staff: int | None) -> str:
        return self.turn.say("staff.lead.nobody") if staff is None else self.names.get(staff, "?")

    def status(self, status: str) -> str:
        return self.turn.say(f"staff.lead.status.{status}")

    def day(self, day: date | None) -> str:
        return day.strftime(DATE) if day else self.turn.say("staff.lead.no_day")

    def line(self, each: Brief) -> str:
        """One enterprise in a list."""
        told = f"{short(each.name, NAME)} – {self.about(each)}"
        return self.turn.say("staff.lead.line", number=each.id, told=told)

    def about(self, each: Brief) -> str:
        """What there is to say of one besides its name, in a line."""
        parts = [
            each.tax_code,
            *each.communes[:1],
            self.status(each.status),
        ]
        if each.due_on:
            parts.append(self.turn.say("staff.lead.due_by", day=self.day(each.due_on)))
        if each.owner:
            parts.append(self.owner(each.owner))
        return " – ".join(part for part in parts if part)

    def change(self, each: Change) -> str:
        told = self.turn.say(
            "staff.lead.change",
            at=moment(each.at),
            who=self.who(each.by),
            before=self.status(each.before),
            after=self.status(each.after),
        )
        return f"{told} ({short(each.remark, WORDS)})" if each.remark else told

    def note(self, each: Note) -> str:
        text = short(each.text, WORDS) or self.turn.say("staff.lead.note_erased")
        return self.turn.say(
            "staff.lead.note", at=moment(each.at), who=self.who(each.by), text=text
        )

    def person(self, each: Person) -> str:
        phone = shown(_PHONE, each.phone, self.turn.knowledge) if each.phone else ""
        if each.verified and phone:
            by = self.who(each.checked_by)
            phone = self.turn.say(f"staff.lead.verified.{each.verified}", phone=phone, who=by)
        name = ", ".join(one_line(part) for part in (each.name, each.position) if part)
        told = " – ".join(part for part in (name, phone, one_line(each.email)) if part)
        return f"- {told}"

    def sent(self, each: Sent) -> str:
        """A form with its dates, and what it came to where that was shared."""
        knowledge = self.turn.knowledge
        form = knowledge.forms.get(each.form)
        told = self.turn.say(
            "staff.lead.withdrawn" if each.withdrawn else "staff.lead.sent",
            form=form.label if form else each.form,
            day=f"{each.sent_at.astimezone(VIETNAM):{DATE}}",
            changed=f"{each.changed_at.astimezone(VIETNAM):{DATE}}",
        )
        came_to = [
            str(each.values[field.id])
            for field in (form.fields if form else ())
            if field.kind == RESULT and each.values.get(field.id)
        ]
        return ": ".join([told, *(short(text, WORDS) for text in came_to[:1])])

    def programmes(self, ids: Sequence[str]) -> str:
        labels = {
            option.id: option.label
            for form in self.turn.knowledge.forms.values()
            for field in form.fields
            if field.id == PROGRAMMES
            for option in field.options
        }
        return ", ".join(labels.get(each, each) for each in ids)

    def card(self, card: Card) -> str:
        """The whole card."""
        say, brief = self.turn.say, card.brief
        lines = [say("staff.lead.card", number=brief.id, name=short(brief.name, 2 * NAME))]
        lines.append(say("staff.lead.tax_code", code=brief.tax_code))
        lines += [
            say("staff.lead.also", code=each.tax_code, name=short(each.name, NAME))
            for each in card.merged
        ]
        if brief.communes:
            lines.append(say("staff.lead.where", communes=", ".join(brief.communes)))
        if brief.programmes:
            lines.append(say("staff.lead.interest", programmes=self.programmes(brief.programmes)))
        lines.append(
            say(
                "staff.lead.stands",
                status=self.status(brief.status),
                owner=self.owner(brief.owner),
                day=self.day(brief.due_on),
            )
        )
        lines += self._part("staff.lead.people", map(self.person, card.people[:PEOPLE]))
        lines += self._part(
            "staff.lead.forms", (f"- {self.sent(each)}" for each in card.sent[:FORMS])
        )
        lines += self._part("staff.lead.log", map(self.change, card.changes[:LINES]))
        lines += self._part("staff.lead.notes", map(self.note, card.notes[:LINES]))
        return "\n".join(lines)

    def _part(self, phrase: str, told: Iterable[str]) -> list[str]:
        lines = list(told)
        return [self.turn.say(phrase), *lines] if lines else []


async def voice(turn: StaffTurn) -> Voice:
    return Voice(turn, {each.id: each.name for each in await staffing.everyone(turn.db)})


def short(text: str, most: int) -> str:
    return cut(one_line(text), most)


def label(each: Brief) -> str:
    """What a choice that opens a card says."""
    return f"#{each.id} {short(each.name, LABEL)}"
