"""Answers that a question takes, typed as on a channel without buttons."""

from __future__ import annotations

from handlers.conversation import Incoming, Turn
from handlers.drafts import DIALOG, Draft, running
from knowledge.entries import Field
from tests.handlers.memory import SOMEONE, Talk

TYPED = {
    "commune": "Phường Hải Vân",
    "email": "minh@congty.vn",
    "months": "40",
    "person": "Trần Văn Minh",
    "phone": "0912345678",
    "province": "Đà Nẵng",
    "scale": "3",
    "since": "15/03/2020",
    "tax_code": "0101243150",
    "text": "Nước mắm Nam Ô",
    "year": "2024",
}


def number_of(field: Field, option: int = 0) -> str:
    """An answer: the number of an option where there are options, else what may be typed."""
    if field.kind == "choice":
        return str(option % len(field.options) + 1)
    return "1" if field.kind == "choices" else TYPED[field.kind]


def draft_of(talk: Talk) -> Draft | None:
    """The form that a conversation is in."""
    turn = Turn(
        Incoming(SOMEONE, "1", talk.now), talk.session, talk.knowledge, talk.now, talk.memory
    )
    return running(turn)


def open_draft(talk: Talk) -> Draft:
    """The same, where there must be one."""
    draft = draft_of(talk)
    assert talk.session.dialog == DIALOG
    assert draft is not None
    return draft
