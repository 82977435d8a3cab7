"""The real acquirer, as a process of its own."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import urllib3

PROJECT = Path(__file__).parents[3] / "acquirer"
START_SECONDS = 20


@dataclass(frozen=True)
class Processor:
    url: str

    def ledger(self) -> dict[str, dict[str, Any]]:
        """What the books say, by reference."""
        answer = urllib3.request("GET", self.url + "/ledger")
        return {item["reference"]: item for item in orjson.loads(answer.data)["items"]}


@contextmanager
def held_port() -> Iterator[int]:
    """Bound, not listening: nobody else is given it, and a server that may reuse addresses is."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Processor]:
    granian = PROJECT / ".venv" / "bin" / "granian"
    if not granian.exists():
        raise RuntimeError("the acquirer has no environment: run `make setup`")
    log = folder / "acquirer.log"
    environment = {
        "PATH": os.environ["PATH"],
        "JOURNAL_FILE": str(folder / "journal.jsonl"),
        "DELAY_MEDIAN_MS": "0",
        **settings,
    }
    command = [str(granian), "--interface", "asgi", "--host", "127.0.0.1"]
    with (
        held_port() as port,
        log.open("wb") as output,
        subprocess.Popen(  # noqa: S603
            [*command, "--port", str(port), "acquirer.main:app"],
            cwd=PROJECT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            processor = Processor(f"http://127.0.0.1:{port}")
            _wait(processor, process, log)
            yield processor
        finally:
            process.terminate()


def _wait(processor: Processor, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib3.request("GET", processor.url + "/readyz", timeout=1, retries=False)
        except urllib3.exceptions.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the acquirer did not start: {log.read_text()}")
