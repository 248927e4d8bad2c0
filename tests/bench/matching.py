"""What a question costs: ours beside what others would reach for, in the same run.

Run ``python -m tests.bench.matching [variants ...]``; defaults to 1,000, 3,000 and 10,000.
Vietnamese-like variants are made from syllables by a fixed seed; questions are variants with a word
dropped and a slip of the keys.
"""

import gc
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process

from knowledge.index import Index
from knowledge.text import fold, normalise

Ask = Callable[[str], object]

_PER_ENTRY = 8
_QUESTIONS = 300
_ONSET_TABLE = "b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x"
_ONSETS = _ONSET_TABLE.split()
_RIME_TABLE = (
    "a à á ả ã ạ ai ải ao ảo ăn ắt âm ất ây an ang áng anh ành e è em ê ề ên ết i í in ích iên iện "
    "iêu o ó on ong ông ộng ô ồ ôi ơ ờ ơi ớp u ù ung úc ương ường ưu ượt uyên uyết"
)
_RIMES = _RIME_TABLE.split()


def synthetic(variants: int, seed: int = 7) -> dict[str, list[str]]:
    """Make entries of eight variants that share topic words and differ in the rest."""
    dice = random.Random(seed)  # noqa: S311 - a fixed seed is the point
    syllables = [onset + rime for onset in _ONSETS for rime in _RIMES]
    words = [f"{dice.choice(syllables)} {dice.choice(syllables)}" for _ in range(900)]
    common = words[:40]
    made = {}
    for entry in range(variants // _PER_ENTRY):
        own = dice.sample(words, 5)
        made[f"entry{entry}"] = [
            " ".join([*dice.sample(common, 2), *dice.sample(own, dice.randint(1, 3))])
            for _ in range(_PER_ENTRY)
        ]
    return made


def questions(variants: dict[str, list[str]], seed: int = 8) -> list[str]:
    dice = random.Random(seed)  # noqa: S311 - a fixed seed is the point
    asked = []
    for _ in range(_QUESTIONS):
        typed = list(dice.choice(dice.choice(list(variants.values()))))
        at = dice.randrange(len(typed))
        typed[at] = dice.choice("abcdeghiklmnopqrstuvxy")
        asked.append("".join(typed[dice.randrange(3) :]))
    return asked


def resident() -> float:
    """Give the resident memory of this process in MB, by the kernel's own count."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def timed(ask: Ask, asked: Sequence[str]) -> tuple[float, float]:
    for text in asked[:20]:
        ask(text)
    spent = []
    for text in asked:
        start = time.perf_counter()
        ask(text)
        spent.append(time.perf_counter() - start)
    median, most = np.percentile(spent, [50, 99]) * 1e3
    return float(median), float(most)


def row(name: str, build: float, times: tuple[float, float], rest: str = "") -> None:
    print(
        f"  {name:24} build {build:6.2f} s   p50 {times[0]:7.2f}   p99 {times[1]:7.2f} ms  {rest}"
    )


def bench_ours(variants: dict[str, list[str]], asked: Sequence[str]) -> None:
    gc.collect()
    before = resident()
    start = time.perf_counter()
    index = Index.build(variants)
    build = time.perf_counter() - start
    gc.collect()
    grown = resident() - before
    data = index.to_bytes()
    start = time.perf_counter()
    loaded = Index.from_bytes(data)
    load = time.perf_counter() - start
    rest = f"load {load:.2f} s, {len(data) / 1e6:.0f} MB as bytes, +{grown:.0f} MB resident"
    row("Index", build, timed(loaded.look, asked), rest)


def bench_rapidfuzz(variants: dict[str, list[str]], asked: Sequence[str]) -> None:
    lines = [fold(line) for own in variants.values() for line in own]
    for scorer in (fuzz.WRatio, fuzz.token_set_ratio):

        def ask(text: str, scorer: Callable[..., float] = scorer) -> object:
            return process.extractOne(fold(text), lines, scorer=scorer)

        row(f"rapidfuzz {scorer.__name__}", 0.0, timed(ask, asked[:60]))


def bench_bm25(variants: dict[str, list[str]], asked: Sequence[str]) -> None:
    from rank_bm25 import BM25Okapi  # type: ignore[import-untyped]

    start = time.perf_counter()
    model = BM25Okapi([fold(" ".join(own)).split() for own in variants.values()])
    build = time.perf_counter() - start
    row(
        "rank_bm25, entries", build, timed(lambda text: model.get_scores(fold(text).split()), asked)
    )


def bench_tfidf(variants: dict[str, list[str]], asked: Sequence[str]) -> None:
    from sklearn.feature_extraction.text import (  # type: ignore[import-untyped]
        TfidfVectorizer,
    )

    start = time.perf_counter()
    model = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), preprocessor=normalise)
    table = model.fit_transform([line for own in variants.values() for line in own])
    build = time.perf_counter() - start
    row(
        "scikit-learn char TF-IDF",
        build,
        timed(lambda text: table @ model.transform([text]).T, asked),
    )


def main(sizes: Sequence[int] = (1_000, 3_000, 10_000)) -> None:
    for size in sizes:
        variants = synthetic(size)
        asked = questions(variants)
        print(f"{size:,} variants, {len(variants):,} entries")
        for bench in (bench_ours, bench_rapidfuzz, bench_bm25, bench_tfidf):
            bench(variants, asked)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or (1_000, 3_000, 10_000))
