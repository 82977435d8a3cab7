"""From a component of the topology to a process on this machine.

Addresses (`HOST:PORT` of another component) and paths inside a container (`/run/secrets/NAME`,
`/tmp`, mounted folders) are rewritten; nothing else of a command or an environment is.
"""

import re
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from twinbench.embedded import caddy, valkey
from twinbench.embedded.postgres import Installation
from twinbench.engines.children import Launch
from twinbench.engines.protocol import EngineError
from twinbench.engines.secrets import read_secret
from twinbench.paths import StatePaths
from twinbench.topology import Component, Kind, Topology

_HOST = "127.0.0.1"

Addresses = Callable[[str], Sequence[str]]
"""Component name to the addresses of its replicas."""


@dataclass(frozen=True, slots=True)
class Kitchen:
    """What all recipes of one engine share."""

    paths: StatePaths
    topology: Topology
    postgres: Callable[[], Installation]
    addresses: Addresses


@dataclass(frozen=True, slots=True)
class Release:
    """What replicas run: settings laid over the component's environment, and their code.

    `source` is a folder laid out as the checkout is; without one it is the checkout's code.
    `described`: the component as the topology has it with other variables.
    """

    overrides: Mapping[str, str] = field(default_factory=dict)
    source: Path | None = None
    described: Component | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One replica to be made."""

    component: Component
    replica: str
    port: int
    release: Release


def launch_of(kitchen: Kitchen, order: Order) -> Launch:
    """Makes the replica's private folder anew, writes its files, and says how to start it."""
    component = order.component
    scratch = kitchen.paths.scratch / order.replica
    scratch.mkdir(parents=True, exist_ok=True)
    log = kitchen.paths.logs / f"{order.replica}.log"
    stop_signal = signal.Signals[component.stop_signal]
    if component.kind is Kind.DATABASE:
        return _database(kitchen, order, log)
    if component.kind is Kind.CACHE:
        argv = _cache_command(kitchen, order, scratch)
        return Launch(argv, _base(scratch, ()), scratch, log, stop_signal)
    environment = environment_of(kitchen, order)
    command = tuple(_rewritten(kitchen, order, word) for word in component.command)
    told_by = ready_file(kitchen, order)
    if told_by is not None:
        told_by.unlink(missing_ok=True)
    if component.kind is Kind.GATEWAY:
        return Launch(caddy.server(command[1:]), environment, scratch, log, stop_signal)
    project = source_folder(kitchen, order) / (component.project or ".")
    return Launch(_program(project, command), environment, project, log, stop_signal)


def gateway_reload(kitchen: Kitchen, order: Order) -> Launch:
    """The command that makes a running gateway read its configuration with today's addresses."""
    environment = environment_of(kitchen, order)
    command = tuple(_rewritten(kitchen, order, word) for word in order.component.command)
    argv = caddy.reload(command[1:], environment["CADDY_ADMIN_SOCKET"])
    log = kitchen.paths.logs / f"{order.replica}.log"
    return Launch(argv, environment, kitchen.paths.scratch / order.replica, log)


def environment_of(kitchen: Kitchen, order: Order) -> dict[str, str]:
    component = order.component
    scratch = kitchen.paths.scratch / order.replica
    folders: tuple[Path, ...] = ()
    source = source_folder(kitchen, order)
    if component.project is not None:
        folders = (source / component.project / ".venv" / "bin",)
    environment = _base(scratch, folders)
    if component.kind is Kind.GATEWAY:
        environment |= caddy.private_folders(scratch)
    if component.pythonpath:
        roots = (str(source / root) for root in component.pythonpath)
        environment["PYTHONPATH"] = ":".join(roots)
    for name, value in {**component.environment, **order.release.overrides}.items():
        environment[name] = _rewritten(kitchen, order, value)
    if component.directory is not None:
        environment[component.directory] = str(kitchen.paths.directory)
    if component.listen is not None:
        environment[component.listen.host] = _HOST
        environment[component.listen.port] = str(order.port)
    return environment


