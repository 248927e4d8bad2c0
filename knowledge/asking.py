"""Which questions of a form apply, given what was answered so far.

A group unfolds into plain questions with ids of their own (`nominees.2.name`), so that going back,
editing and resuming know nothing of groups. Handed in, its answers fold into one list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from knowledge.entries import Condition, Field, Form

GROUP = "group"
RESULT = "result"  # what a conclusion fills in; never asked
MORE, ENOUGH = "more", "enough"  # the options of a group's own question
_ANOTHER = "another"

Values = Mapping[str, Any]


def asked(form: Form, values: Values) -> tuple[Field, ...]:
    """The questions that apply, in order, groups unfolded as far as they were answered."""
    return tuple(
        each
        for field in form.fields
        if field.kind != RESULT and _applies(field.when, values)
        for each in _unfolded(field, values)
    )


def asks_for_another(field: Field) -> bool:
    """Whether this is a group's own question, whether there is another one."""
    return field.id.endswith(f".{_ANOTHER}")


def nth(group: Field, field: Field, time: int) -> Field:
    """A question of *group* as it is asked the *time*-th time, from 1."""
    when = field.when and replace(field.when, field=_name(group, time, field.when.field))
    return replace(
        field,
        id=_name(group, time, field.id),
        label=field.label.replace("{n}", str(time)),
        prompt=field.prompt.replace("{n}", str(time)),
        when=when,
    )


def folded(form: Form, values: Values) -> dict[str, Any]:
    """The answers as they are handed in: each group one list of what was answered each time."""
    groups = [field for field in form.fields if field.kind == GROUP]
    prefixes = tuple(f"{group.id}." for group in groups)
    kept = {name: value for name, value in values.items() if not name.startswith(prefixes)}
    for group in groups:
        times = [
            {
                field.id: values[_name(group, time, field.id)]
                for field in group.fields
                if _name(group, time, field.id) in values
            }
            for time in range(1, (group.most or 1) + 1)
        ]
        if any(times):
            kept[group.id] = [each for each in times if each]
    return kept


def unfolded(form: Form, values: Values) -> dict[str, Any]:
    """The answers as they are filled in: what `folded` was made of."""
    groups = {field.id: field for field in form.fields if field.kind == GROUP}
    flat = {name: value for name, value in values.items() if name not in groups}
    for name, group in groups.items():
        times = values.get(name) or []
        for time, answers in enumerate(times, start=1):
            flat |= {_name(group, time, field): value for field, value in answers.items()}
            if time < (group.most or 1):
                flat[_name(group, time, _ANOTHER)] = MORE if time < len(times) else ENOUGH
    return flat


def _unfolded(field: Field, values: Values) -> Iterator[Field]:
    if field.kind != GROUP:
        yield field
        return
    most = field.most or 1
    for time in range(1, most + 1):
        own = (nth(field, each, time) for each in field.fields)
        yield from (each for each in own if _applies(each.when, values))
        if time == most:
            return
        own_question = replace(field, id=_ANOTHER, kind="choice", fields=())
        another = nth(field, replace(own_question, label=f"{field.label} ({time})"), time)
        yield replace(another, when=None, most=None)
        if values.get(another.id) != MORE:
            return


def _applies(when: Condition | None, values: Values) -> bool:
    return when is None or values.get(when.field) in when.values


def _name(group: Field, time: int, field: str) -> str:
    return f"{group.id}.{time}.{field}"
