"""Putting another image or other settings in the place of containers that run.

A container's code is its image's: a new version is a new image and a new container. Containers that
leave are first taken from the gateways; callers find the others by Docker's DNS.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from twinbench.engines.compose.containers import Container
from twinbench.engines.compose.fleet import READY_SECONDS, Fleet
from twinbench.engines.compose.operations import add, remove, serve
from twinbench.engines.compose.project import buildable, release_of
from twinbench.engines.protocol import (
    EngineError,
    ReplaceStrategy,
    RolledBackError,
    UnsupportedByEngineError,
)
from twinbench.topology import Kind


@dataclass(frozen=True, slots=True)
class Change:
    """Settings to lay over the component's own, and the folder that its code is from."""

    environment: Mapping[str, str]
    source: str | None


async def replace(fleet: Fleet, name: str, change: Change, strategy: ReplaceStrategy) -> None:
    """Raises RolledBackError for what does not get ready; what ran before serves again."""
    now = fleet.replicas(name)
    how = _way(fleet, name, strategy)
    before = fleet.ledgers.read()
    with fleet.ledgers.changing() as ledger:
        ledger.replaced[name] = ledger.replaced.get(name, {}) | dict(change.environment)
        ledger.sources.pop(name, None)
        if change.source is not None:
            ledger.sources[name] = change.source
    _build(fleet, name)
    try:
        await how(fleet, name, now)
    except EngineError as error:
        with fleet.ledgers.changing() as ledger:
            ledger.replaced[name] = before.replaced.get(name, {})
            ledger.sources = before.sources
        fleet.write_override()
        old = {one.id for one in now}
        await how(fleet, name, [one for one in fleet.replicas(name) if one.id not in old])
        raise RolledBackError(str(error)) from error


def _way(
    fleet: Fleet, name: str, strategy: ReplaceStrategy
) -> Callable[[Fleet, str, Sequence[Container]], Awaitable[None]]:
    if strategy == "reload":
        raise UnsupportedByEngineError(
            f"{name} cannot be reloaded in place, as its code is in its image: "
            "use strategy 'recreate'"
        )
    component = fleet.topology.components[name]
    if strategy != "recreate" and (component.kind is not Kind.APP or component.listen is None):
        raise UnsupportedByEngineError(
            f"{name} cannot be replaced by {strategy!r}: use strategy 'recreate'"
        )
    return {"recreate": _recreate, "rolling": _roll, "blue-green": _switch}[strategy]


def prepare(fleet: Fleet, name: str, source: str) -> None:
    """Builds the image; whatever runs goes on with its own."""
    before = fleet.ledgers.read().sources
    with fleet.ledgers.changing() as ledger:
        ledger.sources[name] = source
    try:
        _build(fleet, name)
    finally:
        with fleet.ledgers.changing() as ledger:
            ledger.sources = before
        fleet.write_override()


async def run_job(fleet: Fleet, name: str, source: str | None) -> None:
    """In a container of its own, which is gone afterwards."""
    if fleet.topology.components[name].kind is not Kind.JOB:
        raise EngineError(f"{name} is no job: it goes on running")
    with fleet.ledgers.changing() as ledger:
        if source is not None:
            ledger.sources[name] = source
    try:
        _build(fleet, name)
        await asyncio.to_thread(fleet.project.run, "run", "--rm", "-T", "--no-deps", name)
    finally:
        with fleet.ledgers.changing() as ledger:
            ledger.sources.pop(name, None)
        fleet.write_override()


def _build(fleet: Fleet, name: str) -> None:
    """Its image: that of its source, or the checkout's."""
    sources = fleet.ledgers.read().sources
    if name in sources:
        fleet.write_override(building=name)
        builder = release_of(fleet.project.file, name, sources).builder
        fleet.project.run("build", "--quiet", builder)
    elif with_build := buildable(fleet.project.file, [name]):
        fleet.write_override()
        fleet.project.run("build", "--quiet", *with_build)
    fleet.write_override()


async def _recreate(fleet: Fleet, name: str, leaving: Sequence[Container]) -> None:
    if not leaving:
        return
    how = ("--detach", "--no-deps", "--no-build", "--force-recreate")
    await asyncio.to_thread(
        fleet.project.run, "up", *how, "--scale", f"{name}={len(leaving)}", name
    )
    deadline = time.monotonic() + READY_SECONDS
    await asyncio.gather(*(fleet.until_ready(one, deadline) for one in fleet.replicas(name)))


async def _roll(fleet: Fleet, name: str, leaving: Sequence[Container]) -> None:
    """One at a time; old and new serve side by side until all are replaced."""
    for container in leaving:
        there = fleet.replicas(name)
        fresh = await add(fleet, name, len(there) + 1)
        await serve(fleet, name, [*there, *fresh])
        await _retire(fleet, name, [container])


async def _switch(fleet: Fleet, name: str, leaving: Sequence[Container]) -> None:
    """All new ones are ready before the first request goes to any of them."""
    if leaving:
        await add(fleet, name, len(fleet.replicas(name)) + len(leaving))
        await _retire(fleet, name, leaving)


async def _retire(fleet: Fleet, name: str, leaving: Sequence[Container]) -> None:
    gone = {one.id for one in leaving}
    await serve(fleet, name, [one for one in fleet.replicas(name) if one.id not in gone])
    await asyncio.to_thread(remove, fleet, leaving)
