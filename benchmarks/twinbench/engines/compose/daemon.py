"""Docker's engine and its Compose: found once, and told of in one line when they will not do."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from types import TracebackType
from typing import Any, Self, cast

import docker
import requests
from docker.errors import APIError, DockerException, NotFound
from docker.utils import kwargs_from_env

from twinbench.engines.protocol import EngineError

NEEDED_API = (1, 41)
NEEDED_COMPOSE = (2, 20)
_SECONDS = 120
_OTHERWISE = "or leave out `--engine compose`: arms run without Docker too"


class MissingError(EngineError):
    """Docker or Compose is not there, does not answer, or is too old."""


class Daemon:
    """A connection to the engine, which serves several threads; a context manager.

    Raises MissingError with the one line that says what to do.
    """

    def __init__(self) -> None:
        self._api: docker.APIClient | None = None

    @property
    def api(self) -> docker.APIClient:
        """Opened by its first use."""
        if self._api is None:
            self._api = _connected()
        return self._api

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._api is not None:
            self._api.close()

    def info(self) -> Mapping[str, Any]:
        with refusals("tell of itself"):
            return cast("Mapping[str, Any]", self.api.info())


def _connected() -> docker.APIClient:
    try:
        _require_listener(os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"))
        api = docker.APIClient(version="auto", timeout=_SECONDS, **kwargs_from_env())
    except (DockerException, OSError) as error:
        raise MissingError(
            f"no Docker engine answers ({_reason(error)}): start one, {_OTHERWISE}"
        ) from error
    if _numbers(api.api_version) < NEEDED_API:
        api.close()
        raise MissingError(f"Docker 20.10 or newer is needed, {_OTHERWISE}")
    return api


def _require_listener(address: str) -> None:
    """The SDK forgets to close a socket at which nobody listens. Raises OSError."""
    kind, _, path = address.partition("://")
    if kind == "unix":
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.connect(path)


@contextmanager
def refusals(what: str) -> Iterator[None]:
    """What Docker refuses becomes an EngineError of one line."""
    try:
        yield
    except (DockerException, requests.RequestException) as error:
        raise EngineError(f"Docker refused to {what}: {_reason(error)}") from error


@contextmanager
def unless_gone() -> Iterator[None]:
    """Nothing is wrong when a container has gone, or is already as it is asked to be."""
    try:
        yield
    except NotFound:
        return
    except APIError as error:
        if not re.search(r"not running|not paused|already paused|is paused", _reason(error)):
            raise


def _reason(error: Exception) -> str:
    text = str(error.explanation or error) if isinstance(error, APIError) else str(error)
    return " ".join(text.split())[:300]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(word) for word in re.findall(r"\d+", version)[:2])


@cache
def compose_command() -> tuple[str, ...]:
    """`docker compose`, or `docker-compose` where that is a version 2. Raises MissingError."""
    found = None
    for command in (("docker", "compose"), ("docker-compose",)):
        program = shutil.which(command[0])
        if program is None:
            continue
        version = _output((program, *command[1:], "version", "--short"))
        if version is not None and _numbers(version) >= NEEDED_COMPOSE:
            return (program, *command[1:])
        found = found or version
    needed = ".".join(map(str, NEEDED_COMPOSE))
    there = f"this is {found}" if found else "there is none"
    raise MissingError(f"Docker Compose {needed} or newer is needed, {there}; {_OTHERWISE}")


def compose_version() -> str:
    return _output((*compose_command(), "version", "--short")) or "unknown"


def _output(command: Sequence[str]) -> str | None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip().removeprefix("v") if done.returncode == 0 else None
