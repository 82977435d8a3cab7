"""What runs and what it uses, read in one pass over the process table."""

import asyncio
import time

from twinbench.engines.operations import Operations
from twinbench.engines.procfs import ProcessRow, ProcessTable, context_switches, memory_of_all
from twinbench.engines.protocol import (
    ComponentStats,
    ComponentStatus,
    Health,
    Phase,
    ReplicaStatus,
)
from twinbench.engines.replica import Replica
from twinbench.engines.unit import Unit
from twinbench.topology import Kind

_WORST_FIRST: tuple[Health, ...] = ("failed", "unready", "starting", "stopped", "frozen", "ready")


class Reading:
    def __init__(self, units: list[Unit], operations: Operations) -> None:
        self._units = units
        self._operations = operations
        self._limits = operations.limits
        self._table = ProcessTable()
        self._rows = {r.name: r.family(self._table) for u in units for r in u.replicas}

    async def status(self) -> tuple[ComponentStatus, ...]:
        return tuple(await asyncio.gather(*(self._status(unit) for unit in self._units)))

    async def _status(self, unit: Unit) -> ComponentStatus:
        if unit.component.kind is Kind.JOB:
            return self._component(unit, _health_of_job(unit), ())
        replicas = await asyncio.gather(*(self._replica(unit, r) for r in unit.replicas))
        healths = {replica.health for replica in replicas}
        worst = next(health for health in _WORST_FIRST if health in healths)
        return self._component(unit, worst, tuple(replicas))

    def _component(
        self, unit: Unit, health: Health, replicas: tuple[ReplicaStatus, ...]
    ) -> ComponentStatus:
        memory = memory_of_all(row.pid for row in self._rows_of(unit))
        return ComponentStatus(
            name=unit.name,
            arm=unit.component.arm,
            kind=unit.component.kind.value,
            health=health,
            address=replicas[0].address if replicas else None,
            replicas=replicas,
            pss_bytes=None if memory is None else memory.pss_bytes,
            cpu_seconds=round(self._cpu(unit), 2),
            exits=tuple(unasked for replica in unit.replicas for unasked in replica.exits),
        )

    async def _replica(self, unit: Unit, replica: Replica) -> ReplicaStatus:
        frozen = unit.component.arm in self._operations.frozen
        component = unit.component
        listens = component.listen is not None or component.kind in {Kind.DATABASE, Kind.CACHE}
        return ReplicaStatus(
            name=replica.name,
            pids=tuple(row.pid for row in self._of(replica)),
            address=replica.address if listens else None,
            health=await unit.health(replica, frozen=frozen),
            started_at=replica.started_at,
            restarts=replica.restarts,
        )

    def _rows_of(self, unit: Unit) -> list[ProcessRow]:
        return [row for replica in unit.replicas for row in self._of(replica)]

    def _of(self, replica: Replica) -> list[ProcessRow]:
        """None of one that has come since the table was read."""
        return self._rows.get(replica.name, [])

    def _cpu(self, unit: Unit) -> float:
        return unit.cpu_seconds({r.name: r.cpu_seconds(self._of(r)) for r in unit.replicas})

    def stats(self, *, memory: bool) -> tuple[ComponentStats, ...]:
        units = [unit for unit in self._units if unit.component.kind is not Kind.JOB]
        return tuple(self._stats(unit, memory=memory) for unit in units)

    def _stats(self, unit: Unit, *, memory: bool) -> ComponentStats:
        pool, throttled = self._limits.throttled(unit)
        rows = self._rows_of(unit)
        used = memory_of_all(row.pid for row in rows) if memory else None
        switches = [context_switches(row.pid) for row in rows]
        return ComponentStats(
            name=unit.name,
            arm=unit.component.arm,
            at=time.time(),
            processes=len(rows),
            cpu_seconds=self._cpu(unit),
            pss_bytes=None if used is None else used.pss_bytes,
            swap_bytes=None if used is None else used.swap_bytes,
            voluntary_switches=sum(voluntary for voluntary, _ in switches),
            involuntary_switches=sum(involuntary for _, involuntary in switches),
            throttled_seconds=throttled,
            restarts=sum(replica.restarts for replica in unit.replicas),
            pool=pool,
        )


def _health_of_job(unit: Unit) -> Health:
    match unit.phase:
        case Phase.DONE | Phase.UNCHANGED:
            return "done"
        case Phase.RUNNING:
            return "starting"
    return "stopped"
