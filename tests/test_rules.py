"""The rules of the house that a machine can hold (docs/architecture.md), each with its reason."""

from __future__ import annotations

import ast
import pkgutil
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest

from bot import staff_chat
from bot.operations.refusals import Why
from bot.staff_chat import desk
from bot.store.effects import KEEPERS
from handlers import COMMANDS, IN_FORM, menu
from handlers.conversation import Session
from handlers.drafts import CONSENT, DIALOG, SUMMARY, Draft
from handlers.effects import Effect
from knowledge.entries import Knowledge
from tests.handlers.memory import Talk

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "handlers", "knowledge")
MAY_IMPORT = {
    "knowledge": {"knowledge"},
    "handlers": {"handlers", "knowledge"},
    "bot": {"bot", "handlers", "knowledge"},
}
MODULE_LINES, FUNCTION_LINES = 350, 50

# Where a library is imported, and nowhere else: to replace it is to change its home.
HOMES = {
    "aiohttp": ["bot/channels/telegram/transport.py"],
    "aiosqlite": ["bot/store/driver.py"],
    "alembic": ["bot/store/"],
    "docx": ["bot/documents.py"],
    "dotenv": ["bot/settings.py"],
    "email_validator": ["handlers/fields.py"],
    "filelock": ["bot/store/lock.py"],
    "holidays": ["knowledge/workdays.py"],
    "matplotlib": ["bot/pictures.py"],
    "numpy": ["knowledge/"],
    "openpyxl": ["bot/lead_sheet.py"],
    "phonenumbers": ["handlers/fields.py"],
    "pydantic": ["bot/settings.py"],
    "pydantic_core": ["bot/settings.py"],
    "pydantic_settings": ["bot/settings.py"],
    "rapidfuzz": ["bot/store/lead_names.py", "knowledge/features.py", "knowledge/repair.py"],
    "rich": [
        "bot/broadcast_report.py",
        "bot/channels/console.py",
        "bot/lead_list.py",
        "bot/terminal.py",
    ],
    "ruamel": ["bot/entry_file.py"],
    # Outside the store they name the type of a connection; they run no statement.
    "sqlalchemy": [
        "bot/store/",
        "bot/operations/",
        "bot/acts.py",
        "bot/delivery.py",
        "bot/digest.py",
        "bot/engine.py",
        "bot/lead_tables.py",
        "bot/publishing.py",
        "bot/staff_chat/",
        "bot/watching.py",
    ],
    "starlette": ["bot/web/"],
    "stdnum": ["handlers/fields.py"],
    "structlog": ["bot/engine.py", "bot/logs.py"],
    "telegram": ["bot/channels/telegram/", "bot/checkup.py"],
    "typer": [
        "bot/cli",
        "bot/broadcast_report.py",
        "bot/desk.py",
        "bot/failures.py",
        "bot/terminal.py",
    ],
    "uvicorn": ["bot/web/"],
    "xlsxwriter": ["bot/lead_book.py"],
    "yaml": ["knowledge/parsing.py"],
}

MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    """The top-level names of what a module imports, wherever in it."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_imports_point_from_how_it_runs_to_what_it_knows() -> None:
    wrong = [
        f"{name_of(path)} imports {other}"
        for path in MODULES
        for other in imported(path)
        if other in PACKAGES and other not in MAY_IMPORT[path.relative_to(ROOT).parts[0]]
    ]
    assert wrong == []


def test_each_library_is_imported_only_at_home() -> None:
    wrong = [
        f"{name_of(path)} imports {library}"
        for path in MODULES
        for library in imported(path)
        if library not in sys.stdlib_module_names
        and library not in PACKAGES
        and not any(name_of(path).startswith(home) for home in HOMES.get(library, ()))
    ]
    assert wrong == []


def test_every_home_has_somebody_in_it() -> None:
    at_home = {
        (library, home)
        for path in MODULES
        for library in set(imported(path)) & set(HOMES)
        for home in HOMES[library]
        if name_of(path).startswith(home)
    }
    assert at_home == {(library, home) for library, homes in HOMES.items() for home in homes}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_and_functions_stay_small_enough_to_be_read(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    ]
    assert lines <= MODULE_LINES
    assert long == []


def keys_in_code() -> tuple[set[str], list[re.Pattern[str]]]:
    """Every text in the code that has the shape of a phrase's key, and every f-string of it."""
    whole, built = set(), []
    for path in MODULES:
        if name_of(path).startswith("knowledge/data"):
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[a-z_]+"
                    for part in node.values
                    if isinstance(part, ast.Constant | ast.FormattedValue)
                ]
                pattern = "".join(parts)
                if re.match(r"[a-z]+\\\.", pattern):
                    built.append(re.compile(pattern))
    return whole, built


