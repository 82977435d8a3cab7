"""Switchboards of faults: in place where faults are what is measured, and nowhere else.

A component is asked rather than believed: it has one if it answers on the path of one. Gateways do
not lead there, so each replica is asked at its own address.
"""

import time
import urllib.error
import urllib.request
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from twinbench.engines.protocol import Engine, EngineError
from twinbench.experiments.faults import SETTING
from twinbench.topology import Kind, Topology
from twinbench.topology import load as load_topology

ON: Final = "switchboard"
_PATH: Final = "/faults"
_TIMEOUT_S: Final = 5.0
_POLL_S: Final = 0.05
_OK: Final = 200
_NOT_FOUND: Final = 404


def switchable(topology: Topology, arm: str) -> tuple[str, ...]:
    """The components of an arm that can have one."""
    return tuple(
        one.name
        for one in topology.of_arm(arm)
        if one.kind is Kind.APP and SETTING in one.environment
    )


def require_none(engine: Engine, arms: Sequence[str]) -> None:
    """Raises EngineError for an arm of which any part has a switchboard, or does not answer."""
    topology = load_topology()
    owners = {name: arm for arm in arms for name in switchable(topology, arm)}
    for address, component in _addresses(engine, owners):
        if _asked("GET", address)[0] != _NOT_FOUND:
            raise EngineError(
                f"{owners[component]} is up with a switchboard for faults, which costs time: "
                "run `twinbench down` first"
            )


def switch(engine: Engine, component: str, switches: Sequence[Mapping[str, object]]) -> None:
    """Have every process of the component know these switches, in place of any others.

    Raises EngineError where there is no switchboard, or a process does not learn of them.
    """
    body = orjson.dumps(list(switches))
    for address, _ in _addresses(engine, [component]):
        status, told = _asked("PUT", address, body)
        if status != _OK:
            raise EngineError(f"{component} has no switchboard for faults: {status}")
        deadline = time.monotonic() + _TIMEOUT_S
        while not _all_know(address, told["id"]):
            if time.monotonic() > deadline:
                raise EngineError(f"{component} does not learn what is switched")
            time.sleep(_POLL_S)


def bites(engine: Engine, component: str, what: str) -> int:
    """What `capability kind` has done so far, in all processes there have been."""
    told = [_asked("GET", address)[1] for address, _ in _addresses(engine, [component])]
    return sum(one["bites"].get(what, 0) for account in told for one in account["processes"])


def _all_know(address: str, wanted: str) -> bool:
    living = [one for one in _asked("GET", address)[1]["processes"] if one["alive"]]
    return bool(living) and all(one["id"] == wanted for one in living)


def _addresses(engine: Engine, components: Container[str]) -> Iterator[tuple[str, str]]:
    """Of every replica, with its component."""
    for one in engine.status().components:
        if one.name in components:
            for replica in one.replicas:
                if replica.address is not None:
                    yield replica.address, one.name


def _asked(method: str, address: str, body: bytes | None = None) -> tuple[int, Any]:
    """Status and what was said. Raises EngineError where nobody answers."""
    request = urllib.request.Request(
        f"http://{address}{_PATH}", body, {"Content-Type": "application/json"}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - likewise
            return answer.status, orjson.loads(answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, None
    except OSError as error:
        raise EngineError(f"{method} {_PATH} at {address}: {error}") from error
