"""Free ports on 127.0.0.1."""

import random
import socket
import weakref
from itertools import chain
from pathlib import Path

from twinbench.engines.protocol import EngineError

_LOOPBACK = "127.0.0.1"
# Below the range from which the kernel takes ports of outgoing connections (32768 and up), so that
# a port found free here is not lost to a client before its server binds it.
_RANGE = range(20_000, 32_000)


class Ports:
    """Hands out ports, each once, and keeps them for as long as it lives."""

    def __init__(self) -> None:
        self._held: list[socket.socket] = []
        self._random = random.SystemRandom()
        weakref.finalize(self, _close, self._held)

    def free(self) -> int:
        """Stacks may start side by side: what one has been given, the other finds taken."""
        begin = self._random.randrange(len(_RANGE))
        for port in chain(_RANGE[begin:], _RANGE[:begin]):
            holder = hold(port)
            if holder is not None:
                self._held.append(holder)
                return port
        raise EngineError(f"no free port on {_LOOPBACK} in {_RANGE.start}-{_RANGE.stop - 1}")

    def published(self, port: int, component: str) -> int:
        """As `fixed`, for a gateway, which starts last of all: until then, and while it is started
        anew, nobody else's server gets its port and answers in its place."""
        found = self.fixed(port, component)
        if port and (holder := hold_for_sharer(port)):
            self._held.append(holder)
        return found

    def fixed(self, port: int, component: str) -> int:
        """The port asked for (0: any free one), or an error that says who may hold it."""
        if port == 0:
            return self.free()
        if not is_free(port):
            raise EngineError(
                f"port {port} of {component} is taken{_held_by(port)}; stop that, or move ours "
                f"with {component.removesuffix('-gateway').upper()}_PORT=<port> (0: any free one)"
            )
        return port


def hold_for_sharer(port: int) -> socket.socket | None:
    """Likewise, but for a server that lets others share its port (SO_REUSEPORT), as Caddy does.

    Keeps out all others, those too that may reuse an address.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        holder.bind((_LOOPBACK, port))
    except OSError:
        holder.close()
        return None
    return holder


def hold(port: int) -> socket.socket | None:
    """Bound but not listening, which keeps out all but a server that may reuse an address.

    Ours may. Between being found free and being bound by its server a port is thus nobody else's.
    """
    holder = socket.socket()
    try:
        holder.bind((_LOOPBACK, port))
    except OSError:
        holder.close()
        return None
    # Only now: whoever asks as we have just done is to be refused.
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return holder


def _close(holders: list[socket.socket]) -> None:
    for holder in holders:
        holder.close()


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do, so that connections in TIME_WAIT do not count as a holder.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def _held_by(port: int) -> str:
    pid = _listener(port)
    if pid is None:
        return " by another program (of another user, or a stack that is still starting)"
    command = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
    return f" by process {pid} ({command.strip()[:80]})"


def _listener(port: int) -> int | None:
    inodes = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and int(fields[1].split(":")[1], 16) == port:
            inodes.add(f"socket:[{fields[9]}]")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            links = {str(entry.readlink()) for entry in (process / "fd").iterdir()}
        except OSError:
            continue
        if links & inodes:
            return int(process.name)
    return None
