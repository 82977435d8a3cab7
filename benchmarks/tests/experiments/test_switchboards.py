"""Asking components whether they have a switchboard, and switching, over small servers."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import orjson
import pytest

from twinbench.engines.model import ComponentStatus, EngineStatus, ReplicaStatus
from twinbench.engines.protocol import Engine, EngineError
from twinbench.experiments.switchboards import bites, require_none, switch


@dataclass
class Board:
    """What a component would say: `there` if it has one, `behind` if a process learns nothing."""

    there: bool = True
    behind: bool = False
    switches: list[Any] = field(default_factory=list)
    changes: int = 0

    def answer(self, method: str, body: bytes) -> tuple[int, object]:
        if not self.there:
            return 404, {"type": "not-found"}
        if method == "PUT":
            self.switches, self.changes = orjson.loads(body), self.changes + 1
            return 200, {"id": str(self.changes)}
        known = "" if self.behind else str(self.changes)
        gone = {"pid": 1, "id": "", "bites": {"cart error": 2}, "alive": False}
        return 200, {
            "id": str(self.changes),
            "processes": [gone, {"pid": 2, "id": known, "bites": {"cart error": 3}, "alive": True}],
        }


class StandIn:
    """An engine that runs one component of two replicas, on servers of the test's own."""

    def __init__(self, addresses: list[str]) -> None:
        replicas = tuple(
            ReplicaStatus(f"cart-{number}", (), address, "ready", 0.0, 0)
            for number, address in enumerate(addresses, start=1)
        )
        self._cart = ComponentStatus(
            "cart", "microservices", "app", "ready", None, replicas, 0, 0.0, ()
        )

    def status(self) -> EngineStatus:
        return EngineStatus(True, ("microservices",), "small", (self._cart,))


@pytest.fixture
def boards() -> list[Board]:
    return [Board(), Board()]


@pytest.fixture
def engine(boards: list[Board]) -> Iterator[Engine]:
    servers = [served(board) for board in boards]
    yield cast("Engine", StandIn([f"127.0.0.1:{one.server_address[1]}" for one in servers]))
    for server in servers:
        server.shutdown()
        server.server_close()


def served(board: Board) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._respond()

        def do_PUT(self) -> None:
            self._respond()

        def _respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, said = board.answer(self.command, body)
            content = orjson.dumps(said)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def test_every_replica_is_switched(engine: Engine, boards: list[Board]) -> None:
    wanted = [{"capability": "cart", "kind": "error"}]
    switch(engine, "cart", wanted)
    assert [board.switches for board in boards] == [wanted, wanted]


def test_bites_of_all_processes_there_have_been_are_added_up(engine: Engine) -> None:
    assert bites(engine, "cart", "cart error") == 10
    assert bites(engine, "cart", "cart hang") == 0


def test_a_process_that_does_not_learn_is_told(
    engine: Engine, boards: list[Board], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twinbench.experiments.switchboards._TIMEOUT_S", 0.2)
    boards[1].behind = True
    with pytest.raises(EngineError, match="cart does not learn what is switched"):
        switch(engine, "cart", [])


def test_what_is_timed_refuses_arms_that_have_one(engine: Engine, boards: list[Board]) -> None:
    with pytest.raises(EngineError, match=r"^microservices is up with a switchboard for faults"):
        require_none(engine, ["microservices"])
    require_none(engine, ["monolith"])
    for board in boards:
        board.there = False
    require_none(engine, ["microservices"])
    with pytest.raises(EngineError, match="cart has no switchboard for faults: 404"):
        switch(engine, "cart", [])
