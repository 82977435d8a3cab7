"""What can be done to containers that run: the operations of the engine protocol but `up`."""

import asyncio
import signal as signals
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from requests.exceptions import ConnectionError as ConnectionTimeout
from requests.exceptions import ReadTimeout

from twinbench.engines.compose.containers import Container, look
from twinbench.engines.compose.daemon import refusals, unless_gone
from twinbench.engines.compose.fleet import READY_SECONDS, Fleet
from twinbench.engines.protocol import (
    EngineError,
    UnsupportedByEngineError,
)
from twinbench.engines.readiness import answers
from twinbench.engines.scalable import why_single
from twinbench.topology import Component, Kind

_AT_ONCE = 8
_POLL_SECONDS = 0.02
_ENDING = frozenset({signals.SIGKILL, signals.SIGTERM, signals.SIGINT, signals.SIGQUIT})
_HALTING = frozenset({signals.SIGSTOP, signals.SIGCONT})


async def scale(fleet: Fleet, name: str, replicas: int) -> None:
    now = fleet.replicas(name)
    component = fleet.topology.components[name]
    if replicas < 1:
        raise EngineError(f"{name} needs at least one replica")
    if replicas > 1 and (reason := why_single(component)):
        raise UnsupportedByEngineError(f"{name} cannot be scaled: {reason}")
    if replicas > len(now):
        await add(fleet, name, replicas)
    staying = fleet.replicas(name)[:replicas]
    await serve(fleet, name, staying)
    leaving = [one for one in fleet.replicas(name) if one not in staying]
    await asyncio.to_thread(remove, fleet, leaving)


async def serve(fleet: Fleet, name: str, replicas: Sequence[Container]) -> None:
    """From now on gateways send requests to these alone."""
    with fleet.ledgers.changing() as ledger:
        ledger.serving[name] = [one.number for one in replicas]
    fleet.write_override()
    for gateway in _gateways_told(fleet, name):
        await asyncio.to_thread(reload_gateway, fleet, gateway)


async def add(fleet: Fleet, name: str, replicas: int) -> list[Container]:
    """So many all together. Those that do not get ready are taken away again."""
    before = {one.id for one in fleet.replicas(name)}
    how = ("--detach", "--no-deps", "--no-recreate", "--no-build")
    fleet.project.run("up", *how, "--scale", f"{name}={replicas}", name)
    fresh = [one for one in fleet.replicas(name) if one.id not in before]
    deadline = time.monotonic() + READY_SECONDS
    try:
        await asyncio.gather(*(fleet.until_ready(one, deadline) for one in fresh))
    except EngineError:
        remove(fleet, fresh)
        raise
    return fresh


def _gateways_told(fleet: Fleet, name: str) -> list[Component]:
    return [
        component
        for component in fleet.topology.components.values()
        if component.kind is Kind.GATEWAY
        and any(value.startswith(f"{name}:") for value in component.environment.values())
    ]


def reload_gateway(fleet: Fleet, gateway: Component) -> None:
    """Caddy expands placeholders in the environment of the command that tells it to reload."""
    options = [word for word in gateway.command[1:] if word != "run"]
    address = f"unix/{gateway.environment['CADDY_ADMIN_SOCKET']}"
    command = [gateway.command[0], "reload", *options, "--address", address]
    told = fleet.upstreams(gateway, fleet.ledgers.read().serving)
    for container in fleet.containers([gateway.name]):
        if container.running:
            with refusals(f"reload {gateway.name}"):
                status, said = fleet.execute(container, command, told)
            if status != 0:
                raise EngineError(f"{gateway.name} refused new upstreams: {said.strip()}")


def remove(fleet: Fleet, containers: Sequence[Container]) -> None:
    def one(container: Container) -> None:
        grace = round(fleet.topology.components[container.component].stop_grace_seconds)
        with refusals(f"remove {container.replica}"), unless_gone():
            fleet.daemon.api.stop(container.id, timeout=grace)
            fleet.daemon.api.remove_container(container.id, force=True)

    for_all(one, containers)


