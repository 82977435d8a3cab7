"""What was asked of `simplicity`, made into settings, and how it is begun."""

from collections.abc import Sequence
from pathlib import Path

from twinbench.commands.asking import Asked, arms_of, chosen
from twinbench.commands.sandbox import temporary_servers
from twinbench.engines.choice import EngineName, engine_called
from twinbench.engines.protocol import Engine
from twinbench.errors import TwinbenchError
from twinbench.experiments.simplicity.experiment import run_simplicity
from twinbench.experiments.simplicity.settings import SIMPLICITY_PROFILES, SimplicitySettings
from twinbench.experiments.watcher import Watcher


def simplicity_settings(asked: Asked, known: Sequence[str], out: Path) -> SimplicitySettings:
    """All arms that there are, unless some are named; these are all started."""
    if asked != Asked(asked.profile, asked.arms, seed=asked.seed):
        raise TwinbenchError("simplicity offers no load: give it no rates and no budgets")
    profile = chosen(SIMPLICITY_PROFILES, asked.profile)
    arms = arms_of(asked.arms, known)
    few = profile.starts if asked.arms is None else None
    started = tuple(arm for arm in arms if few is None or arm in few)
    return SimplicitySettings(profile, arms, started, asked.seed_or_first, out)


def measure_simplicity(engine: Engine, settings: SimplicitySettings, watcher: Watcher) -> Path:
    """With engines of the same kind for arms that begin from nothing, and servers for tests."""

    def fresh(state: Path) -> Engine:
        return engine_called(EngineName(engine.name), state=state)

    return run_simplicity(engine, settings, watcher, fresh, temporary_servers)
