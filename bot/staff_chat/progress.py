"""How far an announcement has got, in words: on its page, and in the message that is edited."""

from __future__ import annotations

from typing import Final

from bot.operations.recipients import Progress
from bot.staff_chat.turn import ACTION
from handlers.conversation import Choice, Reply
from knowledge.entries import Knowledge

BAR: Final = 12  # characters


def report(knowledge: Knowledge, done: Progress) -> Reply:
    """The message that is edited; Telegram lets one be edited that has buttons of its own."""
    found = done.broadcast
    state = knowledge.say(f"staff.state.{found.state}")
    head = knowledge.say("staff.news.watched", number=found.id, state=state)
    page = Choice(knowledge.say("staff.news.choice.page"), f"{ACTION}news:{found.id}")
    return Reply("\n".join([head, *lines(knowledge, done)]), (page,), numbered=False)


def lines(knowledge: Knowledge, done: Progress) -> list[str]:
    """A bar, what became of how many and why, how long it still takes."""
    total = max(1, done.counts.total)
    share = (done.counts.total - done.left) / total
    filled = round(share * BAR)
    bar = f"{'▓' * filled}{'░' * (BAR - filled)} {share:.0%}"
    said = [
        knowledge.say("staff.news.progress", bar=bar, sent=done.counts.of("sent"), left=done.left)
    ]
    for state, reason, number in done.counts.by_reason:
        if state in {"failed", "unsure", "cancelled"}:
            why = knowledge.phrases.get(f"staff.news.reason.{reason.replace(' ', '_')}", reason)
            words = f": {why}" if why else ""
            said.append(f"- {knowledge.say(f'staff.news.outcome.{state}')}{words} – {number}")
    if done.seconds_to_go is not None:
        minutes = max(1, round(done.seconds_to_go / 60))
        said.append(knowledge.say("staff.news.to_go", minutes=minutes))
    return said
