"""The figures in words and as a picture, for the chat and for the weekly digest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from bot.channels.text import cut
from bot.operations.figures import Counted, Figures, Funnel
from bot.operations.periods import Period
from bot.store.figures import QUESTIONS, Announced
from handlers.attachments import Attachment, BarGroup, bars
from handlers.drafts import CONSENT, SUMMARY
from handlers.hand_over import SCORES
from knowledge.entries import OUT_OF_SCOPE, SMALLTALK, Knowledge

TOP: Final = 5
MOST: Final = 5  # announcements
FUNNELS, STEPS = 2, 3  # drawn
SHOWN: Final = 70  # characters of a question


def span(knowledge: Knowledge, period: Period) -> str:
    return knowledge.say(
        "staff.stats.span", first=f"{period.first:%d/%m/%Y}", last=f"{period.last:%d/%m/%Y}"
    )


def told(knowledge: Knowledge, found: Figures) -> str:
    """All of it, as one message."""
    return "\n".join(_lines(knowledge, found))


def picture(knowledge: Knowledge, found: Figures) -> Attachment | None:
    """The figures as bars; None where there is nothing to draw."""
    say = knowledge.say
    outcomes = [
        (say(f"staff.stats.outcome.{each}"), found.outcomes.get(each, 0)) for each in QUESTIONS
    ]
    groups = [
        _group(say("staff.stats.head.questions"), outcomes),
        _group(say("staff.stats.head.topics"), _named(found.topics, topics(knowledge))),
        _group(say("staff.stats.head.forms"), _named(found.forms, forms(knowledge))),
        _group(say("staff.stats.head.programmes"), _named(found.programmes, interests(knowledge))),
        _group(say("staff.stats.head.communes"), found.communes),
        *(_funnel_bars(knowledge, each) for each in found.funnels[:FUNNELS]),
    ]
    drawn = [group for group in groups if any(bar["value"] for bar in group["bars"])]
    if not drawn:
        return None
    title = span(knowledge, found.period)
    return bars(
        f"so-lieu-{found.period.first:%Y%m%d}-{found.period.last:%Y%m%d}",
        {"title": title, "groups": drawn},
        caption=title,
        instead=say("staff.stats.no_picture"),
    )


def topics(knowledge: Knowledge) -> Mapping[str, str]:
    """The shelves, and the two kinds of questions that are on none."""
    others = {
        each: knowledge.say(f"staff.stats.topic.{each}") for each in (OUT_OF_SCOPE, SMALLTALK)
    }
    return others | {each.id: each.label for each in knowledge.topics.values()}


def forms(knowledge: Knowledge) -> Mapping[str, str]:
    return {each.id: each.label for each in knowledge.forms.values()}


def interests(knowledge: Knowledge) -> Mapping[str, str]:
    """The programmes as the registration form names them."""
    fields = knowledge.forms["register"].fields
    options = next((field.options for field in fields if field.id == "programmes"), ())
    return {option.id: option.label for option in options}


def step_label(knowledge: Knowledge, form: str, step: str) -> str:
    """A step of a form as staff know it: the label of its field."""
    if step in {CONSENT, SUMMARY}:
        return knowledge.say(f"staff.stats.step.{step}")
    found = knowledge.forms.get(form)
    labels = {field.id: field.label for field in found.fields} if found else {}
    return labels.get(step, step)


def _lines(knowledge: Knowledge, found: Figures) -> Iterator[str]:
    say = knowledge.say
    yield f"**{span(knowledge, found.period)}**"
    yield say("staff.stats.people", people=found.people, questions=found.questions)
    for each in QUESTIONS:
        if number := found.outcomes.get(each, 0):
            share = f"{number / found.questions:.0%}"
            outcome = say(f"staff.stats.outcome.{each}")
            yield say("staff.stats.share", what=outcome, number=number, share=share)
    yield from _ranked(knowledge, "topics", _named(found.topics, topics(knowledge)))
    if found.left_open:
        yield say("staff.stats.left_open")
        for question, times in found.left_open:
            yield say("staff.stats.left", question=cut(question, SHOWN), times=times)
    yield from _ranked(knowledge, "forms", _named(found.forms, forms(knowledge)))
    yield from _ranked(knowledge, "programmes", _named(found.programmes, interests(knowledge)))
    yield from _ranked(knowledge, "communes", found.communes)
    yield from _unfinished(knowledge, found.funnels)
    if found.called:
        took = found.half_answered_in
        within = say("staff.stats.half", took=duration(knowledge, took)) if took is not None else ""
        facts = {"opened": found.called, "answered": found.answered, "within": within}
        yield say("staff.stats.calls", **facts)
    if found.rated:
        scores = [(say(f"handover.score.{each}"), found.rated.get(each, 0)) for each in SCORES]
        yield from _ranked(knowledge, "rated", tuple(each for each in scores if each[1]))
    if found.broadcasts:
        yield say("staff.stats.broadcasts")
    for began in found.broadcasts[:MOST]:
        yield say("staff.stats.broadcast", told=announced(knowledge, began))
    if left := found.broadcasts[MOST:]:
        yield say("staff.stats.more_broadcasts", count=len(left))


def announced(knowledge: Knowledge, began: Announced) -> str:
    """How an announcement stands: how many received it, and how many of the others how."""
    states = dict(began.by_state)
    total, sent = sum(states.values()), states.pop("sent", 0)
    told = knowledge.say("staff.stats.received", number=began.number, sent=sent, total=total)
    others = [
        f"{knowledge.say(f'staff.stats.delivery.{state}')} {number}"
        for state, number in states.items()
        if number
    ]
    return "; ".join([told, *others])


def duration(knowledge: Knowledge, took: timedelta) -> str:
    """So many hours and minutes, at least a minute."""
    hours, minutes = divmod(round(took.total_seconds() / 60), 60)
    if hours:
        return knowledge.say("staff.stats.hours", hours=hours, minutes=minutes)
    return knowledge.say("staff.stats.minutes", minutes=max(1, minutes))


def _unfinished(knowledge: Knowledge, funnels: Iterable[Funnel]) -> Iterator[str]:
    labels = forms(knowledge)
    for each in funnels:
        yield knowledge.say(
            "staff.stats.funnel",
            form=labels.get(each.form, each.form),
            began=each.began,
            finished=each.finished,
        )
        for step, number in each.stopped_at[:2]:
            label = step_label(knowledge, each.form, step)
            yield knowledge.say("staff.stats.stopped", step=label, number=number)


def _ranked(knowledge: Knowledge, name: str, counted: Counted) -> Iterator[str]:
    if counted:
        listed = "; ".join(f"{label} {number}" for label, number in counted[:TOP])
        head = knowledge.say(f"staff.stats.head.{name}")
        yield knowledge.say("staff.stats.ranked", head=head, listed=listed)


def _named(counted: Counted, labels: Mapping[str, str]) -> Counted:
    return tuple((labels.get(name, name), number) for name, number in counted)


def _funnel_bars(knowledge: Knowledge, funnel: Funnel) -> BarGroup:
    """Who opened a form, who came to its end, and where the others stopped."""
    say = knowledge.say
    label = forms(knowledge).get(funnel.form, funnel.form)
    stopped = [
        (say("staff.stats.bar.stopped", step=step_label(knowledge, funnel.form, step)), number)
        for step, number in funnel.stopped_at[:STEPS]
    ]
    ends = [(say("staff.stats.bar.began"), funnel.began)]
    ends.append((say("staff.stats.bar.finished"), funnel.finished))
    return _group(say("staff.stats.bar.form", form=label), [*ends, *stopped])


def _group(heading: str, counted: Iterable[tuple[str, int]]) -> BarGroup:
    return {"heading": heading, "bars": [{"name": name, "value": n} for name, n in counted if n]}
