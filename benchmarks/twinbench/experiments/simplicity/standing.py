"""An arm as it stands: from nothing to its first answer, and at rest."""

import threading
import time
from collections import Counter
from collections.abc import Iterator

import psycopg

from twinbench.engines.protocol import Engine
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
    these seconds, and milliseconds of CPU time for each of them."""
    kinds = {one.name: one.kind for one in engine.status().components}
    before = {one.name: one.cpu_seconds for one in engine.stats(arm, memory=False)}
    began = time.monotonic()
    # The time itself is what is measured.
    threading.Event().wait(seconds)
    after = engine.stats(arm)
    lasted = time.monotonic() - began
    memory: Counter[str] = Counter()
    processes: Counter[str] = Counter()
    used: Counter[str] = Counter()
    for one in after:
        kind = kinds[one.name]
        memory[kind] += one.pss_bytes or 0
        processes[kind] += one.processes
        used[kind] += round(1e6 * (one.cpu_seconds - before[one.name]))
    for kind in memory:
        yield "processes", kind, processes[kind]
        yield "memory_bytes", kind, memory[kind]
        yield "idle_cpu_ms_per_s", kind, used[kind] / 1000 / lasted


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
