"""Reading what people type into a form field, and saying exactly what is wrong with it.

Each kind of field has one reader: typed text in, a `Read` value or a `Bad` with the phrase that
explains it out. Values are stored in one form, whatever way they were written. Lengths are checked
before anything else looks at the text.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as initially
from datetime import date, datetime
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.vn import mst

from handlers.spans import began_on, months_of, year_named
from knowledge.answers import DATE
from knowledge.asking import GROUP
from knowledge.entries import Field, Knowledge, Option
from knowledge.months import MONTHS_A_YEAR
from knowledge.rulesets import ABOUT, began
from knowledge.text import fold

FieldValue = str | int | list[Any]

MAX_TYPED = 2000
COUNTED = ("months", "since", "scale")  # kinds that a number answers
PHONE_WRITTEN = 40
AWARD_SINCE = 1996
VIETNAM_CODE = 84
_MINUS = re.compile(r"[-−–]\s*\d")  # folding would drop it: "-5" months are not 5
_SPAN = re.compile(r"\s*(\d{1,2})\s*[-−–—]\s*(\d{1,2})\s*")  # "1-3": those two, or 1 to 3?
_TAX_LENGTHS = {10: "enterprise", 12: "household", 13: "branch"}
# With its accents "quận" is a district; without them "quan" may begin a commune's name (Quan Sơn).
_DISTRICT = re.compile(
    r"(?:huyện|quận|thị xã|thị trấn|huyen|thi xa|thi tran|quan (?=\d))\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Read:
    """A value as it is stored; `note` is a phrase to say along with the next question."""

    value: FieldValue
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bad:
    """Why the text cannot be the value: a phrase and what fills it; `instead` are likely values."""

    phrase: str
    values: Mapping[str, object] = initially(default_factory=dict)
    instead: tuple[str, ...] = ()


Reading = Read | Bad


def read(field: Field, typed: str, knowledge: Knowledge, now: datetime) -> Reading:
    """Read *typed* as a value of *field*. Never raises, whatever was typed."""
    if len(typed) > MAX_TYPED:
        return Bad("bad.too_long", {"length": len(typed), "most": field.most or MAX_TYPED})
    reader = _READERS[field.kind]
    return reader(field, _tidy(typed), knowledge, now)


def shown(field: Field, value: FieldValue | None, knowledge: Knowledge) -> str:
    """A stored value as a person reads it."""
    if value in ("", None, []):
        return knowledge.say("form.empty")
    labels = {option.id: option.label for option in field.options}
    if field.kind == GROUP and isinstance(value, list):
        return "; ".join(_one_time(field, n, each, knowledge) for n, each in enumerate(value, 1))
    if isinstance(value, list):
        return ", ".join(labels.get(each, str(each)) for each in value)
    if field.kind == "months":
        return knowledge.say("form.months", months=value)
    if field.kind == "since":
        return _since_shown(str(value), knowledge)
    if field.kind == "phone":
        return _national(str(value))
    return labels.get(str(value), str(value))


def takes_digit(field: Field) -> bool:
    """Whether a single digit may be the value itself, so that it cannot mean a choice."""
    return field.kind in COUNTED or (field.kind == "text" and (field.least or 1) == 1)


def _one_time(group: Field, time: int, answers: Mapping[str, Any], knowledge: Knowledge) -> str:
    """What was answered in one time of a group, as one text."""
    fields = [each for each in group.fields if answers.get(each.id)]
    said = [shown(each, answers[each.id], knowledge) for each in fields]
    return knowledge.say("form.one_of_group", number=time, values=", ".join(said))


def _since_shown(value: str, knowledge: Knowledge) -> str:
    day = date.fromisoformat(value.removeprefix(ABOUT)).strftime(DATE)
    return knowledge.say("form.about_day", day=day) if value.startswith(ABOUT) else day


def phone_number(typed: str) -> str | None:
    """The number in international form (+84…), or None if no Vietnamese line can have it."""
    number = _number(typed)
    if number is None or number.country_code != VIETNAM_CODE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _number(typed: str) -> phonenumbers.PhoneNumber | None:
    """A number that some line in the world can have; without a country's code, one of ours."""
    written = re.sub(r"^\s*84(?=\d{9,10}\s*$)", "+84", typed)
    try:
        number = phonenumbers.parse(written, "VN")
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _national(value: str) -> str:
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return value
    home = phonenumbers.PhoneNumberFormat.NATIONAL
    return phonenumbers.format_number(number, home)


def _tidy(typed: str) -> str:
    # composed last: what was dropped may have kept a letter and its accent apart
    kept = "".join(c for c in typed if c.isprintable() or c.isspace())
    return unicodedata.normalize("NFC", " ".join(kept.split()))


