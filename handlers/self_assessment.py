"""What a self-assessment comes to: bars, a picture, strengths, gaps, and where each gap finds help.

It says what the enterprise said of itself. There are no points here and no verdict.
"""

from __future__ import annotations

from collections.abc import Iterable

from handlers import attachments
from handlers.concluding import Concluded
from handlers.conversation import Choice, Reply, Turn
from handlers.drafts import Draft
from handlers.programmes import joining
from handlers.speech import links
from knowledge.answers import DATE, sources_said
from knowledge.assessment import MOST, Profile, Score, bars, profile, written
from knowledge.entries import Knowledge
from knowledge.routing import Offer

FORM_ID = "self_assessment"


def conclusion(turn: Turn, draft: Draft) -> Concluded:
    """The whole picture as of today; the words say everything that the picture shows."""
    knowledge, day = turn.knowledge, turn.now.strftime(DATE)
    found = profile(knowledge.assessment, draft.values)
    text = "\n\n".join(_paragraphs(knowledge, found, day))
    choices = tuple(dict.fromkeys(_help(knowledge, found.gaps)))
    reply = Reply(text, choices, attachment=_picture(knowledge, found, day))
    return Concluded((reply,), _for_officers(knowledge, found))


def _paragraphs(knowledge: Knowledge, found: Profile, day: str) -> Iterable[str]:
    say, assessment = knowledge.say, knowledge.assessment
    heading = say("assessment.heading", label=assessment.label, day=day, most=MOST)
    yield "\n".join([heading, *bars(found.scores)])
    if found.strengths:
        named = [
            say("assessment.strength", aspect=score.aspect.label, average=written(score.average))
            for score in found.strengths
        ]
        yield "\n".join([say("assessment.strengths"), *named])
    else:
        yield say("assessment.no_strengths")
    if found.gaps:
        named = [_gap(knowledge, score) for score in found.gaps]
        yield "\n".join([say("assessment.gaps"), *named])
    else:
        yield say("assessment.no_gaps")
    yield assessment.note.strip()
    yield say("assessment.sources", sources=sources_said(knowledge, assessment.citations))


def _gap(knowledge: Knowledge, score: Score) -> str:
    return knowledge.say(
        "assessment.gap",
        aspect=score.aspect.label,
        average=written(score.average),
        advice=score.aspect.advice,
        programme=_offer(knowledge, score).label,
    )


def _help(knowledge: Knowledge, gaps: Iterable[Score]) -> Iterable[Choice]:
    """The entry of each gap, largest gap first, then the registration for each programme."""
    offers = [(score.aspect.entry, _offer(knowledge, score)) for score in gaps]
    yield from links(knowledge, (entry for entry, _ in offers))
    yield from (joining(knowledge, offer.option) for _, offer in offers if offer.option)


def _offer(knowledge: Knowledge, score: Score) -> Offer:
    """The programme that the aspect names. The knowledge base is checked for it."""
    return next(each for each in knowledge.router.offers if each.id == score.aspect.programme)


def _picture(knowledge: Knowledge, found: Profile, day: str) -> attachments.Attachment | None:
    """The radar; none of so few aspects that they enclose nothing."""
    if len(found.scores) < attachments.NEEDED_AXES:
        return None
    say = knowledge.say
    return attachments.radar(
        say("assessment.file", day=day.replace("/", "-")),
        {
            "title": say("assessment.picture", day=day),
            "axes": [{"name": s.aspect.label, "value": s.average} for s in found.scores],
            "most": MOST,
        },
        caption=say("assessment.caption", most=MOST),
        instead=say("attachment.lost"),
    )


def _for_officers(knowledge: Knowledge, found: Profile) -> str:
    """One line: every aspect with its average, then what is strong and what is not."""

    def named(scores: Iterable[Score]) -> str:
        return ", ".join(score.aspect.label for score in scores) or knowledge.say("form.empty")

    averages = ", ".join(
        knowledge.say("assessment.one", aspect=s.aspect.label, average=written(s.average))
        for s in found.scores
    )
    return knowledge.say(
        "assessment.result",
        averages=averages,
        strengths=named(found.strengths),
        gaps=named(found.gaps),
    )
