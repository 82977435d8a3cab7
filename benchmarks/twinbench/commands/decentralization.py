"""What was asked of `decentralization`, made into settings, and how it is begun."""

from pathlib import Path

from twinbench.commands.asking import Asked, chosen, usual_arms
from twinbench.commands.sandbox import temporary_servers
from twinbench.engines.protocol import Engine
from twinbench.errors import TwinbenchError
from twinbench.experiments.decentralization.experiment import run_decentralization
from twinbench.experiments.decentralization.settings import (
    DECENTRALIZATION_PROFILES,
    DecentralizationSettings,
)
from twinbench.experiments.watcher import Watcher


def decentralization_settings(asked: Asked, out: Path) -> DecentralizationSettings:
    """Of the usual arms, unless some are named."""
    if asked != Asked(asked.profile, asked.arms, seed=asked.seed):
        raise TwinbenchError("decentralization offers no load: give it no rates and no budgets")
    profile = chosen(DECENTRALIZATION_PROFILES, asked.profile)
    return DecentralizationSettings(profile, usual_arms(asked), asked.seed_or_first, out)


def measure_decentralization(
    engine: Engine, settings: DecentralizationSettings, watcher: Watcher
) -> Path:
    """With servers for tests."""
    return run_decentralization(engine, settings, watcher, temporary_servers)
