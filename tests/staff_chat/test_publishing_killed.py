"""A publication whose process is really killed: the file and the row agree when the next one ran.

The bot of these tests is another process, which stops of itself at the moment that is tried and
waits there to be killed.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from bot.operations.drafting import State
from bot.publishing import Press
from bot.store.database import Store
from knowledge.loading import fingerprint_of
from tests.staff_chat.office import Office
from tests.staff_chat.test_publishing import (  # noqa: F401 - its fixtures
    draft,
    folder,
    knowledge,
    look,
    office,
    press,
    to_publish,
)

# Arguments: the database, the knowledge, the cache, and where to wait for the kill.
PUBLISHES = """
import asyncio, sys
from datetime import date
from pathlib import Path
from bot.publishing import Press, Publishing
from bot.store.database import Store
from knowledge import load
from tests.staff_chat.office import Office

database, folder, cache = map(Path, sys.argv[1:4])
where = sys.argv[4]

def wait_for_the_kill():
    print("here", flush=True)
    sys.stdin.read()

class Halting(Publishing):
    async def _settle(self, db, number, problem):
        if where == "row":
            wait_for_the_kill()
        await super()._settle(db, number, problem)
        if where == "commit":
            wait_for_the_kill()

async def main():
    store = await Store.open(database)
    known = load(folder, today=date(2026, 11, 20), cache=cache / "check")
    await Halting(Office(store, known).house, Press(folder, cache)).look()

asyncio.run(main())
"""


@pytest.mark.parametrize("where", ["row", "commit"])
async def test_after_a_kill_the_next_look_ends_what_was_begun(
    office: Office,  # noqa: F811 - the fixture
    press: Press,  # noqa: F811 - the fixture
    tmp_path: Path,
    where: str,
) -> None:
    """Killed between the file and the row, and with the row written but not committed."""
    number, known = await to_publish(office), office.house.knowledge()
    await office.store.close()
    database = tmp_path / "donghanh.db"
    paths = (str(database), str(press.folder), str(press.cache))
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PUBLISHES, *paths, where),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    lines = [await child.stdout.readline()]
    while lines[-1] not in {b"here\n", b""}:
        lines.append(await child.stdout.readline())
    child.kill()
    await child.communicate()
    assert (lines[-1], child.returncode) == (b"here\n", -signal.SIGKILL)

    again = Office(await Store.open(database), known)
    try:
        assert (await draft(again, number)).state == State.PUBLISHING
        written = fingerprint_of(press.folder)
        assert written != known.fingerprint
        assert (await look(again, press)).count("Đã đăng") == 2
        assert (await draft(again, number)).state == State.PUBLISHED
        assert fingerprint_of(press.folder) == written
        assert await look(again, press) == ""
    finally:
        await again.store.close()
