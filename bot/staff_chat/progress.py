"""How far an announcement has got, in words: on its page, and in the message that is edited."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from bot.operations.broadcasts import State
from bot.operations.recipients import Progress
from bot.staff_chat.turn import ACTION, moment
from bot.store.announcing import opens_at
from bot.store.broadcasts import Broadcast
from bot.store.schema import SETTLED_BADLY
from handlers.conversation import Choice, Reply
from knowledge.entries import Knowledge

BAR: Final = 12  # characters
_NO_LETTER: Final = re.compile(r"[^a-z]+")


def report(knowledge: Knowledge, done: Progress) -> Reply:
    """The message that is edited; Telegram lets one be edited that has buttons of its own."""
    found = done.broadcast
    head = knowledge.say(
        "staff.news.watched", number=found.id, state=state(knowledge, found, done.at)
    )
    page = Choice(knowledge.say("staff.news.choice.page"), f"{ACTION}news:{found.id}")
    said = [head, *(lines(knowledge, done) if found.started_at else [])]
    return Reply("\n".join(said), (page,), numbered=False)


def state(knowledge: Knowledge, found: Broadcast, now: datetime) -> str:
    """Where it stands; of one whose time has come, what it still waits for, if for anything."""
    if found.state == State.SCHEDULED and found.send_at is not None and found.send_at <= now:
        opens = opens_at(now)
        if opens > now:
            return knowledge.say("staff.news.opens", at=moment(opens))
        return knowledge.say("staff.news.leaving")
    if found.changes and found.state in {State.RUNNING, State.DONE}:
        return knowledge.say(f"staff.news.state.{found.state}.{found.changes}")
    return knowledge.say(f"staff.state.{found.state}")


def lines(knowledge: Knowledge, done: Progress) -> list[str]:
    """A bar, what became of how many and why, how long it still takes."""
    total = max(1, done.counts.total)
    share = (done.counts.total - done.left) / total
    filled = round(share * BAR)
    bar = f"{'▓' * filled}{'░' * (BAR - filled)} {share:.0%}"
    does, sent = does_what(done.broadcast), done.counts.of("sent")
    said = [knowledge.say(f"staff.news.progress.{does}", bar=bar, sent=sent, left=done.left)]
    for outcome, reason, number in done.counts.by_reason:
        if outcome in SETTLED_BADLY:
            what = knowledge.say(f"staff.news.outcome.{outcome}.{does}")
            said.append(f"- {what}{_why(knowledge, reason)} – {number}")
    if done.seconds_to_go is not None:
        minutes = max(1, round(done.seconds_to_go / 60))
        said.append(knowledge.say("staff.news.to_go", minutes=minutes))
    return said


def does_what(found: Broadcast) -> str:
    """What it does to its recipients, as the phrases name it: "send", "edit" or "withdraw"."""
    return found.changes or "send"


def _why(knowledge: Knowledge, reason: str) -> str:
    """What staff read of a reason; one that only the platform knows, in the platform's words."""
    if not reason:
        return ""
    key = f"staff.news.reason.{_NO_LETTER.sub('_', reason.lower()).strip('_')}"
    told = knowledge.phrases.get(key) or knowledge.say("staff.news.reason_told", reason=reason)
    return f": {told}"
