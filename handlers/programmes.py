"""Which programmes fit: from what an enterprise is and needs to whom to ask, and to registering.

Amounts are ceilings with their source; nothing is promised.
"""

from __future__ import annotations

from handlers.concluding import Concluded
from handlers.conversation import Choice, Reply, Turn
from handlers.drafts import Draft
from handlers.form_pages import JOIN, PROGRAMMES
from handlers.speech import REGISTER, link, ways_out
from knowledge.answers import sources_said
from knowledge.entries import Knowledge
from knowledge.routing import Suggestion, asks_elsewhere, suggestions

FORM_ID = "router"


def conclusion(turn: Turn, draft: Draft) -> Concluded:
    """The programmes that fit today, best first, each with its registration and its entry."""
    knowledge, router = turn.knowledge, turn.knowledge.router
    answers = {name: str(value) for name, value in draft.values.items()}
    found = suggestions(router, answers, knowledge.sources, turn.now.date())
    if not found:
        text = knowledge.say("programmes.none")
        return Concluded((Reply(text, ways_out(knowledge)),), text)
    parts = [knowledge.say("programmes.head"), *(_said(knowledge, each) for each in found)]
    if any(each.supports for each in found):
        parts.append(router.ceiling)
    if asks_elsewhere(router, answers):
        parts.append(router.elsewhere_text)
    options = dict.fromkeys(each.offer.option for each in found if each.offer.option)
    joins = tuple(joining(knowledge, option) for option in options)
    entries = tuple(link(knowledge, each.offer.entry) for each in found)
    labels = "; ".join(each.offer.label for each in found)
    return Concluded((Reply("\n\n".join(parts), (*joins, *entries)),), labels)


def _said(knowledge: Knowledge, suggestion: Suggestion) -> str:
    offer = suggestion.offer
    if suggestion.holds:
        source = sources_said(knowledge, offer.citations)
        facts = {"label": offer.label, "what": offer.what, "source": source}
        lines = [knowledge.say("programmes.offer", **facts)]
    else:
        lines = [knowledge.say("programmes.not_now", label=offer.label)]
    lines += [
        knowledge.say(
            "programmes.support",
            text=each.text,
            source=sources_said(knowledge, (each.citation,)),
        )
        for each in suggestion.supports
    ]
    if suggestion.holds:
        lines.append(knowledge.say("programmes.whom", whom=offer.whom))
    return "\n".join(lines)


def joining(knowledge: Knowledge, option: str) -> Choice:
    """A choice that registers for the programme which is *option* of the registration form."""
    field = knowledge.forms[REGISTER].field(PROGRAMMES)
    label = next(each.label for each in field.options if each.id == option)
    return Choice(knowledge.say("programmes.join", label=label), JOIN + option)
