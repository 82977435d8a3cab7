"""A run over small servers, in a process of its own that a test can kill: `FOLDER [RUN]`."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import cast

from tests.experiments.test_latency import ARMS, LENIENT, TINY, Notes, never
from tests.fake_engine import FakeEngine
from twinbench.engines.protocol import Engine
from twinbench.experiments.latency import resume_latency, run_latency
from twinbench.experiments.settings import LatencySettings

PROFILE = replace(TINY, blocks=3, measure_s=0.5, budget_s=600.0)


def main() -> None:
    out, *run = map(Path, sys.argv[1:])
    settings = LatencySettings(profile=PROFILE, arms=ARMS, seed=5, out=out, gates=LENIENT)
    with FakeEngine(ARMS) as fake:
        engine = cast("Engine", fake)
        if run:
            resume_latency(engine, run[0], Notes(), never)
        else:
            run_latency(engine, settings, Notes(), never)


if __name__ == "__main__":
    main()
