"""What the assistant knows, as frozen values. Nothing here reads a file, a clock or a network.

The vocabulary is the department's: an *entry* answers one question and cites *sources*; a
*deadline* belongs to a *milestone* of a *programme* in one year; a *form* is a list of fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from knowledge.assessment import Assessment
    from knowledge.checklists import Checklist
    from knowledge.index import Index
    from knowledge.routing import Router
    from knowledge.rulesets import RuleSet

SMALLTALK = "smalltalk"
OUT_OF_SCOPE = "out_of_scope"
ASIDE = (SMALLTALK, OUT_OF_SCOPE)  # topics that are none of the department's own matters


@dataclass(frozen=True, slots=True)
class Source:
    """A document that answers rest on. `in_force_until` is the first day it no longer holds.

    `articles` are the numbers of those that were read when it was checked; empty where nobody said.
    `clauses` are the last clause that was read of an article, where somebody said.
    """

    id: str
    kind: str
    short: str
    title: str
    issued_on: date | None = None
    in_force_from: date | None = None
    in_force_until: date | None = None
    replaced_by: str = ""
    url: str = ""
    checked_on: date | None = None
    articles: frozenset[int] = frozenset()
    clauses: tuple[tuple[int, int], ...] = ()

    def holds_on(self, day: date) -> bool:
        start = self.in_force_from or self.issued_on
        return (start is None or start <= day) and (
            self.in_force_until is None or day < self.in_force_until
        )


@dataclass(frozen=True, slots=True)
class Citation:
    """The place in a source, such as "Điều 59 khoản 1"; empty for the whole document."""

    source: str
    article: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One approved answer. `past` marks an answer that is *about* rules of earlier years.

    `supersedes` names the entry that answered the same question under the earlier rules.
    `keywords` are the one-to-three-syllable messages that can only mean this entry.
    """

    id: str
    topic: str
    label: str
    question: str
    variants: tuple[str, ...]
    answer: str
    citations: tuple[Citation, ...]
    follow_ups: tuple[str, ...]
    verified_on: date
    review_by: date
    keywords: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    past: bool = False
    supersedes: str = ""
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Topic:
    """A shelf of the menu. `opens` is the entry that a press on the topic shows first."""

    id: str
    label: str
    group: str
    opens: str


@dataclass(frozen=True, slots=True)
class Command:
    """A thing that can be asked for by name: `/slash`, or one of `words` typed alone.

    `names` are the words as they are compared, folded. `menu` puts it into the platform's own list.
    With `form`, it opens that form and needs no code.
    """

    id: str
    slash: str
    vi: str
    en: str
    words: tuple[str, ...]
    names: frozenset[str]
    menu: bool
    form: str = ""


@dataclass(frozen=True, slots=True)
class Milestone:
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Programme:
    """`interest` is the option of the registration form that means it; empty for everybody's."""

    id: str
    label: str
    milestones: tuple[Milestone, ...]
    interest: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a milestone in one year, or the honest absence of one.

    Without `closes_on` it is not announced. `inclusive` says whether `closes_on` itself still
    counts. `extended_from` is the earlier last day where the deadline was moved.
    """

    programme: str
    milestone: str
    year: int
    province: str = ""
    opens_on: date | None = None
    closes_on: date | None = None
    closes_at: time | None = None
    inclusive: bool = True
    extended_from: date | None = None
    letter: str = ""
    source: str = ""
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to pick. With `seats`, who picks it after they are taken stands in a queue.

    `words` are other ways to say it by typing.
    """

    id: str
    label: str
    seats: int | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """Ask a field only when an earlier one was answered with one of these option ids."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form. `least` and `most` bound a number, or the length of a text.

    A group (kind `group`) asks its `fields` up to `most` times; its own question, asked after each
    time, is whether there is another. `{n}` in them is the number of the time.
    """

    id: str
    kind: str
    label: str
    prompt: str
    required: bool = True
    options: tuple[Option, ...] = ()
    least: int | None = None
    most: int | None = None
    when: Condition | None = None
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsentWording:
    """What a person agrees to. A changed text needs a new version, so that proof stays proof."""

    purpose: str
    version: str
    text: str


NO_CONSENT = ConsentWording("", "", "")  # of what is never handed in


@dataclass(frozen=True, slots=True)
class Form:
    """A form as data. `roles` maps a column of the lead (tax_code, contact, …) to a field id.

    One that `concludes` is not handed in: its answers come to a conclusion for the person alone, so
    roles and `done` are empty; consent, where there is any, is asked before it is shared. `group`
    is the group of the menu that shows it. `intro` is said before its first question.
    """

    id: str
    label: str
    title: str
    consent: ConsentWording
    fields: tuple[Field, ...]
    roles: Mapping[str, str]
    done: str
    resume_days: int
    concludes: bool = False
    group: str = ""
    intro: str = ""
    file: str = ""
    line: int = 0

    def field(self, field_id: str) -> Field:
        """The field with this id. Raises KeyError."""
        for field in self.fields:
            if field.id == field_id:
                return field
        raise KeyError(field_id)


@dataclass(frozen=True, slots=True)
class Province:
    """One of today's provinces, and the names that became part of it on 01/07/2025."""

    name: str
    formerly: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Organisation:
    """The department that runs this assistant. Empty fields were not filled in yet.

    `policy` says how readily an answer is given: "chặt", "vừa" or "rộng" (`knowledge.index`).
    """

    name: str = ""
    unit: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    hours: str = ""
    website: str = ""
    province: str = ""
    policy: str = "vừa"


@dataclass(frozen=True, slots=True)
class Holidays:
    """What the published calendar adds to the law's holidays: days off, and days made up."""

    days_off: frozenset[date]
    make_up: frozenset[date]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything, checked as a whole. A turn keeps the snapshot it began with."""

    entries: Mapping[str, Entry]
    sources: Mapping[str, Source]
    topics: Mapping[str, Topic]
    programmes: Mapping[str, Programme]
    deadlines: tuple[Deadline, ...]
    forms: Mapping[str, Form]
    commands: Mapping[str, Command]
    staff_commands: Mapping[str, Command]
    phrases: Mapping[str, str]
    provinces: tuple[Province, ...]
    organisation: Organisation
    holidays: Holidays
    shorthand: Mapping[str, tuple[str, ...]]
    rulesets: Mapping[str, RuleSet]
    checklists: Mapping[str, Checklist]
    assessment: Assessment
    router: Router
    index: Index
    fingerprint: str

    def say(self, phrase: str, /, **values: object) -> str:
        """Fill a phrase. Raises KeyError for an unknown phrase or a value that is missing."""
        return self.phrases[phrase].format_map(values) if values else self.phrases[phrase]
