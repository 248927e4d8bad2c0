"""What the staff wrote speaks only when it is checked, and then for good; else nothing changes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot import entry_file
from bot.operations import drafting
from bot.operations.drafting import OFFICE, State, Written, digest
from bot.operations.rights import Actor, Role
from bot.publishing import Press, Publishing
from bot.store.database import Store
from bot.store.errors import StoreFailed
from bot.store.learning import EntryDraft
from knowledge import load
from knowledge.entries import Knowledge
from knowledge.loading import fingerprint_of
from tests.knowledge.folders import small, swap, write
from tests.new_database import new_database
from tests.staff_chat.office import Office

TODAY = date(2026, 11, 20)
WRITTEN = Written(
    topic="cost",
    label="Mượn phòng họp",
    question="có được mượn phòng họp của Sở không",
    answer="Sở cho mượn phòng họp khi còn trống.",
    variants=("phòng họp của Sở có cho mượn không",),
    source=OFFICE,
)
HOA, DUNG = Actor(1, "telegram"), Actor(2, "telegram")


class Killed(BaseException):
    """The process ended here."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = small()
    files["sources.yaml"] += """\
  - id: tro-ly
    kind: office
    short: Sở
    title: Trả lời của Sở
    checked_on: 2026-11-20
"""
    files["faq/cost.yaml"] = "# ghi chú của người soạn\n" + files["faq/cost.yaml"]
    return write(tmp_path / "tri-thuc", files)


@pytest.fixture
def knowledge(folder: Path, tmp_path: Path) -> Knowledge:
    return load(folder, today=TODAY, cache=tmp_path / "cache" / "check")


@pytest.fixture
async def office(tmp_path: Path, knowledge: Knowledge) -> AsyncIterator[Office]:
    """An office with an officer, Hoa, and an approver, Dũng."""
    store = await Store.open(new_database(tmp_path / "donghanh.db"))
    office = Office(store, knowledge)
    await office.employs("Hoa", Role.OFFICER)
    await office.employs("Dũng", Role.APPROVER)
    yield office
    await store.close()


@pytest.fixture
def press(folder: Path, tmp_path: Path) -> Press:
    return Press(folder, tmp_path / "cache")


async def to_publish(office: Office, new: Written = WRITTEN) -> int:
    """Hoa's draft of a new entry, which Dũng has decided to publish."""
    now, knowledge = office.clock.at, office.house.knowledge()
    number = await office.store.write(lambda db: drafting.draft_entry(db, new, knowledge, HOA, now))
    return await decided(office, number)


async def more_variants(office: Office, *words: str) -> int:
    now, entry = office.clock.at, office.house.knowledge().entries["cost.fee"]
    number = await office.store.write(
        lambda db: drafting.draft_variants(db, entry, words, HOA, now)
    )
    return await decided(office, number)


async def decided(office: Office, number: int) -> int:
    now, seen = office.clock.at, digest(await draft(office, number))
    await office.store.write(lambda db: drafting.publish(db, number, seen, DUNG, now))
    return number


async def draft(office: Office, number: int) -> EntryDraft:
    return await office.store.read(lambda db: drafting.get(db, number, HOA))


async def look(office: Office, press: Press) -> str:
    """Let the runner look once; what the staff is told of it."""
    office.said.clear()
    await Publishing(office.house, press).look()
    return "\n".join(reply.text for reply in office.said)


def newest(folder: Path, tmp_path: Path) -> Knowledge:
    return load(folder, today=TODAY, cache=tmp_path / "cache" / "check")


async def test_a_published_entry_is_in_its_file_and_both_people_hear_of_it(
    office: Office, press: Press, folder: Path, tmp_path: Path
) -> None:
    before = (folder / "faq" / "cost.yaml").read_text("utf-8")
    number = await to_publish(office)
    told = await look(office, press)

    after = (folder / "faq" / "cost.yaml").read_text("utf-8")
    entry = newest(folder, tmp_path).entries["cost.muon_phong_hop"]
    assert after.startswith(before)
    assert (entry.answer, entry.variants) == (WRITTEN.answer, WRITTEN.variants)
    assert told.count("Đã đăng “Mượn phòng họp”") == 2
    assert (await draft(office, number)).state == State.PUBLISHED
    assert await look(office, press) == ""


async def test_new_variants_are_new_lines_and_nothing_else(
    office: Office, press: Press, folder: Path
) -> None:
    path = folder / "faq" / "cost.yaml"
    before = path.read_text("utf-8")
    await more_variants(office, "đi dự giải tốn bao nhiêu tiền", "Lệ phí dự giải là bao nhiêu?")
    await look(office, press)

    line = "      - lệ phí dự giải là bao nhiêu\n"
    more = f"{line}      - đi dự giải tốn bao nhiêu tiền\n"
    assert path.read_text("utf-8") == before.replace(line, more)


