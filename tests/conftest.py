"""What the whole suite shares: the real knowledge, loaded once a worker and compiled once."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.entries import Knowledge
from tests import shipped as compiled


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """The knowledge that is shipped."""
    return compiled.shipped()


@pytest.fixture(scope="session")
def shipped(knowledge: Knowledge) -> Knowledge:
    """The same, as tests call it whose point is that it is the shipped one."""
    return knowledge


@pytest.fixture(scope="session")
def knowledge_cache(knowledge: Knowledge) -> Path:
    """Where it stays compiled, from one run to the next."""
    assert knowledge.entries
    return compiled.CACHE
