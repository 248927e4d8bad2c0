"""Which questions mean the same: those that nobody answered yet, put together for one answer.

Two questions are compared in the views of the index (`features`), with the weights that it learnt;
a word that it never met weighs as one that few use. Groups are joined while their questions are
alike on average, the most alike first. Nothing here depends on
the order in which the questions come.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from knowledge.features import (
    ACCENTED,
    RATIO_SHARE,
    SHARES,
    Floats,
    Space,
    Words,
    count_terms,
    ratios,
    sorted_letters,
)

# At 0.36 "tiền gian hàng" met "chi phí đi hội chợ", at 0.5 "khi nào có kết quả" lost "mấy ngày thì
# có kết quả": an officer takes a stranger out of a group sooner than they find a lost one.
ALIKE = 0.45


def grouped(space: Space, rows: Sequence[Words]) -> list[list[int]]:
    """Put the rows of one meaning together: groups of their numbers, each row in exactly one."""
    if not rows:
        return []
    order = sorted(range(len(rows)), key=lambda at: (rows[at].folded, rows[at].accented, at))
    likeness = _likeness(space, [rows[at] for at in order])
    return [sorted(order[at] for at in group) for group in _joined(likeness)]


def _likeness(space: Space, rows: Sequence[Words]) -> Floats:
    """How alike each two rows are, from 0 to 1; equal words are 1."""
    counted = [count_terms(words) for words in rows]
    marked = np.array([words.marked for words in rows])
    both = np.outer(marked, marked).astype(np.float32)
    letters = [sorted_letters(words) for words in rows]
    total = RATIO_SHARE * ratios(letters, letters)
    for view, share in enumerate(SHARES):
        cosines = _cosines(space, [terms[view] for terms in counted], view)
        total = total + share * (cosines * both if view == ACCENTED else cosines)
    found: Floats = total / (1 - SHARES[ACCENTED] * (1 - both))
    return found


def _cosines(space: Space, counted: Sequence[Counter[str]], view: int) -> Floats:
    numbers = {term: at for at, term in enumerate(sorted({t for row in counted for t in row}))}
    known, weights = space.numbers[view], space.weights[view]
    weigh = {
        term: float(weights[known[term]]) if term in known else space.unknown for term in numbers
    }
    table = np.zeros((len(counted), len(numbers)), np.float32)
    for at, row in enumerate(counted):
        for term, count in row.items():
            table[at, numbers[term]] = count * weigh[term]
    lengths = np.sqrt(np.einsum("ij,ij->i", table, table))
    table /= np.maximum(lengths, 1e-6)[:, None]
    products: Floats = table @ table.T
    return products


def _joined(likeness: Floats) -> list[list[int]]:
    """Average linkage: join the two groups that are most alike, until no two are enough."""
    groups: dict[int, list[int]] = {at: [at] for at in range(len(likeness))}
    between = likeness.astype(np.float64)
    np.fill_diagonal(between, -1.0)
    while len(groups) > 1:
        one, two = divmod(int(between.argmax()), len(between))
        if between[one, two] < ALIKE:
            break
        mine, theirs = len(groups[one]), len(groups[two])
        merged = (between[one] * mine + between[two] * theirs) / (mine + theirs)
        between[one], between[:, one] = merged, merged
        between[two], between[:, two], between[one, one] = -1.0, -1.0, -1.0
        groups[one] += groups.pop(two)
    return [sorted(group) for group in groups.values()]