def test_every_phrase_that_the_code_names_exists(shipped: Knowledge) -> None:
    """Where a call says a phrase by its name. `knowledge.contract` holds the blanks to it."""
    said = {
        argument.value
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) in {"say", "Bad"}
        for argument in node.args[:1]
        if isinstance(argument, ast.Constant)
    }
    assert said - shipped.phrases.keys() == set()


def test_every_phrase_is_said_somewhere(shipped: Knowledge) -> None:
    whole, built = keys_in_code()
    unsaid = {
        key
        for key in shipped.phrases.keys() - whole
        if not any(pattern.fullmatch(key) for pattern in built)
    }
    assert unsaid == set()


def test_every_command_has_a_handler(shipped: Knowledge) -> None:
    decided = {name for name, command in shipped.commands.items() if not command.form}
    assert decided == COMMANDS.keys()
    assert IN_FORM.keys() <= COMMANDS.keys()


async def test_every_command_is_in_the_help_and_in_the_readme(shipped: Knowledge) -> None:
    talk = Talk(shipped)
    await talk.type("/help")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    for command in shipped.commands.values():
        assert f"/{command.slash} " in talk.said
        assert f"/{command.slash}" in readme


def test_what_a_platform_lists_as_commands_is_short_enough_for_it(shipped: Knowledge) -> None:
    listed = menu.menu_commands(shipped)

    assert 1 <= len(listed) <= 100
    for slash, vi, en in listed:
        assert re.fullmatch(r"[a-z0-9_]{1,32}", slash)
        assert 3 <= len(vi) <= 256
        assert 3 <= len(en) <= 256


def test_every_effect_is_kept() -> None:
    assert set(get_args(Effect)) == set(KEEPERS)


async def test_every_step_that_a_session_may_hold_can_be_asked_again(shipped: Knowledge) -> None:
    for form in shipped.forms.values():
        values = {field.id: "" for field in form.fields}
        for step in (CONSENT, SUMMARY, *values):
            talk = Talk(shipped)
            data = {"form": form.id, "values": values}
            talk.session = Session(dialog=DIALOG, step=step, data=data)
            await talk.show_picture()
            pages = {SUMMARY} if form.concludes else {CONSENT, SUMMARY}
            asked = {field.id for field in Draft(form, values).asked()} | pages

            assert talk.session.step == (step if step in asked else SUMMARY)
            assert talk.offered


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("no repository to ask which files are ours")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if (ROOT / name).is_file()]


def test_no_file_knows_the_machine_or_the_registry_it_was_made_with() -> None:
    """A clone must build anywhere, and a lock must not send people to somebody's mirror."""
    here = re.compile(
        r"(?<![\w.<])/(?:work|root|home|Users)/\w"
        r"|https?://\S*(?:pypi|pythonhosted|artifactory|nexus|devpi)"
        r"|^--(?:extra-)?index-url",
        re.MULTILINE,
    )
    wrong = [
        f"{name_of(path)}: {found[0]}"
        for path in tracked()
        if (found := here.search(path.read_bytes().decode("utf-8", "replace")))
    ]
    assert wrong == []


def test_nothing_is_mocked() -> None:
    """A mock agrees with every mistake; a double with the real signature does not."""
    mock = re.compile(r"(?:import|from)\s+(?:unittest\.)?mock\b|from unittest import .*\bmock\b")
    wrong = [
        name_of(path)
        for path in tracked()
        if path.suffix == ".py" and mock.search(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_every_command_of_the_staff_has_a_handler_and_a_right(shipped: Knowledge) -> None:
    assert shipped.staff_commands.keys() == staff_chat.COMMANDS.keys() == desk.NEEDS.keys()


def test_no_two_areas_of_the_staffs_desk_claim_a_verb_or_a_step() -> None:
    """Of two claims the merged table would keep the later without a word."""
    modules = pkgutil.iter_modules(staff_chat.__path__, f"{staff_chat.__name__}.")
    areas = [import_module(module.name) for module in modules]

    def claims(*tables: str) -> Counter[str]:
        return Counter(
            name for area in areas for table in tables for name in getattr(area, table, ())
        )

    assert claims("COMMANDS") == Counter(staff_chat.COMMANDS.keys())
    assert claims("COMMANDS", "ACTIONS") == Counter(staff_chat.ACTIONS.keys())
    assert claims("TYPED") == Counter(staff_chat.TYPED.keys())


def test_every_refusal_has_words_for_chat(shipped: Knowledge) -> None:
    assert {f"staff.refused.{why}" for why in Why} <= shipped.phrases.keys()
