"""What the whole suite shares: the real knowledge, loaded once and compiled once a machine."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge import load
from knowledge.entries import Knowledge

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="session")
def knowledge_cache(pytestconfig: pytest.Config) -> Path:
    """Where the compiled knowledge stays from one run to the next."""
    return Path(pytestconfig.cache.mkdir("knowledge"))


@pytest.fixture(scope="session")
def knowledge(knowledge_cache: Path) -> Knowledge:
    """The knowledge that is shipped."""
    return load(today=TODAY, cache=knowledge_cache)


@pytest.fixture(scope="session")
def shipped(knowledge: Knowledge) -> Knowledge:
    """The same, as tests call it whose point is that it is the shipped one."""
    return knowledge
