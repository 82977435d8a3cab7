"""The parent of the supervisor: whatever ends that one, nothing of it stays behind.

Kept small, and free of what the supervisor imports, as it lives as long as the arms are up.
Usage: `python -m twinbench.engines.guard STATE_FOLDER TOPOLOGY_FILE`
"""

import os
import signal
import sys
from pathlib import Path

from twinbench.engines import leftovers
from twinbench.engines.kinship import adopt_orphans, die_with_parent
from twinbench.engines.state import StateLock
from twinbench.paths import StatePaths

ALREADY_RUNNING = 3


def main() -> int:
    paths, topology_file = StatePaths(Path(sys.argv[1])), Path(sys.argv[2])
    lock = StateLock(paths)
    if not lock.acquire():
        return ALREADY_RUNNING
    if os.fork() != 0:
        # Whoever started us need not be a parent for as long as the arms are up.
        return 0
    leftovers.end_recorded(paths)
    adopt_orphans()
    guard = os.getpid()
    supervisor = os.fork()
    if supervisor == 0:
        die_with_parent(signal.SIGTERM)
        if os.getppid() != guard:
            return 1
        from twinbench.engines.supervisor import main as supervise  # noqa: PLC0415 -- see above

        supervise(paths, topology_file)
        return 0
    # The supervisor takes everything down when asked; we only stay to see it end.
    signal.signal(signal.SIGTERM, lambda *_: os.kill(supervisor, signal.SIGTERM))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    status = _wait_for(supervisor)
    leftovers.end_descendants()
    leftovers.forget(paths)
    return os.waitstatus_to_exitcode(status) and 1


def _wait_for(supervisor: int) -> int:
    """Orphans that come to us meanwhile are reaped too."""
    while True:
        pid, status = os.wait()
        if pid == supervisor:
            return status


if __name__ == "__main__":
    sys.exit(main())
