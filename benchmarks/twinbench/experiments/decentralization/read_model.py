"""The report as the services' way with a store of its own, fed by events: a ninth service.

`patches/read_model.patch` is all of it, and what orders must tell in addition. It runs beside the
arm, on the arm's broker, with a database made for it on a server that is there.
"""

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import orjson
import psycopg

from twinbench.engines.kinship import die_with_parent
from twinbench.engines.ports import Ports
from twinbench.engines.protocol import Engine
from twinbench.experiments.decentralization.composition import Sale
from twinbench.load.preparation import PreparationError

_BROKER: Final = "microservices-broker"
_BROKER_PASSWORD: Final = "microservices-broker-password"  # noqa: S105 - the name of a secret
_SERVER: Final = "orders-db"
_DATABASE: Final = "reports"
_READY_S: Final = 20.0
_GRACE_S: Final = 5.0
_PAUSE_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class ReadModel:
    """A running one, at this port of this machine."""

    port: int

    def sales(self) -> tuple[list[Sale], int]:
        """The report, in order, and how many requests it took. Raises PreparationError."""
        status, raw = _asked(self.port, "/reports/sales")
        if status != http.client.OK:
            raise PreparationError(f"the read model answers with {status}")
        return [(a, b, c, d, e) for a, b, c, d, e in orjson.loads(raw)["items"]], 1


@contextmanager
def running_read_model(engine: Engine, release: Path) -> Iterator[ReadModel]:
    """From the code in `release`, ready; process and database go with the block.

    Raises PreparationError with the end of its log when it does not become ready.
    """
    port, admin = Ports().free(), engine.database_url(_SERVER, admin=True)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {_DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {_DATABASE}")
    log = release / "reports.log"
    process = _started(engine, release, port, log)
    try:
        _wait_ready(process, port, log)
        yield ReadModel(port)
    finally:
        process.terminate()
        try:
            process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {_DATABASE} WITH (FORCE)")


def _started(engine: Engine, release: Path, port: int, log: Path) -> "subprocess.Popen[bytes]":
    services = release / "microservices"
    url = urlsplit(engine.database_url(_SERVER, admin=True))._replace(path=f"/{_DATABASE}")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{services / 'kit'}:{services / 'reports'}",
        "GRANIAN_HOST": "127.0.0.1",
        "GRANIAN_PORT": str(port),
        "GRANIAN_WORKERS": "1",
        "DATABASE_URL": url.geturl(),
        "DATABASE_POOL_SIZE": "4",
        "REDIS_URL": f"redis://{engine.address(_BROKER)}/0",
        "REDIS_PASSWORD_FILE": str(engine.paths.secrets / _BROKER_PASSWORD),
    }
    with log.open("wb") as output:
        return subprocess.Popen(
            [str(services / "orders/.venv/bin/granian"), "--interface", "asgi", "reports.main:app"],
            cwd=services / "reports",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - as for floors
        )


def _wait_ready(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + _READY_S
    while True:
        try:
            if _asked(port, "/readyz")[0] == http.client.OK:
                return
        except OSError:
            pass
        if process.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
            raise PreparationError(f"the read model is not ready:\n{tail}")
        # Paces the asking; what ends it is the answer.
        time.sleep(_PAUSE_S)


def _asked(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
