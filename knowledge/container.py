"""A compiled knowledge base as bytes, safe to read whatever they hold.

The form is numpy's ``.npz`` without pickling, the plain values as JSON beside the arrays, behind a
magic word with the format's version. Whatever is foreign, older, cut short or damaged is a
`ValueError`.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from itertools import chain
from typing import Any

import numpy as np

from knowledge.building import Parts
from knowledge.calibration import Curve, Thresholds
from knowledge.coverage import Coverage, Support
from knowledge.features import SHARES, SPELT, Space
from knowledge.grouping import Grouping
from knowledge.kernel import Landmarks, Postings, Rows, Spelling
from knowledge.repair import Reader
from knowledge.vocabulary import Vocabulary

_MAGIC = b"donghanh-index-6\n"
_PLAIN = "plain"
_DAMAGE = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    EOFError,
    OSError,
    MemoryError,
    NotImplementedError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)


def pack(parts: Parts) -> bytes:
    """Write deterministically: equal contents give equal bytes."""
    said = json.dumps(_plain(parts), ensure_ascii=False, separators=(",", ":"))
    arrays: dict[str, Any] = {
        _PLAIN: np.frombuffer(said.encode(), np.uint8),
        "weights": parts.weights,
        "counts": np.array([*parts.reader.vocabulary.accented.values()], np.int32),
    }
    arrays |= _pairs(parts.reader.vocabulary)
    arrays |= _postings("terms", parts.landmarks.terms)
    for held in parts.landmarks.spelt:
        arrays |= _spelling(held)
    for view, weights in enumerate(parts.landmarks.space.weights):
        arrays[f"rarity{view}"] = weights
    target = io.BytesIO()
    np.savez(target, allow_pickle=False, **arrays)
    return _MAGIC + target.getvalue()


def unpack(data: bytes) -> Parts:
    if not data.startswith(_MAGIC):
        raise ValueError("not a compiled index of this version")
    try:
        with np.load(io.BytesIO(data[len(_MAGIC) :]), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return _revive(arrays, json.loads(arrays.pop(_PLAIN).tobytes().decode()))
    except _DAMAGE as problem:
        raise ValueError("damaged compiled index") from problem


def _plain(parts: Parts) -> dict[str, Any]:
    vocabulary = parts.reader.vocabulary
    return {
        "thresholds": _plain_thresholds(parts.thresholds),
        "grouping": parts.grouping
        and [
            parts.grouping.of,
            astuple(parts.grouping.curve),
            _plain_thresholds(parts.grouping.thresholds),
        ],
        "entries": parts.entries,
        "lines": parts.lines,
        "spelt": parts.spelt,
        "shorthand": parts.reader.shorthand,
        "words": "\n".join(vocabulary.accented),
        "terms": ["\n".join(numbers) for numbers in parts.landmarks.space.numbers],
        "unknown": parts.landmarks.space.unknown,
        "known": ["\n".join(held.numbers) for held in parts.landmarks.spelt],
        "letters": "\n".join(parts.landmarks.letters),
        "support": [
            [dict(s.folded), dict(s.accented), dict(s.concepts), sorted(s.answer)]
            for s in parts.coverage.entries
        ],
        "used_by": dict(parts.coverage.used_by),
        "curve": astuple(parts.curve),
        "strays": parts.strays,
        "exact": dict(parts.exact),
    }


def _plain_thresholds(thresholds: Mapping[str, Thresholds]) -> dict[str, Any]:
    return {policy: list(astuple(each)) for policy, each in thresholds.items()}


def _revive_thresholds(plain: Mapping[str, Any]) -> dict[str, Thresholds]:
    return {policy: Thresholds(*values) for policy, values in plain.items()}


def _revive_grouping(plain: Any) -> Grouping | None:  # noqa: ANN401 - JSON
    if plain is None:
        return None
    of, curve, thresholds = plain
    return Grouping(tuple(of), Curve(*curve), _revive_thresholds(thresholds))


def _pairs(vocabulary: Vocabulary) -> dict[str, Any]:
    """Pairs as numbers in the order in which their words are met."""
    words = {word: at for at, word in enumerate(dict.fromkeys(chain(*vocabulary.pairs)))}
    return {
        "paired": np.frombuffer("\n".join(words).encode(), np.uint8),
        "lefts": np.array([words[left] for left, _ in vocabulary.pairs], np.int32),
        "rights": np.array([words[right] for _, right in vocabulary.pairs], np.int32),
        "together": np.array([*vocabulary.pairs.values()], np.int32),
    }


def _revive_pairs(arrays: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    words = _list(arrays["paired"].tobytes().decode())
    lefts = [words[at] for at in arrays["lefts"].tolist()]
    rights = [words[at] for at in arrays["rights"].tolist()]
    counts = arrays["together"].tolist()
    return dict(zip(zip(lefts, rights, strict=True), counts, strict=True))


def _list(lines: str) -> list[str]:
    """What was joined by line ends: a tenth of the time of reading a list of JSON."""
    return lines.split("\n") if lines else []


def _postings(name: str, held: Postings) -> dict[str, Any]:
    return {
        f"{name}-starts": held.starts,
        f"{name}-holders": held.holders,
        f"{name}-values": held.values,
        f"{name}-size": np.array(held.size),
    }


def _revive_postings(name: str, arrays: Mapping[str, Any]) -> Postings:
    return Postings(
        arrays[f"{name}-starts"],
        arrays[f"{name}-holders"],
        arrays[f"{name}-values"],
        int(arrays[f"{name}-size"]),
    )


def _spelling(held: Spelling) -> dict[str, Any]:
    return {
        f"words{held.view}": held.rows.words,
        f"begins{held.view}": held.rows.starts,
        f"scale{held.view}": held.scale,
        **_postings(f"grams{held.view}", held.grams),
        **_postings(f"near{held.view}", held.near),
    }


def _revive_spelling(
    view: int, space: Space, words: Sequence[str], arrays: Mapping[str, Any]
) -> Spelling:
    return Spelling(
        view,
        space,
        {word: at for at, word in enumerate(words)},
        _revive_postings(f"grams{view}", arrays),
        _revive_postings(f"near{view}", arrays),
        Rows(arrays[f"words{view}"], arrays[f"begins{view}"]),
        arrays[f"scale{view}"],
    )


def _revive(arrays: Mapping[str, Any], plain: Mapping[str, Any]) -> Parts:
    views = range(len(SHARES))
    space = Space(
        tuple({term: at for at, term in enumerate(_list(terms))} for terms in plain["terms"]),
        tuple(arrays[f"rarity{view}"] for view in views),
        plain["unknown"],
    )
    spelt = (
        _revive_spelling(view, space, _list(words), arrays)
        for view, words in zip(SPELT, plain["known"], strict=True)
    )
    landmarks = Landmarks(
        space, _revive_postings("terms", arrays), tuple(spelt), tuple(_list(plain["letters"]))
    )
    words = dict(zip(_list(plain["words"]), arrays["counts"].tolist(), strict=True))
    shorthand = {typed: tuple(meant) for typed, meant in plain["shorthand"].items()}
    return Parts(
        _revive_thresholds(plain["thresholds"]),
        tuple(plain["entries"]),
        tuple(tuple(lines) for lines in plain["lines"]),
        tuple(tuple(lines) for lines in plain["spelt"]),
        Reader(Vocabulary.of(words, _revive_pairs(arrays)), shorthand),
        landmarks,
        arrays["weights"],
        Coverage(
            tuple(Support(f, a, c, frozenset(said)) for f, a, c, said in plain["support"]),
            plain["used_by"],
        ),
        Curve(*plain["curve"]),
        tuple((at, spot, other, sure) for at, spot, other, sure in plain["strays"]),
        plain["exact"],
        _revive_grouping(plain["grouping"]),
    )
