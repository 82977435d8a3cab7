"""From a one-line edit in one capability to its being served, doing only what is needed."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from twinbench.engines.protocol import Engine, ReplaceStrategy
from twinbench.experiments.deployment.releases import build_of, compiled, make_release
from twinbench.experiments.simplicity.standing import require_answer
from twinbench.experiments.simplicity.suites import Suite, suite_of
from twinbench.paths import CHECKOUT
from twinbench.topology import Component, Kind, Topology

_EDIT: Final = 'EDITED = "by one line"\n'
# Tests come along: they are run on the edited code.
_LEFT_OUT: Final = (".venv", "node_modules", "__pycache__", ".*_cache", "*.egg-info")
_KEPT_BACK: Final = frozenset({".git", ".twinbench", "results"})


@dataclass(frozen=True, slots=True)
class Edited:
    """A copy of a build with one line more in one capability, and what of an arm has it.

    `suites` are the folders whose tests must pass: those with code that was edited or that is
    built anew, other capabilities aside, which import nothing of it.
    """

    capability: str
    folder: Path
    components: tuple[Component, ...]
    suites: tuple[str, ...]

    @property
    def artefacts(self) -> tuple[tuple[str, ...], ...]:
        return tuple(dict.fromkeys((c.project or "", *c.pythonpath) for c in self.components))


def edited(topology: Topology, arm: str, capability: str, folder: Path) -> Edited:
    """Makes the copy in `folder`, and the edit as the last thing."""
    build = build_of(arm)
    make_release(folder, build, (), left_out=_LEFT_OUT)
    _lend_the_rest(folder)
    own = "monolith/shop" if build == "monolith" else f"microservices/{capability}"
    file = f"{own}/{capability}/domain.py"
    with (folder / file).open("a", encoding="utf-8") as stream:
        stream.write(_EDIT)
    components = tuple(_with_code(topology, arm, file))
    projects = [c.project for c in components if c.project is not None]
    suites = [folder_ for folder_ in (own, *projects) if (folder / folder_ / "tests").exists()]
    return Edited(capability, folder, components, tuple(dict.fromkeys(suites)))


def _with_code(topology: Topology, arm: str, file: str) -> Iterator[Component]:
    for component in topology.of_arm(arm):
        roots = (component.project, *component.pythonpath)
        if component.kind is Kind.APP and any(
            root and file.startswith(f"{root}/") for root in roots
        ):
            yield component


def _lend_the_rest(folder: Path) -> None:
    """Tests look at files beside their project, such as the contract's golden cases."""
    for entry in CHECKOUT.iterdir():
        if entry.name not in _KEPT_BACK and not (folder / entry.name).exists():
            (folder / entry.name).symlink_to(entry)


def tested(edit: Edited, variables: Mapping[str, str]) -> Suite | None:
    """All its suites, one after the other; None where one cannot be run here."""
    seconds, tests, failed = 0.0, 0, 0
    for name in edit.suites:
        suite = suite_of(edit.folder / name, variables)
        if suite is None:
            return None
        seconds, tests, failed = (
            seconds + suite.seconds, tests + suite.tests, failed + suite.failed,
        )  # fmt: skip
    return Suite(seconds, tests, failed)


def built_s(engine: Engine, edit: Edited) -> float:
    """Seconds to make what is to be started: compiled code, and an image where there are any."""
    began = time.monotonic()
    compiled(edit.folder, edit.artefacts)
    for component in edit.components:
        engine.prepare(component.name, source=edit.folder)
    return time.monotonic() - began


def served_s(engine: Engine, arm: str, edit: Edited) -> float:
    """Seconds until all that has the code runs it, what serves first, and the arm has answered."""
    began = time.monotonic()
    for component in sorted(edit.components, key=lambda one: one.listen is None):
        strategy: ReplaceStrategy = "rolling" if component.listen is not None else "recreate"
        engine.replace(component.name, source=edit.folder, strategy=strategy)
    require_answer(engine, arm)
    return time.monotonic() - began
