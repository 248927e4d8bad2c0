"""Files that people sent, as the bot may fetch them: first their path, then their bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.telegram_server.errors import bad_request

if TYPE_CHECKING:
    from tests.telegram_server.call import Call, Upload
    from tests.telegram_server.world import World

Json = dict[str, Any]

LARGEST_DOWNLOAD = 20 * 1024 * 1024
_FOLDER = "documents/"


def get_file(world: World, call: Call) -> Json:
    file_id = call.text("file_id")
    if not file_id:
        raise bad_request("file_id not specified")
    file = world.files.get(file_id)
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.content) > LARGEST_DOWNLOAD:
        raise bad_request("file is too big")
    return {
        "file_id": file_id,
        "file_unique_id": f"u{file_id}",
        "file_size": len(file.content),
        "file_path": _FOLDER + file_id,
    }


def fetched(world: World, path: str) -> Upload | None:
    """The file at a path that `get_file` gave."""
    return world.files.get(path.removeprefix(_FOLDER)) if path.startswith(_FOLDER) else None
