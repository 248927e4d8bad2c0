"""Derived files that may be deleted at any time, and are believed only if they are whole.

A file begins with the digest of the rest: whatever was cut short, damaged or written by somebody
else reads as absent, and is computed again. Failing to keep one costs time, never an error.
"""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

_DIGEST_BYTES = 32


def read(folder: Path | None, name: str) -> bytes | None:
    """What was kept under *name*, or None."""
    if folder is None:
        return None
    try:
        stored = (folder / name).read_bytes()
    except OSError:
        return None
    digest, content = stored[:_DIGEST_BYTES], stored[_DIGEST_BYTES:]
    return content if hashlib.sha256(content).digest() == digest else None


def keep(folder: Path | None, name: str, content: bytes, *, instead_of: str) -> None:
    """Write whole or not at all, then drop the other files that match the pattern *instead_of*."""
    if folder is None:
        return
    partial = folder / f"{name}.{os.getpid()}.partial"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(hashlib.sha256(content).digest() + content)
        partial.replace(folder / name)
        for other in folder.glob(f"{instead_of}*"):  # and what a crash left half-written
            if other.name != name:
                other.unlink(missing_ok=True)
    except OSError:
        return


@lru_cache
def version(modules: tuple[str, ...] = ("*",)) -> str:
    """The fingerprint of the code that derives: an upgraded program trusts no older file.

    *modules* are those that derive, all of them if none are named.
    """
    digest = hashlib.sha256()
    for module in modules:
        for path in sorted(Path(__file__).parent.glob(f"{module}.py")):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
