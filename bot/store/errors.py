"""The ways in which the store can refuse: one class per different next act of the caller."""

from __future__ import annotations


class StoreFailed(Exception):
    """Nothing was kept. Do not acknowledge what came in; try again later."""


class StoreFull(StoreFailed):
    """Nothing was kept because there is no room. As above, and tell whoever can make room."""


class StoreBusy(Exception):
    """Another process holds the database: leave it alone and stop."""


class StoreOld(Exception):
    """The file was written by an earlier release: a start of this one brings it up to date."""


class StoreTooNew(Exception):
    """The file was written by a newer release: start that release, or restore a backup."""


class StoreDamaged(Exception):
    """A file is not a sound database of ours: do not use it."""
