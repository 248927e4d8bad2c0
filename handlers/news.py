"""Announcements: wanted or not, in one message, never a condition for anything else."""

from __future__ import annotations

from handlers.conversation import Outcome, Reply, Step, Turn
from handlers.effects import Subscribe
from handlers.speech import command


async def stop(turn: Turn) -> Step:
    text = turn.knowledge.say("news.off")
    choices = (command(turn.knowledge, "resume", "choice.resume_news"),)
    return _step(turn, Reply(text, choices), wanted=False)


async def resume(turn: Turn) -> Step:
    text = turn.knowledge.say("news.on")
    choices = (command(turn.knowledge, "stop", "choice.stop_news"),)
    return _step(turn, Reply(text, choices), wanted=True)


def _step(turn: Turn, reply: Reply, *, wanted: bool) -> Step:
    return Step((reply,), turn.session, Outcome.SUBSCRIPTION, (Subscribe(wanted),))