def ready_file(kitchen: Kitchen, order: Order) -> Path | None:
    variable = order.component.ready_file
    if variable is None:
        return None
    return Path(_rewritten(kitchen, order, order.component.environment[variable]))


def source_folder(kitchen: Kitchen, order: Order) -> Path:
    """Where the checkout's folders are found for this replica."""
    return order.release.source or kitchen.topology.folder


def secret_in(environment: Mapping[str, str], variable: str, paths: StatePaths) -> str | None:
    """The content of the secret whose file the variable names; `None` without the variable."""
    value = environment.get(variable)
    return None if value is None else read_secret(paths.secrets, Path(value).name)


def _base(scratch: Path, folders: tuple[Path, ...]) -> dict[str, str]:
    """Nothing of the caller's environment reaches a component, but what programs need to run."""
    path = (*map(str, folders), "/usr/local/bin", "/usr/bin", "/bin")
    return {
        "PATH": ":".join(path),
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONUNBUFFERED": "1",
    }


def _program(project: Path, command: tuple[str, ...]) -> tuple[str, ...]:
    program = project / ".venv" / "bin" / command[0]
    if not program.exists():
        raise EngineError(
            f"{program} does not exist: run `make setup`, "
            "or `make setup-polyglot` for another implementation"
        )
    return (str(program), *command[1:])


def _rewritten(kitchen: Kitchen, order: Order, value: str) -> str:
    return _with_paths(kitchen, order, _with_addresses(kitchen, order.component, value))


def _with_addresses(kitchen: Kitchen, component: Component, value: str) -> str:
    """A gateway is told all replicas, separated by spaces; others are told the first.

    Whoever has a directory keeps the names of its own arm's apps.
    """
    if ":" not in value:
        return value
    names = "|".join(sorted(map(re.escape, kitchen.topology.components), key=len, reverse=True))

    def addresses(match: re.Match[str]) -> str:
        named = kitchen.topology.components[match.group(1)]
        if component.directory and named.kind is Kind.APP and named.arm == component.arm:
            return match.group()
        found = kitchen.addresses(match.group(1))
        return " ".join(found) if component.kind is Kind.GATEWAY else found[0]

    return re.sub(rf"(?<![\w.-])({names}):\d+(?!\d)", addresses, value)


def _with_paths(kitchen: Kitchen, order: Order, value: str) -> str:
    if not value.startswith("/"):
        return value
    paths, scratch = kitchen.paths, kitchen.paths.scratch / order.replica
    places = {"/run/secrets": paths.secrets, "/tmp": scratch}  # noqa: S108 -- in the container
    for mount in order.component.mounts:
        if mount.is_volume:
            places[mount.target] = paths.volumes / mount.source
        else:
            places[mount.target] = (kitchen.topology.folder / mount.source).resolve()
    for target in sorted(places, key=len, reverse=True):
        if value == target or value.startswith(f"{target}/"):
            place = places[target]
            if place.is_relative_to(paths.volumes):
                place.mkdir(parents=True, exist_ok=True)
            return f"{place}{value[len(target) :]}"
    if value.endswith(".sock"):
        return str(paths.sockets / f"{order.replica}.sock")
    return value


def _database(kitchen: Kitchen, order: Order, log: Path) -> Launch:
    installation = kitchen.postgres()
    cluster = installation.cluster(order.component.name)
    argv = installation.server(cluster, order.port, order.component.command[1:])
    return Launch(
        argv,
        _base(installation.home, ()),
        installation.home,
        log,
        signal.Signals[order.component.stop_signal],
        installation.user,
    )


def _cache_command(kitchen: Kitchen, order: Order, scratch: Path) -> tuple[str, ...]:
    component = order.component
    volume = next((m.source for m in component.mounts if m.is_volume), component.name)
    data = kitchen.paths.volumes / volume
    data.mkdir(parents=True, exist_ok=True)
    password = secret_in(component.environment, "VALKEY_PASSWORD_FILE", kitchen.paths)
    file = scratch / "valkey.conf"
    file.touch(mode=0o600)
    file.write_text(valkey.configuration(order.port, data, password))
    return valkey.server(file, component.command[1:])
