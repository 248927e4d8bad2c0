"""Files of the terminal: kept for as long as their person is known."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bot.channels.console import LOCAL
from bot.store.database import Store
from bot.terminal_files import WithFiles, folder_of
from handlers.conversation import Conversation, Incoming
from handlers.effects import EraseMe
from tests.new_database import new_database
from tests.store.conftest import NOW, say


class Keeping:
    """See `bot.channels.Inbox`: keeps what it is told to."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def receive(self, incoming: Incoming) -> None:
        effects = [EraseMe()] if incoming.text == "xoá dữ liệu" else []
        await say(self.store, *effects, who=LOCAL, external_id=incoming.external_id)

    async def set_aside(self, channel: str, raw: str, problem: str) -> None:
        raise AssertionError(channel, raw, problem)

    async def reachable(self, conversation: Conversation, *, yes: bool, at: object) -> None:
        raise AssertionError(conversation, yes, at)


async def test_a_file_stays_until_its_person_is_erased(tmp_path: Path) -> None:
    store = await Store.open(new_database(tmp_path / "donghanh.db"))
    inbox = WithFiles(Keeping(store), store, partial(folder_of, tmp_path))
    file = folder_of(tmp_path, LOCAL) / "danh-muc-ho-so.docx"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"...")

    await inbox.receive(Incoming(LOCAL, "1", NOW, text="in danh mục"))
    assert file.exists()
    await inbox.receive(Incoming(LOCAL, "2", NOW, text="xoá dữ liệu"))
    assert not file.parent.exists()
    await store.close()
