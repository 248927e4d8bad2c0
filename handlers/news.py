"""Announcements: wanted or not, in one message, never a condition for anything else."""

from __future__ import annotations

from handlers.conversation import Outcome, Reply, Step, Turn
from handlers.effects import Subscribe
from handlers.speech import command


async def stop(turn: Turn) -> Step:
    phrase = "news.off" if await turn.lookup.subscribed() else "news.off_already"
    choices = (command(turn.knowledge, "resume", "choice.resume_news"),)
    return _step(turn, Reply(turn.knowledge.say(phrase), choices), wanted=False)


async def resume(turn: Turn) -> Step:
    phrase = "news.on_already" if await turn.lookup.subscribed() else "news.on"
    choices = (command(turn.knowledge, "stop", "choice.stop_news"),)
    return _step(turn, Reply(turn.knowledge.say(phrase), choices), wanted=True)


def _step(turn: Turn, reply: Reply, *, wanted: bool) -> Step:
    """Said again, it is kept again: what a person wants must not rest on what we believed."""
    return Step((reply,), turn.session, Outcome.SUBSCRIPTION, (Subscribe(wanted),))
