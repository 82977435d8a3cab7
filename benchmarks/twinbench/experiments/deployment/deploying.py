"""One deployment, from the first step to the last, and what was seen meanwhile."""

import json
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twinbench.engines.protocol import Engine, EngineError, ReplaceStrategy, RolledBackError
from twinbench.experiments.deployment.probing import Prober, Seen
from twinbench.experiments.deployment.releases import (
    CONTRACT,
    MARKS,
    Flavour,
    Target,
    compiled,
    make_release,
    packed_bytes,
    patch_of,
    target_of,
)
from twinbench.results.deployment import DeploymentRow
from twinbench.topology import Topology

_ROUTINE_S = 0.5
_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Release:
    """A next version, built: where its code is, and that of what follows it (a contract phase)."""

    flavour: Flavour
    target: Target
    source: Path
    after: Path | None
    artefact_bytes: int


def build(topology: Topology, folder: Path, arm: str, flavour: Flavour) -> Release:
    """Raises PatchError where a patch does not fit the checkout."""
    target = target_of(topology, arm, flavour)
    patches = [patch_of(target.build, flavour)]
    source = make_release(folder / f"{arm}-{flavour}", target.build, patches)
    compiled(source, target.artefacts)
    after = None
    if flavour == "schema":
        patches.append(patch_of(target.build, CONTRACT))
        after = make_release(folder / f"{arm}-{CONTRACT}", target.build, patches)
    size = sum(packed_bytes(source, artefact) for artefact in target.artefacts)
    return Release(flavour, target, source, after, size)


@dataclass(slots=True)
class Marks:
    """Instants of time.monotonic; None for what has not come to pass."""

    began: float = 0.0
    migrated: float | None = None
    serving: float | None = None
    ended: float = 0.0


@dataclass(slots=True)
class Deployment:
    """Deploys a release at a given moment, in a thread of its own, while somebody looks on.

    `look` goes before and `conclude` after; both ask the engine much, and are to be done when
    nothing is timed.
    """

    engine: Engine
    arm: str
    release: Release
    strategy: ReplaceStrategy
    product: int
    replicas: int = 1
    marks: Marks = field(default_factory=Marks)
    outcome: str = "failed"
    reason: str = ""
    seen: list[Seen] = field(default_factory=list)
    version_before: str = ""
    version_after: str = ""
    _pids_before: frozenset[int] = frozenset()
    _processes: int = 0
    _thread: threading.Thread | None = None

    def look(self) -> None:
        """At what runs before the deployment."""
        self._pids_before = self._pids()
        self.version_before = self._version()

    def begin_at(self, instant: float) -> None:
        """Returns at once; `instant` is of time.monotonic."""
        self._thread = threading.Thread(target=self._run, args=(instant,), name="deployment")
        self._thread.start()

    def conclude(self) -> None:
        """Returns when it has ended, in whatever way, and it is known what runs now."""
        if self._thread is not None:
            self._thread.join()
        self._processes = len(self._pids() - self._pids_before)
        self.version_after = self._version()

    def _run(self, instant: float) -> None:
        prober = Prober(self.engine.gateway(self.arm), self.product, MARKS[self.release.flavour])
        threading.Event().wait(max(0.0, instant - _ROUTINE_S - time.monotonic()))
        with prober:
            threading.Event().wait(max(0.0, instant - time.monotonic()))
            self._deploy()
            threading.Event().wait(_ROUTINE_S)
        self.seen = prober.seen

    def _deploy(self) -> None:
        self.marks.began = time.monotonic()
        try:
            self._steps()
            self.outcome = "deployed"
        except RolledBackError as error:
            self.outcome, self.reason = "rolled back", str(error).splitlines()[0]
        except EngineError as error:
            self.reason = str(error).splitlines()[0]
        self.marks.ended = time.monotonic()

    def _steps(self) -> None:
        """Expand and fill; replace what serves, then what works behind it; contract."""
        release, target = self.release, self.release.target
        if release.after is not None:
            self.engine.run_job(target.job, source=release.source)
            self.marks.migrated = time.monotonic()
        for component in target.serving:
            self.engine.replace(component, source=release.source, strategy=self.strategy)
        self.marks.serving = time.monotonic()
        for component in target.others:
            self.engine.replace(component, source=release.source)
        if release.after is not None:
            self.engine.run_job(target.job, source=release.after)

    def _pids(self) -> frozenset[int]:
        return frozenset(
            pid
            for component in self.engine.status().components
            if component.name in self.release.target.components
            for replica in component.replicas
            for pid in replica.pids
        )

    def _version(self) -> str:
        url = f"http://{self.engine.address(self.release.target.serving[0])}/version"
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:
            told: Mapping[str, Any] = json.load(answer)
        return str(told["version"])

    def row(self, trial: int, origin_ns: int) -> DeploymentRow:
        def since(instant: float) -> int:
            return round(instant * 1e9) - origin_ns

        marks, good = self.marks, [one for one in self.seen if one.new is not None]
        new = [one for one in good if one.new]
        old = [one for one in good if not one.new and new and one.came > new[0].asked]
        return DeploymentRow(
            trial=trial,
            arm=self.arm,
            flavour=self.release.flavour,
            strategy=self.strategy,
            replicas=self.replicas,
            outcome=self.outcome,
            reason=self.reason,
            components=self.release.target.components,
            processes=self._processes,
            artefacts=len(self.release.target.artefacts),
            artefact_bytes=self.release.artefact_bytes,
            began_ns=since(marks.began),
            migrated_ns=None if marks.migrated is None else since(marks.migrated),
            serving_ns=since(marks.serving or marks.ended),
            ended_ns=since(marks.ended),
            version_before=self.version_before,
            version_after=self.version_after,
            first_new_ns=since(new[0].asked) if new else None,
            last_old_ns=since(old[-1].came) if old else None,
            old_answers=len(good) - len(new),
            new_answers=len(new),
            breaches=_breaches(self.seen),
        )


def _breaches(seen: Sequence[Seen]) -> tuple[str, ...]:
    return tuple(one.problem for one in seen if one.problem is not None)
