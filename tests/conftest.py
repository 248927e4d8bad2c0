"""What the whole suite shares: the real knowledge, loaded once a worker and compiled once.

What is made again and again from what stands still is made once a worker here: the index of the
shipped knowledge, the statements of the store, the tree of the command line.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from typer.main import get_command

from knowledge import compiling
from knowledge.contract import needed_as_in
from knowledge.entries import Knowledge
from knowledge.index import Index
from tests import shipped as compiled
from tests.effort import examples
from tests.statements import compile_once

MEMORY, ROOM = Path("/dev/shm"), 2**30  # noqa: S108 - pytest makes a folder of its own in it

gc.disable()  # until all is imported: nothing of that ever goes


settings.register_profile("suite", max_examples=examples(25))
settings.load_profile("suite")


def pytest_configure() -> None:
    """Lay databases in memory where there is room: every commit waits for the disk elsewhere.

    Nothing here pulls a plug: what a killed process wrote is in a file either way.
    """
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.fixture(scope="session")
def knowledge() -> Iterator[Knowledge]:
    """The knowledge that is shipped. Whoever loads the same files gets the index that is here."""
    shipped = compiled.shipped()
    gc.freeze()

    def index(knowledge: Knowledge, cache: Path | None) -> Index:
        same = knowledge.fingerprint == shipped.fingerprint
        return shipped.index if same else compiling.compiled(knowledge, cache)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("knowledge.loading.compiled", index)
        yield shipped


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
def _made_once() -> Iterator[None]:
    """What a folder needs is read from the shipped one, which stands still here, as the code does.

    Making the commands from their functions took longer than most of them take.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("knowledge.loading.needed_as_in", cache(needed_as_in))
        patch.setattr("typer.testing._get_command", cache(get_command))
        compile_once(patch)
        yield


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays anyway: walking it was a tenth of the suite."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(10_000, 20, 20)