async def kill(fleet: Fleet, name: str, number: signals.Signals, *, restart: bool) -> None:
    """Docker leaves down what it was asked to kill, so we apply the restart policy."""
    container = fleet.replica(name)
    if not container.running:
        raise EngineError(f"{container.replica} is not running")
    if number in _HALTING:
        halt(fleet, container, number)
        return
    with fleet.ledgers.changing() as ledger:
        if not restart:
            ledger.held.append(container.replica)
    with refusals(f"kill {container.replica}"):
        if container.paused:
            fleet.daemon.api.unpause(container.id)
        fleet.daemon.api.kill(container.id, int(number))
    if number in _ENDING:
        ended = await asyncio.to_thread(_until_ended, fleet, container)
        if restart and fleet.topology.components[container.component].restart:
            await asyncio.to_thread(start_again, fleet, ended)


def halt(fleet: Fleet, container: Container, number: signals.Signals) -> None:
    """The signals themselves would reach the first process only: so by the kernel's freezer."""
    with refusals(f"send {number.name} to {container.replica}"):
        if number is signals.SIGSTOP and not container.paused:
            fleet.daemon.api.pause(container.id)
        elif number is signals.SIGCONT and container.paused:
            fleet.daemon.api.unpause(container.id)


def _until_ended(fleet: Fleet, container: Container) -> Container:
    """One that does not heed the signal goes on running."""
    grace = fleet.topology.components[container.component].stop_grace_seconds
    with refusals(f"wait for {container.replica}"), suppress(ReadTimeout, ConnectionTimeout):
        fleet.daemon.api.wait(container.id, timeout=round(grace))
    return look(fleet.daemon, container.id) or container


def start_again(fleet: Fleet, container: Container) -> None:
    """Asked for, so counted with those that were. No-op for one that has not ended."""
    if container.running:
        return
    with refusals(f"start {container.replica}"):
        fleet.daemon.api.start(container.id)
    now = look(fleet.daemon, container.id) or container
    with fleet.ledgers.changing() as ledger:
        lost = max(0, container.restarts - now.restarts)
        ledger.restarts[container.replica] = ledger.restarts.get(container.replica, 0) + 1 + lost
    component = fleet.topology.components[container.component]
    if component.kind is Kind.GATEWAY and fleet.ledgers.read().serving:
        reload_gateway(fleet, component)


async def start(fleet: Fleet, name: str) -> None:
    down = [one for one in fleet.replicas(name) if not one.running]
    with fleet.ledgers.changing() as ledger:
        ledger.held = [held for held in ledger.held if held not in {one.replica for one in down}]
    await asyncio.gather(*(fleet.start(one) for one in down))


async def wait_ready(fleet: Fleet, arm: str, deadline: float) -> None:
    held = fleet.ledgers.read().held
    for container in fleet.of_arm(arm):
        while container.replica not in held:
            now = await asyncio.to_thread(look, fleet.daemon, container.id)
            if now is not None and now.running and await answers(fleet.probe(now)):
                break
            if time.monotonic() > deadline:
                raise EngineError(f"{container.replica} is not ready{fleet.log_tail(container)}")
            await asyncio.sleep(_POLL_SECONDS)


def freeze(fleet: Fleet, arm: str) -> None:
    """What depends on others first, so that nobody is left waiting for the frozen."""
    running = [one for one in reversed(fleet.of_arm(arm)) if one.status == "running"]
    front = [one for one in running if not _is_base(fleet, one)]
    with refusals(f"freeze {arm}"):
        for_all(lambda one: _pause(fleet, one), front)
        for_all(lambda one: _pause(fleet, one), [one for one in running if one not in front])


def _is_base(fleet: Fleet, container: Container) -> bool:
    return fleet.topology.components[container.component].kind in {Kind.DATABASE, Kind.CACHE}


def _pause(fleet: Fleet, container: Container) -> None:
    with unless_gone():
        fleet.daemon.api.pause(container.id)


def thaw(fleet: Fleet, containers: Iterable[Container]) -> None:
    def one(container: Container) -> None:
        with unless_gone():
            fleet.daemon.api.unpause(container.id)

    with refusals("thaw"):
        for_all(one, [container for container in containers if container.paused])


def for_all(do: Callable[[Container], None], containers: Iterable[Container]) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(do, containers))
