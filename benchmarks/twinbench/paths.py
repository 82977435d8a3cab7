"""Where things are: the checkout, and the state folder that everything made at run time goes to."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
TOPOLOGY_FILE = CHECKOUT / "docker-compose.yml"

# A unix socket's address holds 108 bytes with its closing NUL; the longest name we append is 32.
_LONGEST_SOCKET_FOLDER = 107 - 32


def state_folder() -> Path:
    """`.twinbench/` in the checkout, or where TWINBENCH_STATE points."""
    return Path(os.environ.get("TWINBENCH_STATE") or CHECKOUT / ".twinbench").absolute()


@dataclass(frozen=True, slots=True)
class StatePaths:
    """The layout of one state folder."""

    root: Path

    @property
    def marker(self) -> Path:
        return self.root / "state.json"

    @property
    def lock(self) -> Path:
        return self.root / "supervisor.lock"

    @property
    def processes(self) -> Path:
        return self.root / "processes.json"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def supervisor_log(self) -> Path:
        return self.logs / "supervisor.log"

    @property
    def stamps(self) -> Path:
        return self.root / "stamps"

    @property
    def compose(self) -> Path:
        """What the compose engine knows; the data themselves are in Docker's volumes."""
        return self.root / "compose"

    @property
    def volumes(self) -> Path:
        return self.root / "volumes"

    @property
    def scratch(self) -> Path:
        """Private temporary folders of replicas; emptied before each start."""
        return self.root / "tmp"

    @property
    def releases(self) -> Path:
        """Code that components run in place of the checkout's."""
        return self.root / "releases"

    @property
    def directory(self) -> Path:
        """Where components are now: what Docker's DNS is to containers."""
        return self.root / "directory"

    @property
    def identity(self) -> str:
        """A short name for this folder, to tell what belongs to it elsewhere on the machine."""
        return hashlib.sha256(os.fsencode(self.root.resolve())).hexdigest()[:12]

    @property
    def sockets(self) -> Path:
        """In the state folder, or in a short private folder where the path would be too long."""
        own = self.root / "run"
        if len(os.fsencode(own)) <= _LONGEST_SOCKET_FOLDER:
            return own
        return Path(tempfile.gettempdir()) / f"twinbench-{os.getuid()}-{self.identity}"

    @property
    def control_socket(self) -> Path:
        return self.sockets / "control.sock"
