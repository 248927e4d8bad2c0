"""Statements compiled once a process, whichever store runs them.

SQLAlchemy keeps what it compiled with each engine. A bot has two engines for as long as it lives;
a test has two of its own, and compiling anew was a third of what its database cost.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import create_async_engine


class Compiled(dict[Any, Any]):
    """What SQLAlchemy keeps by dialect and statement, for every dialect of one class alike."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get((type(key[0]), *key[1:]), default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        super().__setitem__((type(key[0]), *key[1:]), compiled)


def compile_once(patch: pytest.MonkeyPatch) -> None:
    """Let all stores of this process share what is compiled."""
    shared = partial(create_async_engine, execution_options={"compiled_cache": Compiled()})
    patch.setattr("bot.store.connections.create_async_engine", shared)
