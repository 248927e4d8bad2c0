"""What the whole suite shares: the real knowledge, loaded once a worker and compiled once."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from knowledge.contract import needed_as_in
from knowledge.entries import Knowledge
from tests import shipped as compiled


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """The knowledge that is shipped."""
    shipped = compiled.shipped()
    gc.freeze()
    return shipped


@pytest.fixture(scope="session")
def shipped(knowledge: Knowledge) -> Knowledge:
    """The same, as tests call it whose point is that it is the shipped one."""
    return knowledge


@pytest.fixture(scope="session")
def knowledge_cache(knowledge: Knowledge) -> Path:
    """Where it stays compiled, from one run to the next."""
    assert knowledge.entries
    return compiled.CACHE


@pytest.fixture(scope="session", autouse=True)
def _needed_once() -> Iterator[None]:
    """What a folder needs is read from the shipped one, which stands still here: once a worker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("knowledge.loading.needed_as_in", cache(needed_as_in))
        yield


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays anyway: walking it was a tenth of the suite."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
