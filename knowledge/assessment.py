"""Self-assessment: plain statements answered 0 to 5, to strengths, gaps and where to find help.

The result is the enterprise's own view of itself and no official score: it counts answers, knows
no weight of any criterion, and stays in the range that was answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from knowledge.asking import RESULT
from knowledge.entries import NO_CONSENT, Citation, ConsentWording, Field, Form, Option

MOST = 5
RESUME_DAYS = 60  # how long half an assessment is kept
NAMED = 3  # how many strengths and gaps are named
BAR = 10
FULL, EMPTY = "■", "□"


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that is true of an enterprise to a degree. `dimension` is what it looks at."""

    id: str
    dimension: str
    text: str


@dataclass(frozen=True, slots=True)
class Aspect:
    """One side of management, or the product.

    `advice` is the first step where this is a gap; `programme` and `entry` say who helps.
    """

    id: str
    label: str
    statements: tuple[Statement, ...]
    advice: str
    programme: str
    entry: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Assessment:
    """The statements, what the degrees mean (`scale`, from 0 up), and what the result is not.

    `note` says that with the result, `intro` before the first statement.
    """

    id: str
    label: str
    note: str
    scale: tuple[Option, ...]
    dimensions: tuple[Option, ...]
    aspects: tuple[Aspect, ...]
    citations: tuple[Citation, ...]
    consent: ConsentWording = NO_CONSENT
    intro: str = ""
    file: str = ""
    line: int = 0


NO_ASSESSMENT = Assessment("", "", "", (), (), (), ())


@dataclass(frozen=True, slots=True)
class Score:
    """What the answered statements of one aspect come to on average, 0 to `MOST`."""

    aspect: Aspect
    average: float


@dataclass(frozen=True, slots=True)
class Profile:
    """The whole picture. Strengths best first, gaps largest first; no aspect is both."""

    scores: tuple[Score, ...]
    strengths: tuple[Score, ...]
    gaps: tuple[Score, ...]


def profile(assessment: Assessment, answers: Mapping[str, int]) -> Profile:
    """Score every aspect that has answers. Equal scores keep the order of the aspects.

    A strength reaches at least half of the scale and a gap leaves something to gain, so fewer than
    three may be named.
    """
    scores = tuple(
        Score(aspect, sum(degrees) / len(degrees))
        for aspect in assessment.aspects
        if (degrees := [answers[s.id] for s in aspect.statements if s.id in answers])
    )
    best = sorted(scores, key=lambda score: -score.average)
    half = MOST / 2
    strengths = tuple(score for score in best if score.average >= half)[:NAMED]
    worst = sorted(scores, key=lambda score: score.average)
    open_ones = [score for score in worst if score not in strengths and score.average < MOST]
    return Profile(scores, strengths, tuple(open_ones[:NAMED]))


def form(assessment: Assessment) -> Form:
    """The statements as a form that comes to a conclusion: one question each, on the scale.

    An answer is named by its aspect and its number there, so that one of them can be picked.
    """
    fields = tuple(
        Field(
            each.id,
            "scale",
            label=f"{aspect.label} {number}",
            prompt=f"**{aspect.label} {number}.** {each.text}",
            options=assessment.scale,
        )
        for aspect in assessment.aspects
        for number, each in enumerate(aspect.statements, start=1)
    )
    result = Field(RESULT, RESULT, assessment.label, "")
    return Form(
        id=assessment.id,
        label=assessment.label,
        title=assessment.label,
        consent=assessment.consent,
        fields=(*fields, result),
        roles={},
        done="",
        resume_days=RESUME_DAYS,
        concludes=True,
        group="award",
        intro=assessment.intro,
        file=assessment.file,
        line=assessment.line,
    )


def bars(scores: Iterable[Score]) -> list[str]:
    """One line of text per aspect: a bar, the average as Vietnamese write it, and the name."""
    return [
        f"{bar(score.average)} {written(score.average)} {score.aspect.label}" for score in scores
    ]


def bar(average: float) -> str:
    filled = round(average / MOST * BAR)
    return FULL * filled + EMPTY * (BAR - filled)


def written(average: float) -> str:
    return f"{average:.1f}".replace(".", ",")
