"""What was asked of `run resilience`, made into settings or refused in one line."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from twinbench.commands.asking import Asked, arms_of, chosen
from twinbench.errors import TwinbenchError
from twinbench.experiments.fault_profiles import RESILIENCE_PROFILES, ResilienceSettings


def resilience_settings(asked: Asked, known: Sequence[str], out: Path) -> ResilienceSettings:
    if asked.precision is not None or (asked.cpus, asked.memory, asked.partition) != (None,) * 3:
        raise TwinbenchError(
            "resilience takes no settings but --profile, --arms, --rate and --seed"
        )
    profile = chosen(RESILIENCE_PROFILES, asked.profile)
    if asked.rates:
        if len(asked.rates) > 1:
            raise TwinbenchError("faults are made at one rate: give --rate once")
        profile = replace(profile, rate=asked.rates[0])
    arms = arms_of(asked.arms or ",".join(profile.arms) or None, known)
    return ResilienceSettings(profile, arms, asked.seed_or_first, out)
