"""From a question to the entries that may answer it on the asked day.

The index knows words; this module knows time: a question about an earlier year is led to the
entry that answered under that year's rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise
from typing import Self

from knowledge.entries import ASIDE, Entry, Knowledge
from knowledge.index import Look
from knowledge.rules import holds
from knowledge.text import LIMIT, asked_years, fold, has_accents, normalise

MENU = 8
LONG = 90  # characters: from here on a message tells a story besides its question
SENTENCES = 6
_PART_LETTERS = 3 * LIMIT // 2  # of all parts of a long message that are read by themselves
_PART_WORDS = 4
_BORNE_OUT = 0.5  # of what the whole message thinks likeliest is the least for what a part says
_SENTENCE = re.compile(r"(?<=[.!?…;\n])\s+")
_OPENER = re.compile(
    r"^(?:(?:thế|the|vậy|vay|rồi|roi|à|dạ|da|ủa|ua)\s+)*(?:còn|con|thế|the|vậy|vay|rồi|roi)\s+",
    re.IGNORECASE,
)
# Not "cũ" and not the numbers of old decrees: "mẫu cũ còn dùng được không" asks about today.
_BEFORE = (
    r"(?:trước đây|truoc day|trước kia|truoc kia|hồi trước|hoi truoc|ngày trước|ngay truoc"
    r"|hồi đó|hoi do|lúc trước|luc truoc)"
)
# "Trước đây em đạt giải rồi, giờ …" tells a past of one's own.
# "Thành lập năm 2022" tells an age; the rules asked about are today's.
_SINCE = re.compile(
    r"\b(?:thành lập|thanh lap|lập|ra đời|ra doi|mở|hoạt động|hoat dong|kinh doanh|bán|bắt đầu)"
    r"(?:\s+(?:từ|tu|hồi|hoi|năm|nam|giữa|giua|đầu|dau|cuối|cuoi)){0,3}\s+(?:19|20)\d\d\b",
    re.IGNORECASE,
)
_OWN_PAST = re.compile(r"\b(?:đã|rồi|roi|giờ|gio|nay|lại)\b")
_PAST = re.compile(
    rf"\b(?:{_BEFORE}|cũ|cu|năm ngoái|nam ngoai|năm trước|đợt trước|hết hiệu lực"
    r"|132|74|27 2019|2 001269)\b"
)
_TIMES = re.compile(
    rf"\b{_BEFORE}\b|\b(?:(?:trong|của|cua|hồi|hoi|vào|vao)\s+)?(?:năm|nam)\s+"
    r"(?:19[89]\d|20\d\d|2\d|nay|ngoái|ngoai|trước|truoc|rồi|roi|sau|tới|toi)\b",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"\b(?:gi|nao|dau|sao|bao gio|bao lau|bao nhieu|may|khi nao|the nao|ai)\b|\bkhong(?: a| vay)*$"
)
_REQUEST = re.compile(r"(?:cho|nho|xin|hoi|anh chi)\b")
# Where the question may begin inside a sentence that tells a story first.
_TURN = re.compile(
    r"[,:]\s+|\s(?=(?:nên|mà|nhưng|vậy|giờ|bây giờ|cho|hỏi|không biết|thì"
    r"|nen|ma|nhung|vay|gio|bay gio|hoi|khong biet|thi)\s)",
    re.IGNORECASE,
)
_SEWN = re.compile(r"\bmay\b", re.IGNORECASE)
_CLOSER = re.compile(
    r"\s+(?:thì\s+|thi\s+)?(?:sao|thế nào|the nao|như thế nào|ra sao)(?:\s+(?:ạ|a|vậy|vay|nhỉ|z))*"
    r"[\s?.!]*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that may answer, and the calibrated probability that it is the right one.

    `about_year` is set when another year was asked about and no entry of that year exists, so that
    today's rule can only be said as today's.
    """

    entry: Entry
    confidence: float
    about_year: int | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """A message too long to be one question, and the day it was asked."""

    text: str
    today: date


@dataclass(frozen=True, slots=True)
class Found:
    """Hits, best first and each entry once; `look` holds the reasons.

    `topics` are the hits' topics with the probability that the question is about each, best first.
    `story` is a long message as it was asked, for `beside`.
    """

    hits: tuple[Hit, ...]
    topics: tuple[tuple[str, float], ...]
    look: Look
    year: int | None
    story: Story | None = None

    def of(self, topic: str) -> tuple[Hit, ...]:
        """The hits of one topic, best first."""
        return tuple(hit for hit in self.hits if hit.entry.topic == topic)


def find(knowledge: Knowledge, text: str, today: date, *, topic: str = "") -> Found:
    """Rank the entries for *text* as asked on *today*; with *topic*, only among that topic's.

    Of a long message the beginning, the end and the part that asks are read, and what is surer
    counts; of a question that names a time also the rest of it, because every rule has had its
    years.
    """
    within = None
    if topic:
        within = {entry.id for entry in knowledge.entries.values() if entry.topic == topic}
    asked = _Asked.of(text, today)
    look = knowledge.index.look(text, within=within, k=MENU)
    subject = _TIMES.sub(" ", text)
    if subject != text and not look.exact:
        look = max(look, knowledge.index.look(subject, within=within, k=MENU), key=_surest)
    story = None
    if len(text) > LONG:
        end = knowledge.index.look(text[-LIMIT:], within=within, k=MENU)
        look = max(look, end, key=_surest)
        story = Story(text, today)
        if not topic and not look.exact:
            look, part = _to_the_point(knowledge, text, look)
            asked = _Asked.of(part, today)
    return Found(_hits(knowledge, look, asked, today), look.groups, look, asked.year, story)


