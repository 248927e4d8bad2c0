"""The life of an announcement: draft -> awaiting -> scheduled -> running <-> paused -> done.

Nobody sends alone: who had a hand in what it says cannot approve it, unless nobody else could. A
scheduled one is started, a running one held or finished, by the bot itself (`course`). Held ones
wait for a person. Whatever has not ended can be cancelled.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.text import written as in_words
from bot.operations.refusals import NotFound, NotNow, Unfit, Why
from bot.operations.rights import Actor, Right, allowed, need_another, note
from bot.store import attached, audiences
from bot.store import broadcasts as store
from bot.store.announcing import opens_at
from bot.store.audiences import EVERYBODY, Audience
from bot.store.broadcasts import Broadcast
from bot.store.columns import to_json
from handlers.attachments import SHA256, STORED, Attachment
from handlers.conversation import Choice, Reply

LONGEST_TEXT: Final = 1_500  # one message on every channel, with its choices written out
LONGEST_CAPTION: Final = 960  # with the choices written out: 1,024, less the one that opts out
LONGEST_NOTE: Final = 500
MOST_CHOICES: Final = 5
IN_TIME: Final = timedelta(hours=24)  # until when it is still worth sending, if nobody says


class State(StrEnum):
    """Where an announcement stands."""

    DRAFT = "draft"
    AWAITING = "awaiting"  # submitted: somebody else is to look at it
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    HELD = "held"  # by the bot; `reason` says why
    DONE = "done"
    CANCELLED = "cancelled"


class Changes(StrEnum):
    """What an announcement does to the messages of the one that it corrects."""

    NOTHING = ""  # it is a message of its own
    EDIT = "edit"
    WITHDRAW = "withdraw"  # says nothing, so it has neither text nor choices


WRITABLE: Final = (State.DRAFT, State.AWAITING)
UNDER_WAY: Final = (State.SCHEDULED, State.RUNNING, State.PAUSED, State.HELD)
ENDED: Final = (State.DONE, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person writes. A correction goes to those who received the other one, nobody else."""

    text: str
    choices: tuple[Choice, ...] = ()
    audience: Audience = EVERYBODY
    send_at: datetime | None = None  # None: as soon as it is approved
    latest_at: datetime | None = None  # None: a day after it may first go out
    correction_of: int | None = None
    note: str = ""
    attachment: Attachment | None = None  # of `attachments.STORED`; the text stands under it
    changes: Changes = Changes.NOTHING


def draft_of(found: Broadcast) -> Draft:
    """What is written by now, to be changed in parts."""
    return Draft(
        found.text,
        found.choices,
        found.audience,
        found.send_at,
        found.latest_at,
        found.correction_of,
        found.note,
        found.attachment,
        Changes(found.changes),
    )


async def compose(db: AsyncConnection, draft: Draft, by: Actor, now: datetime) -> int:
    """Keep a new draft; return its number. Raises NotAllowed, NotFound, NotNow, Unfit."""
    await allowed(db, by, Right.COMPOSE)
    written = await _written(db, draft)
    made: dict[str, Any] = {
        "state": State.DRAFT,
        "made_by": by.staff,
        "made_at": now,
        "payloads": {},
    }
    number = await store.add(db, written | made | {"written_by": [by.staff]})
    await note(db, by, "compose", _about(number), now, after=_told(written))
    return number


async def edit(db: AsyncConnection, number: int, draft: Draft, by: Actor, now: datetime) -> None:
    """Replace a draft; a submitted one becomes a draft again, with one more author.

    Raises NotAllowed, NotFound, NotNow, Unfit.
    """
    await allowed(db, by, Right.COMPOSE)
    found = await _standing(db, number, *WRITABLE)
    written = await _written(db, draft)
    await store.change(
        db, number, **written, state=State.DRAFT, written_by=_authors(found, by), submitted_at=None
    )
    await note(db, by, "edit", _about(number), now, before=_as_told(found), after=_told(written))


async def submit(db: AsyncConnection, number: int, by: Actor, now: datetime) -> None:
    """Hand a draft on for approval; who submits vouches for it, and so cannot approve it.

    Raises NotAllowed, NotFound, NotNow, Unfit where it would reach nobody or too late.
    """
    await allowed(db, by, Right.COMPOSE)
    found = await _standing(db, number, State.DRAFT)
    _times(found, now)
    if not await audiences.count(db, found.audience, found.correction_of, found.changes):
        raise Unfit(Why.NOBODY)
    await store.change(
        db, number, state=State.AWAITING, written_by=_authors(found, by), submitted_at=now
    )
    await note(db, by, "submit", _about(number), now)


