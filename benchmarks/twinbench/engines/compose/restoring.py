"""Putting an arm's data back to the seeded snapshot while its containers go on running.

As `engines/restoring.py` does it for processes: apps stand still (paused) while databases are
copied anew and caches emptied; those that serve are then asked until their pools have found out
their dead connections; of the others, those that hold one are started anew.
"""

import asyncio
import time
from pathlib import Path

from twinbench.engines.access import restore_snapshot
from twinbench.engines.compose import operations
from twinbench.engines.compose.ascent import identity_of
from twinbench.engines.compose.containers import Container, look
from twinbench.engines.compose.daemon import refusals
from twinbench.engines.compose.fleet import POSTGRES_PORT, VALKEY_PORT, Fleet, reachable
from twinbench.engines.protocol import EngineError
from twinbench.engines.readiness import empty_valkey
from twinbench.engines.restoring import RECOVERY_SECONDS, until_it_answers
from twinbench.topology import Kind

_CLOSE_WAIT = "08"


async def restore(fleet: Fleet, arm: str) -> bool:
    """All containers of the arm run. Whether there was a snapshot. Raises EngineError."""
    containers = fleet.of_arm(arm)
    if not all(await asyncio.gather(*(_has_snapshot(fleet, one) for one in containers))):
        return False
    kinds = {one.id: fleet.topology.components[one.component].kind for one in containers}
    apps = [one for one in containers if kinds[one.id] is Kind.APP]
    still = [one for one in reversed(apps) if one.status == "running"]
    with refusals(f"freeze {arm}"):
        operations.for_all(lambda one: fleet.daemon.api.pause(one.id), still)
    try:
        await asyncio.gather(*(_put_back(fleet, one) for one in containers))
    finally:
        with refusals(f"thaw {arm}"):
            operations.for_all(lambda one: fleet.daemon.api.unpause(one.id), still)
    deadline = time.monotonic() + RECOVERY_SECONDS
    await asyncio.gather(*(_recover(fleet, one, deadline) for one in apps))
    for one in containers:
        if kinds[one.id] is Kind.GATEWAY:
            await _until_it_answers(fleet, one, deadline)
    return True


async def _has_snapshot(fleet: Fleet, container: Container) -> bool:
    """Of what is no database nothing needs to be put back."""
    if fleet.topology.components[container.component].kind is not Kind.DATABASE:
        return True
    facts = fleet.markers.of(container.component)
    if not facts.get("snapshot"):
        return False
    return facts.get("identity") == await identity_of(fleet, container)


async def _put_back(fleet: Fleet, container: Container) -> None:
    component = fleet.topology.components[container.component]
    if component.kind is Kind.DATABASE:
        await restore_snapshot(fleet.accesses(container))
    elif component.kind is Kind.CACHE:
        password = fleet.broker_password(component)
        if not await empty_valkey(VALKEY_PORT, password, reachable(container)):
            raise EngineError(f"{component.name} refused to be emptied")


async def _recover(fleet: Fleet, container: Container, deadline: float) -> None:
    if fleet.topology.components[container.component].listen is not None:
        await _until_it_answers(fleet, container, deadline)
    elif leads_nowhere(container.pid, POSTGRES_PORT):
        await asyncio.to_thread(_restart, fleet, container)
        now = await asyncio.to_thread(look, fleet.daemon, container.id)
        await fleet.until_ready(now or container, deadline)


def _restart(fleet: Fleet, container: Container) -> None:
    with refusals(f"restart {container.replica}"):
        fleet.daemon.api.restart(container.id, timeout=0)


async def _until_it_answers(fleet: Fleet, container: Container, deadline: float) -> None:
    try:
        await until_it_answers(fleet.probe(container), deadline)
    except TimeoutError:
        tail = fleet.log_tail(container)
        raise EngineError(f"{container.replica} did not recover from its reset{tail}") from None


def leads_nowhere(pid: int, port: int) -> bool:
    """Whether a container holds a connection to this port that the other side has closed.

    Where its connections cannot be read, it may.
    """
    try:
        rows = Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
    except OSError:
        return True
    fields = (row.split() for row in rows)
    return any(
        state == _CLOSE_WAIT and int(remote.split(":")[1], 16) == port
        for _, _, remote, state, *_ in fields
    )
