"""A form as far as it is filled in, and where in the session it lies: open, or on the shelf.

A new form and each change of a sent one are drafts of their own (`Draft.key`), so that putting one
aside never overwrites another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from handlers.conversation import Session, Turn
from handlers.effects import SaveSubmission
from handlers.records import Submission
from knowledge import asking
from knowledge.entries import Field, Form

DIALOG = "form"
CONSENT, SUMMARY = "consent", "summary"  # the steps that are no field


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as far as it is filled in. `submission` is set while a sent one is being changed.

    `heard` is what was typed last where it was taken for a question: it may still be the answer.
    """

    form: Form
    values: Mapping[str, Any]
    chosen: tuple[str, ...] = ()
    heard: str = ""
    verified: bool = False
    editing: bool = False
    submission: int | None = None

    @property
    def key(self) -> str:
        return _key({"form": self.form.id, "submission": self.submission})

    def asked(self) -> tuple[Field, ...]:
        """The fields that apply, given what was answered so far."""
        return asking.asked(self.form, self.values)

    def field(self, field_id: str) -> Field:
        """The field that is asked under this id. Raises KeyError."""
        for field in self.asked():
            if field.id == field_id:
                return field
        raise KeyError(field_id)

    def next_unanswered(self) -> Field | None:
        return next((field for field in self.asked() if field.id not in self.values), None)

    def before(self, step: str) -> Field | None:
        """The field asked before *step*; the last one before the summary; None at the start."""
        fields = self.asked()
        if step == SUMMARY:
            return fields[-1]
        at = next((n for n, field in enumerate(fields) if field.id == step), 0)
        return fields[at - 1] if at else None

    def concluded(self) -> bool:
        """Whether the answers are complete and come to a conclusion."""
        return self.form.concludes and self.next_unanswered() is None

    def filled(self) -> int:
        """How many of the fields that apply were answered."""
        return sum(field.id in self.values for field in self.asked())


def running(turn: Turn) -> Draft | None:
    """The form that this conversation is in, or None. A form that no longer exists is none."""
    session = turn.session
    form = turn.knowledge.forms.get(session.data.get("form", ""))
    return _draft(form, session.data) if session.dialog == DIALOG and form else None


def shelved(turn: Turn, key: str) -> Draft | None:
    """A draft that waits and is not too old to be offered again."""
    kept = _fresh(turn).get(key)
    return _draft(turn.knowledge.forms[kept["form"]], kept) if kept else None


def waiting(turn: Turn) -> tuple[Draft, ...]:
    """Every draft that is not finished and can be resumed, the open one first."""
    opened = running(turn)
    on_shelf = [_draft(turn.knowledge.forms[kept["form"]], kept) for kept in _fresh(turn).values()]
    found = [draft for draft in (opened, *on_shelf) if draft is not None and draft.values]
    return tuple(draft for draft in found if not draft.concluded())


def concluded(turn: Turn) -> tuple[Draft, ...]:
    """The answers that came to a conclusion and are still kept."""
    kept = [_draft(turn.knowledge.forms[each["form"]], each) for each in _fresh(turn).values()]
    return tuple(draft for draft in kept if draft.concluded())


def current(turn: Turn, draft: Draft | None) -> Field | None:
    """The field that is being asked; None at a step that is no field."""
    if draft is None:
        return None
    return next((f for f in draft.asked() if f.id == turn.session.step), None)


def at(turn: Turn, draft: Draft, step: str) -> Session:
    data: dict[str, Any] = {
        "form": draft.form.id,
        "values": dict(draft.values),
        "chosen": list(draft.chosen),
        "heard": draft.heard,
        "verified": draft.verified,
        "editing": draft.editing,
        "submission": draft.submission,
    }
    return replace(turn.session, dialog=DIALOG, step=step, data=data)


def shelve(turn: Turn) -> Session:
    """The session with its form, if one with answers is open, put aside to be resumed."""
    others = {key: kept for key, kept in turn.session.shelf.items() if "form" not in kept}
    draft, shelf = running(turn), {**others, **_fresh(turn)}
    if draft is None or not draft.values:
        return replace(turn.session.idle(), shelf=shelf)
    today = turn.now.date()
    kept = {
        **turn.session.data,
        "step": turn.session.step,
        "kept_on": today.isoformat(),
        "kept_until": (today + timedelta(days=draft.form.resume_days)).isoformat(),
    }
    return replace(turn.session.idle(), shelf={**shelf, draft.key: kept})


def forget(session: Session, key: str) -> Session:
    shelf = {name: kept for name, kept in session.shelf.items() if name != key}
    session = replace(session, shelf=shelf)
    return session.idle() if _key(session.data) == key else session


def of_sent(form: Form, sent: Submission) -> Draft:
    """The change of a form that was sent."""
    return Draft(form, asking.unfolded(form, sent.values), submission=sent.id)


def submission(draft: Draft) -> SaveSubmission:
    def role(name: str) -> str:
        return str(draft.values.get(draft.form.roles.get(name, ""), ""))

    return SaveSubmission(
        form=draft.form.id,
        values=asking.folded(draft.form, draft.values),
        purpose=draft.form.consent.purpose,
        tax_code=role("tax_code"),
        enterprise=role("enterprise"),
        contact=role("contact"),
        position=role("position"),
        phone=role("phone"),
        phone_verified=draft.verified,
        email=role("email"),
        replaces=draft.submission,
    )


def _fresh(turn: Turn) -> dict[str, Mapping[str, Any]]:
    """The shelf without what nobody may be offered again: too old, or a form that is gone."""
    fresh = {}
    for key, kept in turn.session.shelf.items():
        form = turn.knowledge.forms.get(kept.get("form", ""))
        if form is None:
            continue
        until = date.fromisoformat(kept["kept_on"]) + timedelta(days=form.resume_days)
        if turn.now.date() <= until:
            fresh[key] = kept
    return fresh


def _key(data: Mapping[str, Any]) -> str:
    form, changes = data.get("form", ""), data.get("submission")
    return form if changes is None else f"{form}#{changes}"


def _draft(form: Form, data: Mapping[str, Any]) -> Draft:
    return Draft(
        form,
        data.get("values", {}),
        tuple(data.get("chosen", ())),
        heard=data.get("heard", ""),
        verified=bool(data.get("verified")),
        editing=bool(data.get("editing")),
        submission=data.get("submission"),
    )
