"""Tracing: on where it is what is measured, and off wherever time is.

An arm is asked rather than believed: it is traced if its answers tell what they took.
"""

import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from twinbench.engines.protocol import Engine, EngineError
from twinbench.experiments.watcher import Watcher
from twinbench.load.preparation import PreparationError
from twinbench.load.recorder import TIMING_HEADER
from twinbench.topology import Kind
from twinbench.topology import load as load_topology

_SETTING: Final = "TRACE"
# Where the topology takes that setting from when a component is started.
_VARIABLE: Final = "TWINBENCH_TRACE"
_ON, _OFF = "server-timing", "off"
# One path for each service that has public ones. Most refuse whoever has not signed in: that is an
# answer, too.
_PATHS: Final = (
    "/accounts/me", "/cart", "/categories", "/inventory/1", "/notifications", "/orders",
    "/payments/00000000-0000-4000-8000-000000000000", "/products/1/recommendations",
)  # fmt: skip
_TIMEOUT_S: Final = 10


def require_untraced(engine: Engine, arms: Sequence[str]) -> None:
    """Raises EngineError for an arm of which any part is traced, PreparationError for silence."""
    for arm in arms:
        if any(_telling(engine.gateway(arm))):
            raise EngineError(
                f"{arm} is up with tracing on, which costs time: run `twinbench down` first"
            )


@contextmanager
def tracing_from_the_start() -> Iterator[None]:
    """What is brought up in the block comes up traced, and need not be started twice."""
    before = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = _ON
    try:
        yield
    finally:
        if before is None:
            del os.environ[_VARIABLE]
        else:
            os.environ[_VARIABLE] = before


@contextmanager
def traced(engine: Engine, arms: Sequence[str], watcher: Watcher, *, back: bool) -> Iterator[None]:
    """The arms with tracing on: what can be traced is started anew, unless it is traced already.

    With `back` it is started anew without tracing on leaving. Raises EngineError.
    """
    changed = [arm for arm in arms if not all(_telling(engine.gateway(arm)))]
    try:
        for arm in changed:
            watcher.phase(f"starting {arm} anew, with tracing on")
            _set(engine, arm, _ON)
            if not all(_telling(engine.gateway(arm))):
                raise EngineError(f"{arm} does not tell what its answers took: it is not traced")
        yield
    finally:
        for arm in changed if back else ():
            watcher.phase(f"starting {arm} anew, without tracing")
            engine.thaw(arm)
            _set(engine, arm, _OFF)


def _set(engine: Engine, arm: str, value: str) -> None:
    for component in load_topology().of_arm(arm):
        if component.kind is Kind.APP and _SETTING in component.environment:
            engine.replace(component.name, environment={_SETTING: value})


def _telling(base_url: str) -> list[bool]:
    """Of each path, whether its answer tells what it took."""
    return [TIMING_HEADER in _header_names(f"{base_url}/api/v1{path}") for path in _PATHS]


def _header_names(url: str) -> set[str]:
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - our own
            return {name.lower() for name in answer.headers}
    except urllib.error.HTTPError as refusal:
        with refusal:
            return {name.lower() for name in refusal.headers}
    except OSError as error:
        raise PreparationError(f"GET {url}: {error}") from error