def _text(field: Field, typed: str, _knowledge: Knowledge, _now: datetime) -> Reading:
    least, most = field.least or 1, field.most or MAX_TYPED
    if len(typed) < least:
        return Bad("bad.too_short", {"least": least})
    if len(typed) > most:
        return Bad("bad.too_long", {"length": len(typed), "most": most})
    return Read(typed)


def _person(field: Field, typed: str, knowledge: Knowledge, now: datetime) -> Reading:
    letters = sum(c.isalpha() for c in typed)
    if letters < 2 or any(c.isdigit() for c in typed):  # noqa: PLR2004 - the shortest name
        return Bad("bad.person")
    name = unicodedata.normalize("NFC", typed.title()) if typed.islower() else typed
    return _text(field, name, knowledge, now)


def _tax_code(_field: Field, typed: str, _knowledge: Knowledge, _now: datetime) -> Reading:
    digits = re.sub(r"[\s.\-–]", "", fold(typed).removeprefix("mst").lstrip(": "))
    if not digits.isascii() or not digits.isdigit():
        return Bad("bad.tax_letters")
    if len(digits) not in _TAX_LENGTHS:
        return Bad("bad.tax_length", {"length": len(digits)})
    if _TAX_LENGTHS[len(digits)] == "household":
        return Read(digits)
    try:
        mst.validate(digits)
    except InvalidChecksum:
        return Bad("bad.tax_check", {"value": typed})
    except ValidationError:
        branch = _TAX_LENGTHS[len(digits)] == "branch"
        return Bad("bad.tax_branch") if branch else Bad("bad.tax_check", {"value": typed})
    return Read(f"{digits[:10]}-{digits[10:]}" if digits[10:] else digits)


def _phone(_field: Field, typed: str, _knowledge: Knowledge, _now: datetime) -> Reading:
    """One Vietnamese number, whatever stands around it ("Zalo: 0912.345.678 (Lan)")."""
    if number := phone_number(typed) if len(typed) <= PHONE_WRITTEN else None:
        return Read(number)
    matches = phonenumbers.PhoneNumberMatcher(typed[:200], "VN")
    written = [typed[:PHONE_WRITTEN], *(match.raw_string for match in matches)]
    found = list(dict.fromkeys(filter(None, map(phone_number, written))))
    if len(found) > 1:
        return Bad("bad.phone_several", {}, tuple(map(_national, found[:3])))
    if not found:
        return Bad("bad.phone_abroad" if any(map(_number, written)) else "bad.phone")
    return Read(found[0])


def _email(_field: Field, typed: str, _knowledge: Knowledge, _now: datetime) -> Reading:
    words = [word.strip(".,;:<>()") for word in typed.split() if "@" in word.strip("@")]
    typed = words[0] if len(words) == 1 else typed
    try:
        return Read(validate_email(typed, check_deliverability=False).normalized)
    except EmailNotValidError:
        return Bad("bad.email")


def _province(_field: Field, typed: str, knowledge: Knowledge, _now: datetime) -> Reading:
    asked = re.sub(r"^(?:tinh|thanh pho|tp)\s+", "", fold(typed))
    names: dict[str, tuple[str, str]] = {}
    for province in knowledge.provinces:
        for former in province.formerly:
            names[fold(former)] = (province.name, former)
        names[re.sub(r"^thanh pho ", "", fold(province.name))] = (province.name, "")
    if asked in names:
        name, former = names[asked]
        if not former or _abbreviates(former, name):
            return Read(name)
        return Read(name, knowledge.say("form.note_province", former=former, province=name))
    near = difflib.get_close_matches(asked[:40], names, n=3, cutoff=0.6)
    instead = tuple(dict.fromkeys(names[each][0] for each in near))
    phrase = "bad.province_maybe" if instead else "bad.province"
    return Bad(phrase, {"value": typed[:60]}, instead)


def _abbreviates(written: str, name: str) -> bool:
    """Whether it is the name itself, shortened ("TPHCM", "Daklak"), and no place of before."""
    syllables, short = fold(name).split(), fold(written).replace(" ", "")
    return short in "".join(syllables) or short in "".join(each[0] for each in syllables)


def _commune(field: Field, typed: str, knowledge: Knowledge, now: datetime) -> Reading:
    if _DISTRICT.match(typed):
        return Bad("bad.commune_district")
    said = f" {fold(typed)} "
    if any(f" {fold(each)} " in said for each in knowledge.say("form.words_unsure").split(",")):
        return Bad("bad.commune_unsure")
    if sum(c.isalpha() for c in typed) < 2:  # noqa: PLR2004 - the shortest place name
        return Bad("bad.commune")
    return _text(field, typed, knowledge, now)


