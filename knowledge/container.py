"""Arrays and plain values in one run of bytes, safe to read whatever it holds.

The form is numpy's ``.npz`` without pickling, the plain values as JSON beside the arrays, behind a
magic word with the format's version. Whatever is foreign, older, cut short or damaged is a
`ValueError`.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_PLAIN = "plain"


def pack(magic: bytes, arrays: Mapping[str, NDArray[Any]], plain: Mapping[str, Any]) -> bytes:
    """Write deterministically: equal contents give equal bytes."""
    said = json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    target = io.BytesIO()
    np.savez(target, **{_PLAIN: np.frombuffer(said.encode(), np.uint8)}, **dict(arrays))
    return magic + target.getvalue()


def unpack(magic: bytes, data: bytes) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    if not data.startswith(magic):
        raise ValueError("not a compiled index of this version")
    try:
        with np.load(io.BytesIO(data[len(magic) :]), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        plain = json.loads(arrays.pop(_PLAIN).tobytes().decode())
    except (
        ValueError,
        KeyError,
        EOFError,
        OSError,
        TypeError,
        AttributeError,
        MemoryError,
        NotImplementedError,
        RuntimeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as problem:
        raise ValueError("damaged compiled index") from problem
    if not isinstance(plain, dict):
        raise ValueError("damaged compiled index")
    return arrays, plain
