"""A form as far as it is filled in, and where in the session it lies: open, or on the shelf."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from handlers.conversation import Session, Turn
from handlers.effects import SaveSubmission
from knowledge.entries import Field, Form

DIALOG = "form"
CONSENT, SUMMARY = "consent", "summary"  # the steps that are no field


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as far as it is filled in. `submission` is set while a sent one is being changed."""

    form: Form
    values: Mapping[str, Any]
    chosen: tuple[str, ...] = ()
    verified: bool = False
    editing: bool = False
    submission: int | None = None

    def asked(self) -> tuple[Field, ...]:
        """The fields that apply, given what was answered so far."""
        return tuple(
            field
            for field in self.form.fields
            if field.when is None or self.values.get(field.when.field) in field.when.values
        )

    def next_unanswered(self) -> Field | None:
        return next((field for field in self.asked() if field.id not in self.values), None)

    def before(self, step: str) -> Field | None:
        """The field asked before *step*; the last one before the summary; None at the start."""
        fields = self.asked()
        if step == SUMMARY:
            return fields[-1]
        at = next((n for n, field in enumerate(fields) if field.id == step), 0)
        return fields[at - 1] if at else None


def running(turn: Turn) -> Draft | None:
    """The form that this conversation is in, or None. A form that no longer exists is none."""
    session = turn.session
    form = turn.knowledge.forms.get(session.data.get("form", ""))
    return _draft(form, session.data) if session.dialog == DIALOG and form else None


def shelved(turn: Turn, form_id: str) -> Draft | None:
    """A draft that waits and is not too old to be offered again."""
    form, kept = turn.knowledge.forms.get(form_id), turn.session.shelf.get(form_id)
    if form is None or kept is None:
        return None
    until = date.fromisoformat(kept["kept_on"]) + timedelta(days=form.resume_days)
    return _draft(form, kept) if turn.now.date() <= until else None


def current(turn: Turn, draft: Draft | None) -> Field | None:
    if draft is None:
        return None
    return next((f for f in draft.form.fields if f.id == turn.session.step), None)


def at(turn: Turn, draft: Draft, step: str) -> Session:
    data: dict[str, Any] = {
        "form": draft.form.id,
        "values": dict(draft.values),
        "chosen": list(draft.chosen),
        "verified": draft.verified,
        "editing": draft.editing,
        "submission": draft.submission,
    }
    return replace(turn.session, dialog=DIALOG, step=step, data=data)


def shelve(turn: Turn) -> Session:
    """The session with its form, if one with answers is open, put aside to be resumed."""
    draft, session = running(turn), turn.session
    if draft is None or not draft.values:
        return session.idle()
    kept = {**session.data, "step": session.step, "kept_on": turn.now.date().isoformat()}
    return replace(session.idle(), shelf={**session.shelf, draft.form.id: kept})


def forget(session: Session, form_id: str) -> Session:
    shelf = {key: kept for key, kept in session.shelf.items() if key != form_id}
    session = replace(session, shelf=shelf)
    return session.idle() if session.data.get("form") == form_id else session


def submission(draft: Draft) -> SaveSubmission:
    def role(name: str) -> str:
        return str(draft.values.get(draft.form.roles.get(name, ""), ""))

    return SaveSubmission(
        form=draft.form.id,
        values=draft.values,
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


def _draft(form: Form, data: Mapping[str, Any]) -> Draft:
    return Draft(
        form,
        data.get("values", {}),
        tuple(data.get("chosen", ())),
        verified=bool(data.get("verified")),
        editing=bool(data.get("editing")),
        submission=data.get("submission"),
    )