def _months(field: Field, typed: str, _knowledge: Knowledge, now: datetime) -> Reading:
    if _MINUS.match(typed):
        return Bad("bad.minus")
    months = months_of(typed, now.date())
    if months is None:
        return Bad("bad.months")
    if months < 0:
        return Bad("bad.months_future")
    least, most = field.least or 0, field.most or 150 * MONTHS_A_YEAR
    if not least <= months <= most:
        return Bad("bad.months_range", {"least": least, "most": most})
    return Read(months)


def _since(_field: Field, typed: str, knowledge: Knowledge, now: datetime) -> Reading:
    """The day something began, as ISO text, marked where it is only about right.

    What was understood is said along with the next question, so that nobody is judged by a day
    that was meant otherwise.
    """
    if _MINUS.match(typed):
        return Bad("bad.minus")
    value = began_on(typed, now.date())
    if value is None:
        return Bad("bad.since")
    day = began(value, now.date())
    if day is None or day > now.date():
        return Bad("bad.since_future")
    if day == now.date():
        return Read(value, knowledge.say("form.note_from_today"))
    return Read(value, knowledge.say("form.note_since", day=_since_shown(value, knowledge)))


def _year(field: Field, typed: str, _knowledge: Knowledge, now: datetime) -> Reading:
    least, most = field.least or AWARD_SINCE, field.most or now.year
    found = re.fullmatch(r"(?:nam )?(\d{4})", year_named(fold(typed), now.date()))
    if not found or not least <= int(found[1]) <= most:
        return Bad("bad.year", {"least": least, "most": most})
    return Read(int(found[1]))


def _choice(field: Field, typed: str, knowledge: Knowledge, _now: datetime) -> Reading:
    """An option's id or label, or words that say that option and nothing else."""
    for option in field.options:
        if typed == option.id or fold(typed) == fold(option.label):
            return Read(option.id)
    beside = knowledge.say("form.words_beside").split(",")
    meant = [option.id for option in field.options if _says(typed, option, beside)]
    return Read(meant[0]) if len(meant) == 1 else Bad("bad.choice")


def _says(typed: str, option: Option, beside: Sequence[str]) -> bool:
    """Whether *typed* is ways to say this option, with words *beside* that say nothing more."""
    ways = [fold(way) for way in (option.label, *option.words)]
    left, named = f" {fold(typed)} ".replace(" ", "  "), False
    for way in sorted(ways, key=len, reverse=True) if option.words else ():
        rest = left.replace(f" {way.replace(' ', '  ')} ", " ")
        named, left = named or rest != left, rest
    return named and not set(left.split()) - {word for way in beside for word in fold(way).split()}


def _scale(field: Field, typed: str, knowledge: Knowledge, now: datetime) -> Reading:
    found = _choice(field, typed, knowledge, now)
    return Read(int(str(found.value))) if isinstance(found, Read) else Bad("bad.scale")


def _choices(field: Field, typed: str, _knowledge: Knowledge, _now: datetime) -> Reading:
    """Several numbers or labels at once: "1, 3 và 5"."""
    by_number = {str(n): option.id for n, option in enumerate(field.options, start=1)}
    by_label = {fold(option.label): option.id for option in field.options}
    if only := by_label.get(fold(typed)):  # a label may have commas of its own
        return Read([only])
    parts = re.split(r"[,;+&\n]|\bvà\b", typed)
    for span in filter(None, map(_SPAN.fullmatch, parts)):
        if int(span[2]) - int(span[1]) > 1:
            return Bad("bad.choices_span", {"first": span[1], "last": span[2]})
    parts = [fold(part) for part in parts]
    if all(part.replace(" ", "").isdigit() for part in parts if part):
        parts = [number for part in parts for number in part.split()]
    chosen = [by_number.get(part) or by_label.get(part) for part in parts if part]
    if not chosen or None in chosen:
        return Bad("bad.choice")
    order = [option.id for option in field.options]
    return Read(sorted(set(filter(None, chosen)), key=order.index))


_READERS: Mapping[str, Callable[[Field, str, Knowledge, datetime], Reading]] = {
    "text": _text,
    "person": _person,
    "tax_code": _tax_code,
    "phone": _phone,
    "email": _email,
    "province": _province,
    "commune": _commune,
    "months": _months,
    "since": _since,
    "year": _year,
    "choice": _choice,
    "choices": _choices,
    "scale": _scale,
}