async def send_back(
    db: AsyncConnection, number: int, remark: str, by: Actor, now: datetime
) -> None:
    """Make a submitted one a draft again, with a remark for its authors.

    Raises NotAllowed, NotFound, NotNow, Unfit for the remark.
    """
    await allowed(db, by, Right.APPROVE)
    await _standing(db, number, State.AWAITING)
    if len(remark) > LONGEST_NOTE:
        raise Unfit(Why.NOTE, most=LONGEST_NOTE)
    await store.change(db, number, state=State.DRAFT, note=remark, submitted_at=None)
    await note(db, by, "send back", _about(number), now, after={"note": remark})


def digest(found: Broadcast) -> str:
    """What stands for all that an approver looks at: changed in anything, it is another one."""
    told = {**_as_told(found), "state": "", "times": [str(found.send_at), str(found.latest_at)]}
    told |= {"of": found.correction_of, "changes": found.changes}
    return hashlib.sha256(to_json(told).encode()).hexdigest()[:10]


async def approve(  # noqa: PLR0913 - what is approved, by whom, and what they saw
    db: AsyncConnection, number: int, count: int, by: Actor, now: datetime, *, seen: str = ""
) -> Broadcast:
    """Let it go out when its time comes; `count` is how many people the approver was shown.

    `seen` is the `digest` of what they looked at, where that may be a while ago.

    Raises NotAllowed, NotFound, NotNow; Unfit where it or the size of its audience is another by
    now or the time has passed; NeedsAnother for who had a hand in it, while there is anybody else.
    """
    await allowed(db, by, Right.APPROVE)
    found = await _standing(db, number, State.AWAITING)
    if seen and seen != digest(found):
        raise Unfit(Why.CHANGED_SINCE)
    alone = by.staff in found.written_by
    if alone:
        await need_another(db, by, Right.APPROVE, found.made_at)
    real = await audiences.count(db, found.audience, found.correction_of, found.changes)
    if real != count:
        raise Unfit(Why.COUNT, now=real, said=count)
    send_at, latest_at = _times(found, now)
    await store.change(
        db,
        number,
        state=State.SCHEDULED,
        approved_by=by.staff,
        approved_at=now,
        self_approved=alone,
        send_at=send_at,
        latest_at=latest_at,
    )
    told = {"people": count, "send_at": str(send_at), "latest_at": str(latest_at)}
    only = {"self_approved": "nobody else is on the staff"} if alone else {}
    await note(db, by, "approve", _about(number), now, after=told | only)
    return await _get(db, number)


async def start(db: AsyncConnection, number: int, by: Actor, now: datetime) -> None:
    """Send a scheduled one at once instead of at its time. Raises NotAllowed, NotFound, NotNow."""
    await allowed(db, by, Right.APPROVE)
    found = await _standing(db, number, State.SCHEDULED)
    await store.change(db, number, send_at=now)
    await note(db, by, "start", _about(number), now, before={"send_at": str(found.send_at)})


async def pause(db: AsyncConnection, number: int, by: Actor, now: datetime) -> None:
    """Let nothing more of it leave from this moment. Raises NotAllowed, NotFound, NotNow."""
    await allowed(db, by, Right.PAUSE)
    await _standing(db, number, State.RUNNING)
    await store.change(db, number, state=State.PAUSED)
    await note(db, by, "pause", _about(number), now)


async def resume(
    db: AsyncConnection,
    number: int,
    by: Actor,
    now: datetime,
    *,
    latest_at: datetime | None = None,
) -> None:
    """Go on with what is paused or held; failures so far are forgiven.

    Raises NotAllowed, NotFound, NotNow, and Unfit where it is late and no later time is given.
    """
    await allowed(db, by, Right.APPROVE)
    found = await _standing(db, number, State.PAUSED, State.HELD)
    latest = latest_at or found.latest_at
    if latest is None or latest <= opens_at(now):
        raise Unfit(Why.LATE, latest_at=latest)
    state = State.RUNNING if found.started_at else State.SCHEDULED
    await store.change(db, number, state=state, reason="", latest_at=latest, watched_from=now)
    await store.release(db, number, now)
    before, after = {"state": found.state, "reason": found.reason}, {"latest_at": str(latest)}
    await note(db, by, "resume", _about(number), now, before=before, after=after)


