"""Thresholds that a run must keep: declared in a file, judged on its figures.

A file holds any number of tables `[[slo]]`:

    [[slo]]
    journey = "buy"            # or endpoint = "order"; neither: all requests together
    percentile = 95            # 50, 95, 99 or 99.9
    limit_ms = 200             # both or none of percentile and limit_ms
    max_error_share = 0.001    # what fails or never ends, 0 to 1
    arm = "monolith"           # every arm if left out
    rate = 12.0                # every offered rate if left out
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal

from twinbench.analysis.blocks import ALL_REQUESTS, PERCENTILES, Measure, Stage, typical
from twinbench.analysis.samples import Failures, Kind
from twinbench.errors import TwinbenchError

_PERCENTILES: Final = tuple(100 * share for share in PERCENTILES)
_TEXTS: Final = ("arm", "journey", "endpoint")
_NUMBERS: Final = ("rate", "percentile", "limit_ms", "max_error_share")


class SloError(TwinbenchError):
    """A thresholds file is not one, or asks for what the run does not have."""


@dataclass(frozen=True, slots=True)
class Slo:
    """One threshold, as written."""

    arm: str | None = None
    rate: float | None = None
    journey: str | None = None
    endpoint: str | None = None
    percentile: float | None = None
    limit_ms: float | None = None
    max_error_share: float | None = None

    @property
    def kind(self) -> Kind:
        return "journey" if self.journey else "request"

    @property
    def subject(self) -> str:
        return self.journey or self.endpoint or ALL_REQUESTS


Outcome = Literal["kept", "breached", "unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One threshold against one arm's figure at one rate.

    `observed` is the geometric mean over blocks of the trials' percentiles in ms, or the share of
    failures over all blocks; None where the trials have too few samples to tell.
    """

    arm: str
    rate: float
    subject: str
    measure: str
    limit: float
    observed: float | None
    outcome: Outcome


def read_slos(path: Path) -> list[Slo]:
    """Raises SloError, in one line, for what is no such file."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SloError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SloError(f"{path} is no TOML: {error}".replace("\n", " ")) from error
    tables = document.pop("slo", None)
    if document or not isinstance(tables, list) or not tables:
        unknown = f", not {', '.join(document)}" if document else ""
        raise SloError(f"{path}: thresholds are tables [[slo]]{unknown}")
    return [_slo(f"{path}: slo {number}", table) for number, table in enumerate(tables, start=1)]


def _slo(where: str, table: Mapping[str, Any]) -> Slo:
    if not isinstance(table, dict):
        raise SloError(f"{where}: thresholds are tables [[slo]]")
    known = [field.name for field in fields(Slo)]
    if unknown := sorted(set(table) - set(known)):
        raise SloError(f"{where}: unknown {', '.join(unknown)}; known are {', '.join(known)}")
    for name, value in table.items():
        if name in _TEXTS and not (isinstance(value, str) and value):
            raise SloError(f"{where}: {name} must be a name in quotes")
        if name in _NUMBERS and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise SloError(f"{where}: {name} must be a number")
    slo = Slo(**table)
    if problem := _problem(slo):
        raise SloError(f"{where}: {problem}")
    return slo


def _problem(slo: Slo) -> str | None:
    """The first thing wrong with its values."""
    percentiles = ", ".join(f"{value:g}" for value in _PERCENTILES)
    wrong = {
        "journey and endpoint exclude each other": slo.journey and slo.endpoint,
        "percentile and limit_ms belong together": (slo.percentile is None)
        != (slo.limit_ms is None),
        "limits nothing: set percentile and limit_ms, or max_error_share": slo.limit_ms is None
        and slo.max_error_share is None,
        f"percentile must be one of {percentiles}": slo.percentile is not None
        and not any(abs(slo.percentile - value) < 1e-9 for value in _PERCENTILES),  # noqa: PLR2004
        "limit_ms must be above 0": slo.limit_ms is not None and not slo.limit_ms > 0,
        "rate must be above 0": slo.rate is not None and not slo.rate > 0,
        "max_error_share must lie between 0 and 1": slo.max_error_share is not None
        and not 0 <= slo.max_error_share <= 1,
    }
    return next((problem for problem, holds in wrong.items() if holds), None)


def judge(slos: Sequence[Slo], found: Sequence[Stage]) -> list[Finding]:
    """Every threshold against every arm and rate it is about.

    Raises SloError for an arm, a rate, a journey or an endpoint that the run does not have.
    """
    findings: list[Finding] = []
    for slo in slos:
        places = [
            (stage, arm)
            for stage in found
            for arm in stage.arms
            if slo.arm in (None, arm) and slo.rate in (None, stage.rate)
        ]
        if not any((arm, slo.kind, slo.subject) in stage.failures for stage, arm in places):
            parts = (slo.arm, f"{slo.kind} {slo.subject!r}", slo.rate and f"rate {slo.rate:g}")
            raise SloError(f"the run has nothing of {', '.join(part for part in parts if part)}")
        for stage, arm in places:
            findings += _findings(slo, stage, arm)
    return findings


def _findings(slo: Slo, stage: Stage, arm: str) -> list[Finding]:
    judged: list[tuple[str, float, float | None]] = []
    if slo.percentile is not None and slo.limit_ms is not None:
        name = f"p{slo.percentile:g}"
        column = stage.columns.get(Measure(slo.kind, slo.subject, name, "ms"), {}).get(arm)
        judged.append((name, slo.limit_ms, typical(column) if column else None))
    if slo.max_error_share is not None:
        failures = stage.failures.get((arm, slo.kind, slo.subject), Failures(0, 0))
        observed = failures.share if failures.total else None
        judged.append(("errors", slo.max_error_share, observed))
    return [
        Finding(
            arm=arm,
            rate=stage.rate,
            subject=slo.subject,
            measure=measure,
            limit=limit,
            observed=observed,
            outcome=_outcome(observed, limit),
        )
        for measure, limit, observed in judged
    ]


def _outcome(observed: float | None, limit: float) -> Outcome:
    if observed is None:
        return "unknown"
    return "breached" if observed > limit else "kept"