async def test_what_is_not_sound_changes_no_file_and_is_a_draft_again(
    office: Office, press: Press, folder: Path
) -> None:
    was = fingerprint_of(folder)
    number = await to_publish(office, replace(WRITTEN, source="nd37-2026", article="Điều 99"))
    told = await look(office, press)

    found = await draft(office, number)
    assert fingerprint_of(folder) == was
    assert found.state == State.DRAFT
    assert "Điều 99" in found.note
    assert told.count("Chưa đăng được") == 2


async def test_an_entry_that_takes_what_people_were_answered_is_refused(
    office: Office, press: Press, folder: Path, tmp_path: Path
) -> None:
    was = fingerprint_of(folder)
    sheet = tmp_path / "cau-hoi.tsv"
    sheet.write_text("entry\tquestion\ncost.fee\tlệ phí dự giải bao nhiêu\n", "utf-8")
    taker = replace(WRITTEN, question="lệ phí dự giải bao nhiêu", variants=())
    number = await to_publish(office, taker)
    told = await look(office, replace(press, evaluation=sheet))

    assert fingerprint_of(folder) == was
    assert (await draft(office, number)).state == State.DRAFT
    assert "“lệ phí dự giải bao nhiêu”: trả lời đúng → trả lời sai" in told


async def test_a_file_changed_meanwhile_is_not_overwritten(
    office: Office, press: Press, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "faq" / "cost.yaml"
    number = await to_publish(office)
    worse = Press._worse  # the last thing before the file is replaced

    def meanwhile(self: Press, *args: object) -> list[str]:
        path.write_text(path.read_text("utf-8") + "# thêm tay\n", "utf-8")
        return worse(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Press, "_worse", meanwhile)
    await look(office, press)

    assert path.read_text("utf-8").endswith("# thêm tay\n")
    assert (await draft(office, number)).state == State.DRAFT


async def test_a_kill_between_the_file_and_the_row_is_found_out(
    office: Office, press: Press, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await to_publish(office)

    async def ended(*_args: object, **_more: object) -> None:
        raise StoreFailed("the process ended")

    with monkeypatch.context() as patched:
        patched.setattr(Publishing, "_settle", ended)
        with pytest.raises(StoreFailed):
            await Publishing(office.house, press).look()
    written = fingerprint_of(folder)
    assert (await draft(office, number)).state == State.PUBLISHING

    told = await look(office, press)
    assert fingerprint_of(folder) == written
    assert (await draft(office, number)).state == State.PUBLISHED
    assert told.count("Đã đăng") == 2


async def test_a_kill_before_the_file_leaves_the_old_one_whole(
    office: Office, press: Press, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = fingerprint_of(folder)
    number = await to_publish(office)
    replace_file = entry_file.replace

    def killed(path: Path, content: str) -> None:
        if path.is_relative_to(folder):
            raise Killed
        replace_file(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(entry_file, "replace", killed)
        with pytest.raises(Killed):
            await Publishing(office.house, press).look()
    assert fingerprint_of(folder) == was

    await look(office, press)
    assert (await draft(office, number)).state == State.PUBLISHED


async def test_a_folder_that_cannot_be_written_is_told_as_such(
    office: Office, press: Press, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_file = entry_file.replace

    def refuse(path: Path, content: str) -> None:
        if path.is_relative_to(folder):
            raise PermissionError(13, "Permission denied")
        replace_file(path, content)

    monkeypatch.setattr(entry_file, "replace", refuse)
    await to_publish(office)

    assert "không ghi được" in await look(office, press)


async def test_an_entry_of_the_same_name_that_somebody_else_wrote_stays(
    office: Office, press: Press, folder: Path
) -> None:
    number = await to_publish(office)
    files = {"faq/cost.yaml": (folder / "faq" / "cost.yaml").read_text("utf-8")}
    swap(files, "faq/cost.yaml", "id: cost.fee_before", "id: cost.muon_phong_hop")
    write(folder, files)
    was = fingerprint_of(folder)
    told = await look(office, press)

    assert fingerprint_of(folder) == was
    assert "đã có mục" in told
    assert (await draft(office, number)).state == State.DRAFT


async def test_while_a_draft_is_checked_people_are_answered(
    office: Office, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = threading.Event()
    publish = Press.publish

    def slowly(self: Press, *args: object) -> None:
        checked.wait()
        publish(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Press, "publish", slowly)
    number = await to_publish(office)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(Publishing(office.house, press).look())
        await asyncio.sleep(0)
        assert await office.types("Lan", "/menu")
        assert (await draft(office, number)).state == State.PUBLISHING
        checked.set()

    assert (await draft(office, number)).state == State.PUBLISHED
