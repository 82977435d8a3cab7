"""`docker-compose.yml` as typed data: the one description of what runs, for every engine."""

import hashlib
import json
import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from twinbench.errors import TwinbenchError
from twinbench.images import command_of
from twinbench.paths import TOPOLOGY_FILE

OUTSIDE = "outside"
_TOOL = "tool"

# The same as `yaml.SafeLoader`, in C where PyYAML was built so: a tenth of the time.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_VARIABLE = re.compile(r"\$(?:(\$)|\{(\w+)(?:(:?)-([^}]*))?\})")


class TopologyError(TwinbenchError):
    """The topology cannot be read; the message is one clear line."""


class Kind(StrEnum):
    APP = "app"
    JOB = "job"
    DATABASE = "database"
    CACHE = "cache"
    GATEWAY = "gateway"


class Condition(StrEnum):
    STARTED = "service_started"
    HEALTHY = "service_healthy"
    COMPLETED = "service_completed_successfully"


class SecretKind(StrEnum):
    PASSWORD = "password"  # noqa: S105 -- the name of a kind, not a secret
    TOKEN = "token"  # noqa: S105 -- likewise
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class Listen:
    """The variables through which a component is told its listening address."""

    host: str
    port: str


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder inside a component: a named volume, or a file or folder of the checkout."""

    source: str
    target: str

    @property
    def is_volume(self) -> bool:
        return not self.source.startswith((".", "/"))


@dataclass(frozen=True, slots=True)
class Component:
    """One service of the topology, with variables substituted."""

    name: str
    arm: str
    kind: Kind
    command: tuple[str, ...]
    environment: Mapping[str, str]
    depends_on: Mapping[str, Condition]
    image: str | None = None
    project: str | None = None
    pythonpath: tuple[str, ...] = ()
    listen: Listen | None = None
    ready_path: str | None = None
    ready_file: str | None = None
    directory: str | None = None
    published_port: int | None = None
    mounts: tuple[Mount, ...] = ()
    secrets: tuple[str, ...] = ()
    restart: bool = False
    stop_signal: str = "SIGTERM"
    stop_grace_seconds: float = 10.0
    profiles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Topology:
    """All components. `digest` is of their content after substitution; `variants` are arms that
    are run only where they are named."""

    folder: Path
    components: Mapping[str, Component]
    secrets: Mapping[str, SecretKind]
    digest: str
    variants: tuple[str, ...] = ()

    @property
    def arms(self) -> tuple[str, ...]:
        """In the order of the file."""
        arms = (component.arm for component in self.components.values())
        return tuple(arm for arm in dict.fromkeys(arms) if arm != OUTSIDE)

    @property
    def usual_arms(self) -> tuple[str, ...]:
        """Those that are meant where none is named."""
        return tuple(arm for arm in self.arms if arm not in self.variants)

    @property
    def default_arms(self) -> tuple[str, ...]:
        """Those that `docker compose up` would start too: the arms that no profile holds back."""
        return tuple(arm for arm in self.arms if not any(c.profiles for c in self.of_arm(arm)))

    def of_arm(self, arm: str) -> tuple[Component, ...]:
        return tuple(c for c in self.components.values() if c.arm == arm)

    def needed_by(self, arms: Iterable[str]) -> tuple[Component, ...]:
        """Components of the arms and all they depend on, dependencies first."""
        done: dict[str, Component] = {}
        for arm in arms:
            for component in self.of_arm(arm):
                self._collect(component.name, done, ())
        return tuple(done.values())

    def _collect(self, name: str, done: dict[str, Component], trail: tuple[str, ...]) -> None:
        if name in trail:
            raise TopologyError(f"the topology has a cycle: {' -> '.join((*trail, name))}")
        if name in done:
            return
        component = self.components[name]
        for dependency in component.depends_on:
            self._collect(dependency, done, (*trail, name))
        done[name] = component

    def upstream_databases(self, name: str) -> tuple[str, ...]:
        """The databases that the component depends on, directly or not."""
        done: dict[str, Component] = {}
        self._collect(name, done, ())
        return tuple(c.name for c in done.values() if c.kind is Kind.DATABASE)

    def gateway_of(self, arm: str) -> Component:
        for component in self.of_arm(arm):
            if component.kind is Kind.GATEWAY:
                return component
        raise TopologyError(f"arm {arm!r} has no gateway")


def load(file: Path = TOPOLOGY_FILE, *, variables: Mapping[str, str] | None = None) -> Topology:
    """Reads the file; `variables` (default: the environment) fill its `${NAME:-default}`."""
    try:
        raw = yaml.load(file.read_text(), Loader=_LOADER)  # noqa: S506 - safe as well
    except FileNotFoundError:
        raise TopologyError(f"there is no topology at {file}") from None
    except (OSError, yaml.YAMLError) as error:
        raise TopologyError(f"cannot read the topology {file}: {_one_line(error)}") from error
    values = os.environ if variables is None else variables
    document = substituted(raw, values)
    try:
        services = _wanted(document["services"], values)
        components = {name: _component(name, raw, file.parent) for name, raw in services.items()}
        secrets = {
            name: SecretKind(raw["x-twinbench"]["generate"])
            for name, raw in document.get("secrets", {}).items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TopologyError(f"{file} is not a valid topology: {_one_line(error)}") from error
    for component in components.values():
        for missing in set(component.depends_on) - set(components):
            raise TopologyError(f"{component.name} depends on {missing}, which does not exist")
    content = json.dumps({"services": services}, sort_keys=True, default=str)
    digest = hashlib.sha256(content.encode()).hexdigest()
    variants = tuple(document.get("x-variants", ()))
    return Topology(file.resolve().parent, components, secrets, digest, variants)


def _wanted(services: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """What is for people, such as notebooks, is no part of what is run and measured; nor is what
    another setting would need."""

    def belongs(ours: Mapping[str, Any]) -> bool:
        needed: Mapping[str, str] = ours.get("when", {})
        return ours["kind"] != _TOOL and all(values.get(n) == v for n, v in needed.items())

    found = {name: raw for name, raw in services.items() if belongs(raw["x-twinbench"])}
    for name, raw in found.items():
        if isinstance(raw.get("depends_on"), dict):
            there = {
                o: c for o, c in raw["depends_on"].items() if c.get("required", True) or o in found
            }
            found[name] = {**raw, "depends_on": there}
    return found


def variables_named_in(file: Path = TOPOLOGY_FILE) -> frozenset[str]:
    """Names of the variables that the file leaves to its environment."""
    return frozenset(match.group(2) for match in _VARIABLE.finditer(file.read_text())) - {None}


def substituted(node: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 -- YAML is untyped
    """What YAML holds, with each `${NAME:-default}` in its text filled from `values`."""
    if isinstance(node, dict):
        return {key: substituted(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [substituted(value, values) for value in node]
    if isinstance(node, str):
        return _VARIABLE.sub(lambda match: _value_of(match, values), node)
    return node


def _value_of(match: re.Match[str], values: Mapping[str, str]) -> str:
    dollar, name, if_empty_too, default = match.groups()
    if dollar:
        return "$"
    value = values.get(name)
    if value is None or (if_empty_too and not value):
        return default or ""
    return str(value)


def _component(name: str, raw: Mapping[str, Any], folder: Path) -> Component:
    ours: Mapping[str, Any] = raw["x-twinbench"]
    ready: Mapping[str, str] = ours.get("ready", {})
    listen = ours.get("listen")
    return Component(
        name=name,
        arm=ours.get("arm", OUTSIDE),
        kind=Kind(ours["kind"]),
        command=_command(raw, folder / ours.get("project", ".")),
        environment={k: _scalar(v) for k, v in raw.get("environment", {}).items()},
        depends_on=_dependencies(raw.get("depends_on", {})),
        image=raw.get("image"),
        project=ours.get("project"),
        pythonpath=tuple(ours.get("pythonpath", ())),
        listen=Listen(listen["host"], listen["port"]) if listen else None,
        ready_path=ready.get("http"),
        ready_file=ready.get("file"),
        directory=ours.get("directory"),
        published_port=_published(raw.get("ports", ())),
        mounts=tuple(_mounts(raw.get("volumes", ()))),
        secrets=tuple(raw.get("secrets", ())),
        restart=raw.get("restart", "no") in {"unless-stopped", "always"},
        stop_signal=raw.get("stop_signal", "SIGTERM"),
        stop_grace_seconds=_seconds(raw.get("stop_grace_period", "10s")),
        # What a setting calls for, no profile holds back.
        profiles=() if "when" in ours else tuple(raw.get("profiles", ())),
    )


def _command(raw: Mapping[str, Any], project: Path) -> tuple[str, ...]:
    return _words(raw["command"]) if "command" in raw else command_of(project / "Dockerfile")


def _words(command: str | list[str]) -> tuple[str, ...]:
    return tuple(shlex.split(command) if isinstance(command, str) else map(str, command))


def _scalar(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _dependencies(raw: Mapping[str, Any] | list[str]) -> dict[str, Condition]:
    if isinstance(raw, list):
        return dict.fromkeys(raw, Condition.STARTED)
    return {name: Condition(entry["condition"]) for name, entry in raw.items()}


def _published(ports: Iterable[str]) -> int | None:
    """The host's port of the first `[address:]host:container` entry."""
    return next((int(str(entry).rsplit(":", 2)[-2]) for entry in ports), None)


def _mounts(raw: Iterable[str]) -> Iterator[Mount]:
    for entry in raw:
        source, target, *_ = entry.split(":")
        yield Mount(source, target)


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m)", text)
    if match is None:
        raise ValueError(f"{text!r} is not a duration")
    return float(match.group(1)) * {"ms": 0.001, "s": 1.0, "m": 60.0}[match.group(2)]


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
