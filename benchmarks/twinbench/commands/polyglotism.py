"""What was asked of `polyglotism`, made into settings."""

from pathlib import Path

from twinbench.commands.asking import Asked, chosen
from twinbench.errors import TwinbenchError
from twinbench.experiments.polyglotism.experiment import projects
from twinbench.experiments.polyglotism.footprint import require_set_up
from twinbench.experiments.polyglotism.settings import (
    POLYGLOTISM_PROFILES,
    PolyglotismSettings,
)


def polyglotism_settings(asked: Asked, out: Path) -> PolyglotismSettings:
    """Of a machine that has all implementations set up."""
    if asked != Asked(asked.profile, seed=asked.seed):
        raise TwinbenchError("polyglotism takes no settings but --profile, --seed and --out")
    for project in projects():
        require_set_up(project)
    profile = chosen(POLYGLOTISM_PROFILES, asked.profile)
    return PolyglotismSettings(profile, asked.seed_or_first, out)