def _to_the_point(knowledge: Knowledge, text: str, whole: Look) -> tuple[Look, str]:
    """What the part of a story that asks is about, where *whole* bears it out, and that part.

    A story names other matters and other years, which drown its question. Where its parts are sure
    of different topics they are two questions, or none: then it stays whole.
    """
    parts = dict.fromkeys(_asking_parts(text))
    looks = [(knowledge.index.look(part, k=MENU), part) for part in parts]
    foreign = bool(whole.groups) and whole.groups[0][0] in ASIDE
    enough = _surest(whole) * (1 if foreign else _BORNE_OUT)
    borne_out = {name for name, chance in whole.groups if chance >= enough} - set(ASIDE)
    looks = [each for each in looks if each[0].groups and each[0].groups[0][0] in borne_out]
    sure = knowledge.index.group_thresholds[knowledge.organisation.policy].answer
    if len({look.groups[0][0] for look, _ in looks if _surest(look) >= sure}) > 1:
        return whole, text
    return max([(whole, text), *looks], key=lambda each: _surest(each[0]))


def _asking_parts(text: str) -> list[str]:
    """The sentences that ask, alone and after the one before; and the ends of sentences that do."""
    sentences = [part for part in _SENTENCE.split(text) if len(part.split()) >= _PART_WORDS]
    parts = []
    for before, sentence in pairwise(["", *(part[-LIMIT:] for part in sentences[-SENTENCES:])]):
        if not _is_question(sentence):
            continue
        ends = [sentence[cut.end() :] for cut in _TURN.finditer(sentence)]
        parts += [end for end in ends if len(end.split()) > _PART_WORDS and _is_question(end)]
        parts += [sentence, f"{before} {sentence}"[-LIMIT:]]
    read = list(accumulate(map(len, reversed(parts))))
    return parts[len(parts) - sum(letters <= _PART_LETTERS for letters in read) :]


def _is_question(part: str) -> bool:
    return "?" in part or asks(part) or bool(_REQUEST.match(fold(part)))


def beside(knowledge: Knowledge, found: Found) -> tuple[Hit, ...]:
    """What single sentences of a long message may ask: enough to offer, not to answer.

    The best hit of each sentence, the surest topic first.
    """
    if found.story is None:
        return ()
    text, today = found.story.text, found.story.today
    sentences = [part for part in _SENTENCE.split(text) if len(part.split()) > 2]  # noqa: PLR2004 - greetings
    looks = [knowledge.index.look(sentence, k=1) for sentence in sentences[-SENTENCES:]]
    looks.sort(key=_surest, reverse=True)
    asked = _Asked.of(text, today)
    hits = [hit for look in looks for hit in _hits(knowledge, look, asked, today)]
    return tuple({hit.entry.id: hit for hit in hits}.values())


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which time a question is about: a `year`, or `before` the present rules, whenever that was.

    `past` is true of either, and where words only hint at it.
    """

    year: int | None
    before: bool
    past: bool

    @classmethod
    def of(cls, text: str, today: date) -> Self:
        words = normalise(text)
        year = next(iter(asked_years(_SINCE.sub(" ", text), today)), None)
        before = year is None and bool(re.search(rf"\b{_BEFORE}\b", words))
        before = before and not _OWN_PAST.search(words)
        past = before or (year or today.year) < today.year or bool(_PAST.search(words))
        return cls(year, before, past)


def _hits(knowledge: Knowledge, look: Look, asked: _Asked, today: date) -> tuple[Hit, ...]:
    hits: dict[str, Hit] = {}
    for candidate in look.candidates:
        entry = knowledge.entries[candidate.entry]
        if entry.past and not asked.past and not look.exact:
            entry = _successor(knowledge, entry)
        hit = _on(knowledge, entry, candidate.confidence, asked, today)
        hits.setdefault(hit.entry.id, hit)
    return tuple(hits.values())


def _surest(look: Look) -> float:
    return max((sure for _, sure in look.groups), default=0.0)


def _successor(knowledge: Knowledge, entry: Entry) -> Entry:
    """The entry that answers the same question today: who names no past asks about today."""
    newer = (other for other in knowledge.entries.values() if other.supersedes == entry.id)
    return next(newer, entry)


def asks(text: str) -> bool:
    """Whether *text* has the words of a Vietnamese question: gì, nào, đâu, … không.

    With its accents, "may" (to sew) is no "mấy".
    """
    if has_accents(text):
        text = _SEWN.sub("", text)
    return bool(_ASKING.search(fold(text)))


def without_opener(text: str) -> str:
    """The subject of a follow-up: "thế còn hạn nộp thì sao?" is about "hạn nộp".

    Anything that does not open like a follow-up comes back as it is.
    """
    opened = _OPENER.sub("", text, count=1)
    if opened == text:
        return text
    return _CLOSER.sub("", opened) or text


def _on(knowledge: Knowledge, entry: Entry, confidence: float, asked: _Asked, today: date) -> Hit:
    earlier, year = knowledge.entries.get(entry.supersedes), asked.year
    if year is not None and year < today.year:
        end_of_year = date(year, 12, 31)
        if entry.past or holds(knowledge, entry, end_of_year):
            return Hit(entry, confidence)
        return Hit(earlier, confidence) if earlier else Hit(entry, confidence, about_year=year)
    if year is not None and year > today.year and entry.topic not in ASIDE:
        ahead = None if year in asked_years(entry.question, today) else year
        return Hit(entry, confidence, about_year=ahead)
    lapsed = not holds(knowledge, entry, today)
    if earlier and (asked.before or (lapsed and holds(knowledge, earlier, today))):
        return Hit(earlier, confidence)
    return Hit(entry, confidence)
