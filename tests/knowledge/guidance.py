"""The guidance files (rule sets, checklists, guides) and the registers they point into."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

import knowledge
from knowledge import forms, guide_reading, registers, ruleset_reading
from knowledge.assessment import Aspect, Assessment, Statement
from knowledge.checklists import Checklist
from knowledge.entries import Form, Source
from knowledge.parsing import Node, parse
from knowledge.problems import Problem
from knowledge.reading import Reader
from knowledge.routing import Router
from knowledge.rulesets import RuleSet

T = TypeVar("T")

DATA = Path(knowledge.__file__).parent / "data"


@dataclass(frozen=True)
class Registers:
    """The names that guidance may point to."""

    sources: Mapping[str, Source]
    entries: frozenset[str]
    programmes: frozenset[str]
    interests: frozenset[str]


def tree(path: Path) -> Node:
    node, found = parse(path.read_bytes())
    assert node is not None, found
    assert not found
    return node


def read(path: Path, reading: Callable[[Reader, Node], T]) -> T:
    """Read a file that must have no problem."""
    problems: list[Problem] = []
    value = reading(Reader(path.name, problems), tree(path))
    assert problems == []
    return value


def read_text(text: str, reading: Callable[[Reader, Node], T]) -> tuple[T, list[Problem]]:
    """Read a file that may have problems."""
    node, found = parse(text.encode())
    assert node is not None, found
    problems: list[Problem] = []
    return reading(Reader("thử.yaml", problems), node), problems


@cache
def rule_sets() -> Mapping[str, RuleSet]:
    paths = sorted((DATA / "rules").glob("award-*.yaml"))
    return {each.id: each for each in (read(path, ruleset_reading.ruleset) for path in paths)}


@cache
def checklists() -> Mapping[str, Checklist]:
    paths = sorted((DATA / "rules").glob("dossier-*.yaml"))
    return {each.id: each for each in (read(path, guide_reading.checklist) for path in paths)}


@cache
def assessment() -> Assessment:
    return read(DATA / "guides/self_assessment.yaml", guide_reading.assessment)


@cache
def router() -> Router:
    return read(DATA / "guides/router.yaml", guide_reading.router)


@cache
def pointed_to() -> Registers:
    sources = read(DATA / "sources.yaml", registers.sources)
    register = tree(DATA / "forms/register.yaml")[1]["fields"][1]
    return Registers(
        sources={source.id: source for _, source in sources},
        entries=frozenset(
            _text(entry, "id")
            for path in (DATA / "faq").glob("*.yaml")
            for entry in tree(path)[1]["entries"][1][1]
        ),
        programmes=frozenset(
            _text(each, "id") for each in tree(DATA / "rules/deadlines.yaml")[1]["programmes"][1][1]
        ),
        interests=frozenset(
            _text(option, "id")
            for field in register[1]
            if _text(field, "id") == "programmes"
            for option in field[1]["options"][1][1]
        ),
    )


@cache
def self_check() -> Form:
    """The questions of the self-check, for the rule sets that name them."""
    return read(DATA / "forms/self_check.yaml", forms.form)


def statements(assessment: Assessment) -> tuple[tuple[Aspect, Statement], ...]:
    """Every statement in the order in which it is asked."""
    return tuple((aspect, each) for aspect in assessment.aspects for each in aspect.statements)


def _text(node: Node, key: str) -> str:
    return str(node[1][key][1][1])
