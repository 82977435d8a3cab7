"""What each arm may use: cores by affinity, budgets by cgroup."""

import os
from collections.abc import Sequence

from twinbench.engines.budgets import Group
from twinbench.engines.cgroups import find_hierarchy, no_budgets
from twinbench.engines.children import Confinement
from twinbench.engines.fleet import Fleet
from twinbench.engines.procfs import ProcessTable, set_affinity
from twinbench.engines.protocol import AppliedLimit, EngineError, Limit
from twinbench.engines.unit import Unit
from twinbench.topology import Kind


class Limits:
    """Those of all arms of one fleet."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._groups: dict[str, Group] = {}
        self._in_force: dict[str, Limit] = {}

    async def apply(self, arm: str, limit: Limit) -> AppliedLimit:
        """Raises UnsupportedByEngineError where this machine permits no such budget."""
        units = [u for u in self._fleet.units.values() if u.wanted and u.component.arm == arm]
        group = self._group(arm, limit)
        if group is not None:
            self._confine(group, units, limit)
        files = group.entry_files if group and not group.parts else ()
        self._fleet.confinements[arm] = Confinement(limit.cores, files)
        for unit in units:
            self._fleet.confinements.pop(unit.name, None)
            if group is not None and unit.name in group.parts:
                own = Confinement(limit.cores, group.parts[unit.name].entry_files)
                self._fleet.confinements[unit.name] = own
        set_affinity(_pids(units), limit.cores or frozenset(os.sched_getaffinity(0)))
        before = self._in_force.get(arm, Limit())
        self._in_force[arm] = limit
        if limit.memory_bytes is not None and _memory(limit) != _memory(before):
            await self._fleet.stop(units)
            await self._fleet.up([arm], lambda _: None)
        if group is not None and (limit.cpus is not None or limit.memory_bytes is not None):
            return AppliedLimit(limit, group.version)
        return AppliedLimit(limit, "none" if limit.cores is None else "affinity")

    def _group(self, arm: str, limit: Limit) -> Group | None:
        group = self._groups.get(arm)
        budget = limit.cpus is not None or limit.memory_bytes is not None
        if budget and group is None:
            hierarchy = find_hierarchy()
            if hierarchy is None:
                raise no_budgets()
            group = Group(hierarchy, f"twinbench-{self._fleet.paths.identity}-{arm}")
            self._groups[arm] = group
        return group

    def _confine(self, group: Group, units: Sequence[Unit], limit: Limit) -> None:
        names = {unit.name for unit in units if unit.component.kind is not Kind.JOB}
        given = {part.component for part in limit.parts}
        if given and given != names:
            odd = ", ".join(sorted(given ^ names))
            raise EngineError(f"a divided budget names every component once: {odd}")
        group.unite()
        if given:
            group.divide({unit.name: _pids([unit]) for unit in units if unit.name in given})
        else:
            group.take(_pids(units))
        group.apply(limit)

    def throttled(self, unit: Unit) -> tuple[str, float | None]:
        """The pool that the unit is in, and for how long that was held back."""
        group = self._groups.get(unit.component.arm)
        if group is None:
            return unit.component.arm, None
        part = group.parts.get(unit.name)
        if part is not None:
            return unit.name, part.throttled_seconds()
        return unit.component.arm, group.throttled_seconds()

    def remove(self) -> None:
        for group in self._groups.values():
            group.remove()
        self._groups.clear()


def _memory(limit: Limit) -> tuple[object, ...]:
    return limit.memory_bytes, tuple(part.memory_bytes for part in limit.parts)


def _pids(units: Sequence[Unit]) -> list[int]:
    table = ProcessTable()
    return [row.pid for unit in units for r in unit.replicas for row in r.family(table)]
