"""Copies of both builds' code, for tests that break something in them."""

import shutil
from pathlib import Path

from twinbench.paths import CHECKOUT

_LEFT_OUT = shutil.ignore_patterns(".venv", ".*_cache", "__pycache__", "tests", "*.lock")


def copied(folder: Path, *parts: str) -> Path:
    """Those parts of the checkout, and its topology."""
    folder.mkdir(parents=True)
    for part in parts:
        shutil.copytree(CHECKOUT / part, folder / part, ignore=_LEFT_OUT)
    shutil.copy(CHECKOUT / "docker-compose.yml", folder)
    return folder


def append(file: Path, text: str) -> None:
    assert file.exists()
    with file.open("a") as stream:
        stream.write(f"\n{text}\n")
