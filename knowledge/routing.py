"""From what an enterprise is and needs to the programmes that fit on a day.

A programme is shown for the needs it serves, unless an answer rules it out. What it is rests on
sources, and is said only while all of them hold. Its amounts are shown one by one, each only while
its own source holds and only to those it is meant for. Nothing is promised: every amount is a
ceiling that the province's plan and budget decide on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from knowledge.entries import NO_CONSENT, Citation, Condition, Field, Form, Source

RESUME_DAYS = 30  # how long the answers are kept


@dataclass(frozen=True, slots=True)
class Support:
    """What a programme gives, with the place that says so, to those who meet all of `only_for`."""

    text: str
    citation: Citation
    only_for: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """One programme of the department and its neighbours.

    `needs` are the options of the router's need that it serves. `only_for` and `not_for` are
    answers that must, or must not, have been given. `prefers` ranks it higher. `option` is the
    registration form's option that stands for it, empty where another office runs it. `what` and
    `whom` rest on `citations`, and hold no longer from `valid_until`.
    """

    id: str
    label: str
    what: str
    whom: str
    entry: str
    option: str
    needs: tuple[str, ...]
    citations: tuple[Citation, ...]
    valid_until: date | None = None
    supports: tuple[Support, ...] = ()
    only_for: tuple[Condition, ...] = ()
    not_for: tuple[Condition, ...] = ()
    prefers: tuple[Condition, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Router:
    """The questions (choices only; `need` names the one that the offers serve) and the offers.

    `elsewhere` is said beside every suggestion to those whose answers meet its condition.
    """

    id: str
    label: str
    fields: tuple[Field, ...]
    need: str
    offers: tuple[Offer, ...]
    elsewhere: Condition
    elsewhere_text: str
    ceiling: str
    file: str = ""
    line: int = 0


NO_ROUTER = Router("", "", (), "", (), Condition("", ()), "", "")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An offer that fits, with the supports that this enterprise may ask about.

    Unless it `holds`, what the offer says of itself is not the rule of the day.
    """

    offer: Offer
    holds: bool
    supports: tuple[Support, ...]


def form(router: Router) -> Form:
    """The questions as a form that comes to a conclusion."""
    return Form(
        id=router.id,
        label=router.label,
        title=router.label,
        consent=NO_CONSENT,
        fields=router.fields,
        roles={},
        done="",
        resume_days=RESUME_DAYS,
        concludes=True,
        group="support",
        file=router.file,
        line=router.line,
    )


def suggestions(
    router: Router, answers: Mapping[str, str], sources: Mapping[str, Source], day: date
) -> tuple[Suggestion, ...]:
    """The offers that fit, best first: those that prefer such an enterprise, then the file's order.

    A question that was not answered rules nothing out and fulfils nothing.
    """
    need = answers.get(router.need, "")
    fitting = [offer for offer in router.offers if need in offer.needs and _open_to(offer, answers)]
    fitting.sort(key=lambda offer: -sum(_met(each, answers) for each in offer.prefers))
    return tuple(
        Suggestion(
            offer,
            _holds(offer, sources, day),
            tuple(
                support
                for support in offer.supports
                if sources[support.citation.source].holds_on(day)
                and all(_met(each, answers) for each in support.only_for)
            ),
        )
        for offer in fitting
    )


def asks_elsewhere(router: Router, answers: Mapping[str, str]) -> bool:
    return _met(router.elsewhere, answers)


def _holds(offer: Offer, sources: Mapping[str, Source], day: date) -> bool:
    if offer.valid_until is not None and offer.valid_until <= day:
        return False
    return all(sources[each.source].holds_on(day) for each in offer.citations)


def _open_to(offer: Offer, answers: Mapping[str, str]) -> bool:
    kept_out = any(_met(each, answers) for each in offer.not_for)
    let_in = all(_met(each, answers) or each.field not in answers for each in offer.only_for)
    return let_in and not kept_out


def _met(condition: Condition, answers: Mapping[str, str]) -> bool:
    return answers.get(condition.field) in condition.values
