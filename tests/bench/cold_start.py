"""How long somebody waits who types `donghanh ask` and Enter."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.figures import Seconds
from tests.shipped import CACHE, shipped

ROOT = Path(__file__).parents[2]
QUESTION = "dieu kien tham du giai thuong"


def ask(data_folder: Path) -> float:
    """Ask once in a new process; seconds from its start to its end."""
    environment = os.environ | {
        "DONGHANH_DATA_FOLDER": str(data_folder),
        "PYTHONPATH": str(ROOT),
    }
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "bot", "ask", QUESTION],
        env=environment, check=True, cwd=data_folder, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - began


def warm(times: int) -> Seconds:
    """With the knowledge compiled: every start but the first after a change of the YAML."""
    shipped()
    with tempfile.TemporaryDirectory() as made:
        (Path(made) / "cache").symlink_to(CACHE)
        ask(Path(made))  # the operating system has read the files now
        return Seconds("cold start of `ask`", [ask(Path(made)) for _ in range(times)])


def cold(times: int) -> Seconds:
    """With everything still to be compiled."""
    values = []
    for _ in range(times):
        made = Path(tempfile.mkdtemp())
        values.append(ask(made))
        shutil.rmtree(made)
    return Seconds("cold start of `ask`, nothing compiled yet", values)


def main(times: int = 20) -> None:
    print(warm(times))
    print(cold(1))