async def cancel(db: AsyncConnection, number: int, by: Actor, now: datetime) -> None:
    """End it for good; from this moment nothing more of it leaves. If nothing did, its file goes.

    Raises NotAllowed, NotFound, NotNow.
    """
    found = await _get(db, number)
    await allowed(db, by, Right.COMPOSE if found.state in WRITABLE else Right.APPROVE)
    await _standing(db, number, *WRITABLE, *UNDER_WAY)
    unsent = {} if found.started_at else {"attachment": ""}
    await store.change(db, number, state=State.CANCELLED, ended_at=now, **unsent)
    await note(db, by, "cancel", _about(number), now, before={"state": found.state})


async def _get(db: AsyncConnection, number: int) -> Broadcast:
    found = await store.get(db, number)
    if found is None:
        raise NotFound(Why.NO_SUCH_BROADCAST, number=number)
    return found


async def _standing(db: AsyncConnection, number: int, *needed: State) -> Broadcast:
    found = await _get(db, number)
    if found.state not in needed:
        raise NotNow(Why.STATE, number=number, state=State(found.state), needed=needed)
    return found


async def _written(db: AsyncConnection, draft: Draft) -> dict[str, Any]:
    """The columns that hold a draft."""
    text = draft.text.strip()
    if draft.changes is Changes.WITHDRAW:
        if text or draft.choices:
            raise Unfit(Why.SAYS_NOTHING)
    elif not 0 < len(text) <= LONGEST_TEXT:
        raise Unfit(Why.TEXT, most=LONGEST_TEXT, now=len(text))
    if len(draft.choices) > MOST_CHOICES:
        raise Unfit(Why.CHOICES, most=MOST_CHOICES)
    if draft.attachment is not None:
        _check_file(draft.attachment, Reply(text, draft.choices, numbered=False))
    if len(draft.note) > LONGEST_NOTE:
        raise Unfit(Why.NOTE, most=LONGEST_NOTE)
    if draft.correction_of is not None:
        await _correctable(db, draft.correction_of, draft.changes)
    elif draft.changes:
        raise Unfit(Why.NOTHING_TO_CHANGE)
    if draft.changes and draft.attachment is not None:
        raise Unfit(Why.WITHOUT_FILE)
    audience = draft.audience if draft.correction_of is None else EVERYBODY
    return {
        "text": text,
        "choices": [[choice.label, choice.action] for choice in draft.choices],
        "audience": audience.as_data(),
        "send_at": draft.send_at,
        "latest_at": draft.latest_at,
        "correction_of": draft.correction_of,
        "note": draft.note,
        "attachment": attached.kept(draft.attachment),
        "changes": draft.changes,
    }


async def _correctable(db: AsyncConnection, number: int, changes: Changes) -> None:
    wrong = await _standing(db, number, *ENDED)
    words_in_file = changes is Changes.EDIT and wrong.attachment is not None
    if words_in_file or (changes and wrong.changes == Changes.WITHDRAW):
        raise Unfit(Why.NOTHING_TO_CHANGE)
    if not await audiences.count(db, EVERYBODY, wrong.id, changes):
        raise Unfit(Why.NOTHING_TO_CHANGE if changes else Why.NOT_RECEIVED, number=wrong.id)


def _check_file(attachment: Attachment, said: Reply) -> None:
    """Raises Unfit for what no store of ours made, and for words too long to stand under it."""
    digest = str(attachment.content.get("sha256"))
    if attachment.kind not in STORED or not SHA256.fullmatch(digest):
        raise Unfit(Why.FILE)
    units = len(in_words(said).encode("utf-16-le", "replace")) // 2
    if units > LONGEST_CAPTION:
        raise Unfit(Why.CAPTION, most=LONGEST_CAPTION, now=units)


def _times(found: Broadcast, now: datetime) -> tuple[datetime, datetime]:
    """When it goes out and until when it may. Raises Unfit where that leaves no time."""
    send_at = max(now, found.send_at or now)
    opens = opens_at(send_at)
    latest_at = found.latest_at or opens + IN_TIME
    if latest_at <= opens:
        raise Unfit(Why.LATE, latest_at=latest_at, opens_at=opens)
    return send_at, latest_at


def _authors(found: Broadcast, by: Actor) -> list[int | None]:
    return list(dict.fromkeys([*found.written_by, by.staff]))


def _told(written: Mapping[str, Any]) -> dict[str, Any]:
    """A draft as the audit tells it."""
    times = {name: str(written[name] or "") for name in ("send_at", "latest_at")}
    return {**written, **times}


def _as_told(found: Broadcast) -> dict[str, Any]:
    return {
        "text": found.text,
        "choices": [[choice.label, choice.action] for choice in found.choices],
        "audience": found.audience.as_data(),
        "attachment": attached.kept(found.attachment),
        "state": found.state,
    }


def _about(number: int) -> str:
    return f"broadcast:{number}"
