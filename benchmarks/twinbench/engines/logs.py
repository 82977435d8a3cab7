"""Log files of components."""

from pathlib import Path

_TAIL_LINES = 15


def tail_of(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
    except FileNotFoundError:
        lines = []
    return f"; the end of {log}:\n" + "\n".join(f"    {line}" for line in lines)
