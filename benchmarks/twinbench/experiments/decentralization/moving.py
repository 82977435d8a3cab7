"""One library in another version, in as little of an arm as can have it: shown running.

The newest version that the project's own bounds allow; where that is what the lock has, the one
before it, so that all others are a version ahead.
"""

import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from twinbench.engines.protocol import Engine
from twinbench.experiments.decentralization.ownership import capabilities_of
from twinbench.experiments.deployment.releases import build_of, compiled, make_release
from twinbench.experiments.simplicity.dependencies import locked_in
from twinbench.experiments.simplicity.standing import require_answer
from twinbench.paths import CHECKOUT
from twinbench.topology import Component, Kind, Topology

# Every arm's application server: nothing else in their locks asks for a version of it.
_LIBRARY: Final = "granian"
_LOCK: Final = "requirements.lock"
_TOLD: Final = "from importlib.metadata import version; import sys; print(version(sys.argv[1]))"


@dataclass(frozen=True, slots=True)
class Move:
    """`moved` components had to go along, `stayed` ones run what they ran before."""

    component: str
    library: str
    before: str
    after: str
    moved: tuple[str, ...]
    stayed: tuple[str, ...]
    outcome: str


class _NotShownError(Exception):
    """Its message is the outcome."""


def move(engine: Engine, topology: Topology, arm: str, folder: Path) -> Move:
    """Moves it, looks at who runs what, and puts all back. Raises EngineError or PatchError."""
    apps = [c for c in topology.of_arm(arm) if c.kind is Kind.APP and c.project is not None]
    names = capabilities_of(topology)
    # One capability's component where there is such a thing, else the first that serves.
    one = next((c for c in apps if c.name in names), apps[0])
    together = [c for c in apps if c.project == one.project]
    others = tuple(c.name for c in apps if c.project != one.project)
    project = one.project or ""
    before = dict(locked_in(CHECKOUT / project))[_LIBRARY]
    moved = tuple(component.name for component in together)
    try:
        release = make_release(folder, build_of(arm), ())
        after = _locked_anew(release / project, before)
        _make_environment(release / project)
        compiled(release, [(project, *one.pythonpath)])
        outcome = _shown(engine, arm, together, release)
        _require_versions({release / project}, after)
        _require_versions({CHECKOUT / (c.project or "") for c in apps if c.name in others}, before)
        return Move(one.name, _LIBRARY, before, after, moved, others, outcome)
    except _NotShownError as reason:
        return Move(one.name, _LIBRARY, before, before, moved, others, str(reason))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _shown(engine: Engine, arm: str, components: Sequence[Component], release: Path) -> str:
    """Whether the arm serves, and what the contract says where its tests can be run."""
    try:
        for component in components:
            engine.prepare(component.name, source=release)
            engine.replace(component.name, source=release)
        require_answer(engine, arm)
        python = CHECKOUT / "contract" / ".venv" / "bin" / "python"
        if not python.exists():
            return "serves"
        tests = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "conformance"]
        status = subprocess.run(
            [*tests, f"--arm={arm}={engine.gateway(arm)}"],
            cwd=CHECKOUT / "contract", capture_output=True, check=False,
        ).returncode  # fmt: skip
        if status:
            raise _NotShownError("breaks the contract")
        return "serves, conformance green"
    finally:
        for component in components:
            engine.replace(component.name)
        engine.reset(arm)


def _locked_anew(project: Path, before: str) -> str:
    """The version that the project's lock has now. Raises _NotShownError where there is none."""
    for bounds in ("", f"{_LIBRARY}!={before}"):
        constraints = project / "constraints.txt"
        constraints.write_text(f"{bounds}\n")
        _uv(
            project, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11",
            "--generate-hashes", "--no-header", "--no-annotate", "--upgrade-package", _LIBRARY,
            "--constraints", "constraints.txt", "pyproject.toml", "--output-file", _LOCK,
        )  # fmt: skip
        constraints.unlink()
        after = dict(locked_in(project))[_LIBRARY]
        if after != before:
            return after
    raise _NotShownError("no other version fits its bounds")


def _make_environment(project: Path) -> None:
    """One of its own, in place of the checkout's."""
    usual = project / ".venv"
    usual.unlink(missing_ok=True)
    _uv(
        project,
        "venv",
        "--quiet",
        "--python",
        str(CHECKOUT / "benchmarks/.venv/bin/python"),
        ".venv",
    )
    python = str(usual / "bin" / "python")
    _uv(project, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", _LOCK)


def _uv(project: Path, *arguments: str) -> None:
    """Raises _NotShownError: a registry may be out of reach."""
    found = shutil.which("uv") or str(CHECKOUT / ".tools" / "bin" / "uv")
    try:
        subprocess.run([found, *arguments], cwd=project, capture_output=True, text=True, check=True)
    except OSError as error:
        raise _NotShownError(f"uv does not run: {error.strerror}") from error
    except subprocess.CalledProcessError as error:
        [reason] = str(error.stderr).strip().splitlines()[-1:] or ["no reason given"]
        raise _NotShownError(f"uv {arguments[1]}: {reason.strip()}") from error


def _require_versions(projects: Iterable[Path], version: str) -> None:
    """Of the library, in the environments that these run from."""
    for project in projects:
        python = project / ".venv" / "bin" / "python"
        done = subprocess.run(
            [str(python), "-c", _TOLD, _LIBRARY], capture_output=True, text=True, check=True
        )
        if done.stdout.strip() != version:
            raise _NotShownError(f"{project.name} runs {done.stdout.strip()}")
