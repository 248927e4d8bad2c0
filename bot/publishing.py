"""What lets drafts into the knowledge while the bot runs: it checks, writes, tells what came of it.

Checking and compiling takes seconds, so it is done beside the loop and in no transaction. It keeps
nothing in memory: a process that ended between the file and the row finds the entry in the folder
and settles the row. The running bot takes the changed folder over like any other edit.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import entry_file
from bot.entry_file import Unwritable
from bot.house import House
from bot.operations import draft_news, drafting
from bot.quality import questions, worsening
from bot.quality.worsening import Trial
from bot.store import learning
from bot.store.learning import EntryDraft
from knowledge import KnowledgeError, load
from knowledge.entries import Entry, Knowledge
from knowledge.loading import fingerprint_of
from knowledge.text import fold

LOOK_SECONDS: Final = 20.0
RECORDED: Final = 300  # of what people were answered: the latest, asked of both knowledges
PROBLEMS: Final = 5  # told of a folder that is not sound
QUESTIONS: Final = "evaluation.tsv"  # the questions that a knowledge folder brings along
LONGEST: Final = 1_000  # characters of what was not sound

logger = logging.getLogger(__name__)


class Unsound(Exception):
    """A draft must not go into the knowledge as it is; the message says why, to the staff."""


@dataclass(frozen=True, slots=True)
class Press:
    """Where drafts become entries. `evaluation`: questions whose answers must not suffer."""

    folder: Path
    cache: Path
    evaluation: Path | None = None

    def publish(self, draft: EntryDraft, answered: Sequence[str], now: datetime) -> None:
        """Put a draft into the folder, or find it there. Raises Unsound; then nothing changed."""
        try:
            self._publish(draft, answered, now)
        except KnowledgeError as error:
            lines = [str(problem) for problem in error.problems[:PROBLEMS]]
            raise Unsound("\n".join(lines)) from None
        except Unwritable as error:
            raise Unsound(f"máy không tự sửa được tệp: {error}") from None
        except (OSError, ValueError) as error:
            raise Unsound(f"không ghi được: {error}") from None

    def _publish(self, draft: EntryDraft, answered: Sequence[str], now: datetime) -> None:
        before = load(self.folder, today=now.date(), cache=self.cache)
        if _is_in(draft, before):
            return
        name, content = self._written(draft, before, now)
        with TemporaryDirectory(prefix="donghanh-") as scratch:
            copied = Path(shutil.copytree(self.folder, Path(scratch) / "knowledge"))
            entry_file.replace(copied / name, content)
            # Beside what the running bot has compiled: a draft must not drive that out.
            after = load(copied, today=now.date(), cache=self.cache / "check")
        if not _is_in(draft, after) or not _only(draft, before, after):
            raise Unsound("tệp sửa ra không đúng như bản nháp")
        worse = self._worse(Trial(before, after, draft.entry, now), answered)
        if worse:
            raise Unsound("\n".join(["câu hỏi bị trả lời kém đi:", *worse]))
        if fingerprint_of(self.folder) != before.fingerprint:
            raise Unsound("tri thức vừa được ai đó sửa; xin đăng lại")
        entry_file.replace(self.folder / name, content)

    def _written(self, draft: EntryDraft, before: Knowledge, now: datetime) -> tuple[str, str]:
        """The file's name within the folder, and what it is to hold."""
        if draft.kind == "variants":
            known = before.entries.get(draft.entry)
            if known is None:
                raise Unsound(f"không còn mục “{draft.entry}”")
            text = _text(self.folder / known.file)
            return known.file, entry_file.with_variants(text, known.id, _missing(draft, known))
        if draft.entry in before.entries:
            raise Unsound(f"đã có mục “{draft.entry}” với nội dung khác")
        name = entry_file.file_of(before, draft.topic)
        entry = drafting.entry_of(draft, before, now)
        return name, entry_file.with_entry(_text(self.folder / name), entry)

    def _worse(self, trial: Trial, answered: Sequence[str]) -> list[str]:
        if self.evaluation is not None:
            return worsening.by_sheet(trial, questions.read_questions(self.evaluation))
        return worsening.by_record(trial, answered)


class Publishing:
    """The one who publishes drafts in this process. Call `run` once."""

    def __init__(self, house: House, press: Press) -> None:
        self._house = house
        self._press = press

    async def run(self) -> None:
        """Look again and again, until cancelled. Raises StoreFailed; call it again then."""
        await self._house.every(LOOK_SECONDS, self.look)

    async def look(self) -> None:
        """Publish what is to be published, one after the other, and tell both people of each."""
        store = self._house.store
        for draft in await store.read(learning.to_publish):
            answered = await store.read(partial(learning.answered, most=RECORDED))
            problem = ""
            try:
                now = self._house.clock.now()
                await asyncio.to_thread(self._press.publish, draft, answered, now)
            except Unsound as unsound:
                problem = str(unsound)[:LONGEST]
            except Exception:
                logger.exception("draft %d could not be tried", draft.id)
                problem = "chương trình gặp lỗi; người quản trị xem nhật ký"
            logger.info("draft %d: %s", draft.id, "not sound" if problem else "published")
            await store.write(partial(self._settle, number=draft.id, problem=problem))
            self._house.wake()

    async def _settle(self, db: AsyncConnection, number: int, problem: str) -> None:
        now = self._house.clock.now()
        draft = await drafting.settle(db, number, problem, now)
        if draft is None:
            return
        house = self._house
        await draft_news.decided(db, draft, problem, house.knowledge(), house.render, now)


def _is_in(draft: EntryDraft, known: Knowledge) -> bool:
    """Whether the folder has what the draft says: it was written, whatever was kept of that."""
    entry = known.entries.get(draft.entry)
    if entry is None:
        return False
    if draft.kind == "variants":
        return not _missing(draft, entry)
    return (entry.question, entry.answer) == (draft.question, draft.answer.strip())


def _missing(draft: EntryDraft, entry: Entry) -> list[str]:
    has = {fold(text) for text in (entry.question, *entry.variants, *entry.keywords)}
    return [text for text in draft.variants if fold(text) not in has]


def _only(draft: EntryDraft, before: Knowledge, after: Knowledge) -> bool:
    """Whether nothing but the draft's own entry is another than before."""

    def others(knowledge: Knowledge) -> dict[str, tuple[object, ...]]:
        return {
            name: (each.question, each.variants, each.answer, each.citations, each.review_by)
            for name, each in knowledge.entries.items()
            if name != draft.entry
        }

    return others(before) == others(after)


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8") if path.exists() else ""
