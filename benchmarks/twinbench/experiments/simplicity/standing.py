"""An arm as it stands: from nothing to its first answer, and at rest."""

import threading
import time
from collections.abc import Iterator, Sequence

import psycopg

from twinbench.engines.protocol import ComponentStats, Engine, EngineError
from twinbench.experiments.simplicity.parts import Figures
from twinbench.load.preparation import answer
from twinbench.topology import Kind, Topology

_ASKED = "/categories"
# What the engine keeps beside a database to put it back is none of the arm's.
_SNAPSHOT = "%\\_seeded"
_TABLES = (
    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition"
    " AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
)
_BYTES = (
    "SELECT (SELECT sum(pg_database_size(oid)) FROM pg_database WHERE datname NOT LIKE %s)"
    " + (SELECT sum(size) FROM pg_ls_waldir())"
)


def require_answer(engine: Engine, arm: str) -> None:
    """Returns when the arm has answered through its gateway. Raises PreparationError."""
    answer(engine.gateway(arm), _ASKED)


def rest(engine: Engine, arm: str, seconds: float) -> Figures:
    """What the arm uses while nobody asks for anything, by kind of component: memory at the end of
    these seconds, and milliseconds of CPU time for each of them.

    Memory is told of all kinds or of none: their sum must be the arm's. Raises EngineError for a
    component that does not run, for then the arm does not stand.
    """
    kinds = {one.name: one.kind for one in engine.status().components}
    before = {one.name: one.cpu_seconds for one in engine.stats(arm, memory=False)}
    began = time.monotonic()
    # The time itself is what is measured.
    threading.Event().wait(seconds)
    after = engine.stats(arm)
    lasted = time.monotonic() - began
    _require_running(engine, after)
    memory_known = all(one.pss_bytes is not None for one in after)
    for kind in dict.fromkeys(kinds[one.name] for one in after):
        own = [one for one in after if kinds[one.name] == kind]
        yield "processes", kind, sum(one.processes for one in own)
        if memory_known:
            yield "memory_bytes", kind, sum(one.pss_bytes or 0 for one in own)
        used = sum(one.cpu_seconds - before[one.name] for one in own)
        yield "idle_cpu_ms_per_s", kind, 1000 * used / lasted


def _require_running(engine: Engine, seen: Sequence[ComponentStats]) -> None:
    for one in seen:
        if not one.processes:
            said = engine.logs(one.name, lines=1).strip() or "it has written nothing"
            raise EngineError(f"{one.name} has ended while {one.arm} was to stand: {said}")


def data(engine: Engine, topology: Topology, arm: str) -> Figures:
    """Tables, and bytes of the seeded databases with their logs. Raises psycopg.Error."""
    for component in topology.of_arm(arm):
        if component.kind is Kind.DATABASE:
            tables = list(_tables(engine, component.name, component.environment["OWNER_DATABASE"]))
            yield "databases", component.name, len(tables)
            yield "tables", component.name, sum(tables)
            with psycopg.connect(engine.database_url(component.name, admin=True)) as connection:
                row = connection.execute(_BYTES, (_SNAPSHOT,)).fetchone()
            yield "data_bytes", component.name, float(row[0]) if row else 0.0


def _tables(engine: Engine, component: str, databases: str) -> Iterator[int]:
    for database in databases.split():
        with psycopg.connect(engine.database_url(component, database=database)) as connection:
            row = connection.execute(_TABLES).fetchone()
        yield int(row[0]) if row else 0
