"""Putting an arm's data back to the seeded snapshot while its components go on running.

To start an arm's programs takes ten times as long as to copy its databases. So apps only stand
still (SIGSTOP) while databases are copied anew from their templates and caches are emptied. Their
pools then hold connections that lead nowhere. Those that serve are asked whether they are ready,
on as many connections as a pool may have, until each dead one has been found out; of the others,
those that hold one are started anew, for they would find out by failing at their work.
"""

import asyncio
import signal
import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from twinbench.engines.data import Databases
from twinbench.engines.procfs import ProcessTable, leads_nowhere
from twinbench.engines.protocol import EngineError
from twinbench.engines.readiness import Probe, answers, empty_valkey
from twinbench.engines.recipe import secret_in
from twinbench.engines.replica import Replica, signal_all, stop_all
from twinbench.engines.unit import Unit
from twinbench.topology import Kind

RECOVERY_SECONDS = 30.0
_ASKED_AT_ONCE = 12
_ROUNDS_WITHOUT_FAILURE = 2
_PAUSE_SECONDS = 0.02


async def restore(units: Sequence[Unit], databases: Databases) -> None:
    """All units of one arm, running, in dependency order. Raises EngineError."""
    apps = [unit for unit in units if unit.component.kind is Kind.APP]
    still = [replica for unit in reversed(apps) for replica in unit.replicas]
    await stop_all(still)
    try:
        await asyncio.gather(*(_put_back(unit, databases) for unit in units))
    finally:
        table = ProcessTable()
        for replica in reversed(still):
            signal_all(replica.family(table), signal.SIGCONT)
    deadline = time.monotonic() + RECOVERY_SECONDS
    bases = {u.first.port for u in units if u.component.kind is Kind.DATABASE}
    await asyncio.gather(
        *(_recover(unit, replica, bases, deadline) for unit in apps for replica in unit.replicas)
    )
    for unit in units:
        if unit.component.kind is Kind.GATEWAY:
            await _until_it_answers(unit, unit.first, deadline)


async def _put_back(unit: Unit, databases: Databases) -> None:
    component, port = unit.component, unit.first.port
    if component.kind is Kind.DATABASE:
        await databases.restore_snapshot(component, port)
    elif component.kind is Kind.CACHE:
        password = secret_in(component.environment, "VALKEY_PASSWORD_FILE", unit.kitchen.paths)
        if not await empty_valkey(port, password):
            raise EngineError(f"{unit.name} refused to be emptied")


async def _recover(
    unit: Unit, replica: Replica, databases: AbstractSet[int], deadline: float
) -> None:
    if unit.component.listen is not None:
        await _until_it_answers(unit, replica, deadline)
    elif any(leads_nowhere(row.pid, databases) for row in replica.family(ProcessTable())):
        await replica.kill(signal.SIGKILL, restart=False)
        await replica.start()


async def _until_it_answers(unit: Unit, replica: Replica, deadline: float) -> None:
    try:
        await until_it_answers(unit.probe(replica), deadline)
    except TimeoutError:
        tail = replica.log_tail()
        raise EngineError(f"{replica.name} did not recover from its reset{tail}") from None


async def until_it_answers(probe: Probe, deadline: float) -> None:
    """Asked on many connections at once, so that its pool must try all that it has.

    A pool hands out its connections in turn, and drops one that has failed. Raises TimeoutError.
    """
    good = 0
    while good < _ROUNDS_WITHOUT_FAILURE:
        if all(await asyncio.gather(*(answers(probe) for _ in range(_ASKED_AT_ONCE)))):
            good += 1
            continue
        good = 0
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(_PAUSE_SECONDS)
