"""What the code needs of a knowledge folder by name, and how much the narrowest channel bears.

The shipped folder is the measure: it passes the tests beside the code that speaks its phrases. A
folder that lacks one of them is not loaded, so no chat ever meets a missing phrase.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge import parsing

MAX_SPOKEN = 2000  # characters of one message (Zalo)
MAX_LABEL = 32  # characters that a button shows on a narrow phone
MAX_ACTION_BYTES = 64  # what a button carries (Telegram's callback_data)

STAFF_PHRASES, STAFF = "staff_phrases.yaml", "staff."  # its keys begin so, and no others do
PHRASES = ("phrases.yaml", STAFF_PHRASES)
COMMANDS = ("commands.yaml", "staff_commands.yaml")
GROUPS = ("award", "support", "contact")
FORMS = ("register", "self_check")
CONCLUSIONS = ("router", "self_assessment", "self_check")  # the forms whose conclusion is in code
BLANK = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Needed:
    """Phrases with the blanks that the code fills in each, and the commands that it decides.

    Both by file: what the staff says and hears stands in files of its own.
    """

    phrases: Mapping[str, Mapping[str, frozenset[str]]]
    commands: Mapping[str, frozenset[str]]


def needed_as_in(shipped: Path) -> Needed:
    """What the folder *shipped* has, of which no other folder may lack a thing."""
    return Needed(
        {name: _phrases(shipped / name) for name in PHRASES},
        {name: _commands(shipped / name) for name in COMMANDS},
    )


def _phrases(path: Path) -> Mapping[str, frozenset[str]]:
    return {key: frozenset(BLANK.findall(node[1])) for key, (_, node) in _root(path).items()}


def _commands(path: Path) -> frozenset[str]:
    listed = _root(path).get("commands", (0, (0, ())))[1][1]
    return frozenset(each[1]["id"][1][1] for each in listed if "form" not in each[1])


def _root(path: Path) -> dict[str, tuple[int, parsing.Node]]:
    tree, _ = parsing.parse(path.read_bytes())
    return tree[1] if tree else {}
