"""The state folder: made, checked and written so that no interruption leaves it half-written."""

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twinbench.engines.protocol import EngineError
from twinbench.paths import StatePaths

_FORMAT = 1


def open_state(paths: StatePaths) -> None:
    """Makes the folder if need be; refuses one that is damaged or of another format."""
    try:
        paths.root.mkdir(parents=True, exist_ok=True)
        for private in (paths.secrets, paths.logs, paths.stamps, paths.volumes, paths.scratch):
            private.mkdir(exist_ok=True)
        paths.secrets.chmod(0o700)
        paths.sockets.mkdir(mode=0o700, exist_ok=True)
        _require_own(paths.sockets)
        if not paths.marker.exists():
            write_json(paths.marker, {"format": _FORMAT})
        elif not os.access(paths.root, os.W_OK):
            raise PermissionError(13, "Permission denied", str(paths.root))
    except OSError as error:
        raise unwritable(paths.root, error) from error
    marker = read_json(paths.marker)
    if marker.get("format") != _FORMAT:
        raise EngineError(
            f"the state folder {paths.root} was made by another version of Twinbench; "
            "move it away, or point TWINBENCH_STATE at another folder"
        )


def _require_own(folder: Path) -> None:
    """A folder in a shared temporary place may have been planted by someone else."""
    if folder.stat().st_uid != os.getuid():
        raise EngineError(f"{folder} belongs to another user; remove it or set TMPDIR")


def unwritable(folder: Path, error: OSError) -> EngineError:
    """The one line for a folder that cannot be written to."""
    reason = error.strerror or type(error).__name__
    return EngineError(
        f"cannot write to the state folder {folder}: {reason}; "
        "free it, or point TWINBENCH_STATE at a folder that is yours"
    )


def write_json(file: Path, content: Mapping[str, Any], *, durable: bool = True) -> None:
    write_atomically(file, json.dumps(content, indent=1).encode() + b"\n", durable=durable)


def write_atomically(
    file: Path, content: bytes, *, mode: int = 0o644, durable: bool = True
) -> None:
    """The file holds either all of the new content or what it held before.

    Not durable: that need not hold after a crash of the machine.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            if durable:
                os.fsync(stream.fileno())
        draft.replace(file)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def read_json(file: Path) -> dict[str, Any]:
    """The content of a file of ours; `{}` when there is none."""
    try:
        content = json.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise damaged(file) from error
    if not isinstance(content, dict):
        raise damaged(file)
    return content


def damaged(file: Path) -> EngineError:
    return EngineError(
        f"the state folder is damaged: {file} cannot be read; move the folder away "
        "(`up` then makes a new one) or restore that file"
    )


def is_locked(paths: StatePaths) -> bool:
    """Whether a supervisor or a guard is still there; makes nothing."""
    try:
        descriptor = os.open(paths.lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return is_held(descriptor)
    finally:
        os.close(descriptor)


def open_lock(paths: StatePaths) -> int:
    """A descriptor of the lock, which still tells whether it is held when the folder is gone."""
    return os.open(paths.lock, os.O_RDWR | os.O_CREAT, 0o644)


def is_held(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False


class StateLock:
    """Held by the supervisor, and by its guard until nothing of it is left running."""

    def __init__(self, paths: StatePaths) -> None:
        self._paths = paths
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Whether it was free."""
        descriptor = open_lock(self._paths)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
