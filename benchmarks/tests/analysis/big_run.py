"""What the analysis of a big run takes: `python -m tests.analysis.big_run [ROWS [TRIALS]]`.

Writes a run of three arms with that many requests, analyses it in a process of its own as `report`
does, and prints time and peak memory.
"""

import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.synthetic import MIX, THREE_ARMS, provenance, resource_rows, trial_row
from twinbench.experiments.design import randomised_blocks
from twinbench.results.schema import REQUESTS
from twinbench.results.store import RunWriter

ROWS, TRIALS, RATES = 10_000_000, 96, (20.0, 40.0, 60.0, 80.0)
STEPS = 4


def requests(random: np.random.Generator, trial: int, count: int) -> pa.Table:
    """Whole journeys of four requests, spread over the 8.5 s of a synthetic trial."""
    journeys = count // STEPS
    kind = np.repeat(random.integers(len(MIX), size=journeys), STEPS)
    step = np.tile(np.arange(STEPS), journeys)
    begin = np.repeat(np.sort(random.uniform(0, 8.5, journeys)), STEPS) + 0.05 * step
    taken = random.lognormal(-3, 0.4, len(begin))
    names = sorted(MIX)
    labels = [f"{name} {number}" for name in names for number in range(STEPS)]

    def encoded(codes: np.ndarray, words: list[str]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int16)), pa.array(words))

    columns = {
        "trial": np.full(len(begin), trial),
        "journey_id": np.repeat(np.arange(journeys), STEPS),
        "journey": encoded(kind, names),
        "step": step,
        "request": encoded(kind * STEPS + step, labels),
        "intended_ns": (begin * 1e9).astype(np.int64),
        "sent_ns": (begin * 1e9 + 5e4).astype(np.int64),
        "finished_ns": ((begin + taken) * 1e9).astype(np.int64),
        "status": np.full(len(begin), 200),
        "bytes": random.integers(200, 20_000, len(begin)),
        "replica": encoded(step % 2, ["one", "two"]),
        "error": pa.nulls(len(begin)),
    }
    arrays = [pa.array(columns[field.name]).cast(field.type) for field in REQUESTS]
    return pa.Table.from_arrays(arrays, schema=REQUESTS)


def write_big_run(root: Path, rows: int, trials: int) -> Path:
    random = np.random.default_rng(1)
    blocks = max(1, trials // (len(THREE_ARMS) * len(RATES)))
    origin = provenance(RATES, blocks, THREE_ARMS)
    writer = RunWriter.create(root, origin, tables=("trials", "resources"))
    slots = randomised_blocks(arms=THREE_ARMS, rates=RATES, blocks=blocks, seed=1)
    for number, slot in enumerate(slots, start=1):
        table = requests(random, number, rows // len(slots))
        pq.write_table(table, writer.requests_path(number))
        own = {"trials": [trial_row(number, slot, factor=1.0, void=False)]}
        writer.add_trial(number, own | {"resources": resource_rows(number, slot.arm, 1.0)})
    writer.finish()
    return writer.folder


def main(rows: int = ROWS, trials: int = TRIALS) -> None:
    with TemporaryDirectory() as root:
        folder = write_big_run(Path(root), rows, trials)
        begun = time.monotonic()
        command = [sys.executable, "-m", "twinbench", "report", str(folder)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds = time.monotonic() - begun
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{rows:,} requests in {trials} trials: {seconds:.1f} s "
        f"({used.ru_utime + used.ru_stime:.1f} s CPU), {used.ru_maxrss / 1e6:.2f} GB at most"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
