"""Faults on purpose, switched while the service runs, and counted as they bite.

Off unless the setting `faults` says so, and then not installed: a service without it has neither
the paths nor the middleware. When on, `PUT /faults` takes switches and `GET /faults` tells what
they have done. Neither path is under /api/v1, so no gateway leads there.

A switch holds from `begins` to `ends`, which are set beforehand: nothing has to be reached while
the fault bites, and each ends by itself. The worker processes of a replica share a folder, so what
one of them is told, all of them do.
"""

import asyncio
import os
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from uuid import uuid4

import orjson
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from kit.answering import Answering
from kit.errors import InternalError, problem_of
from kit.json import json_response
from kit.patience import stand_aside

PATH: Final = "/faults"
_LOOK_SECONDS: Final = 0.05
_MEGABYTE: Final = 1_000_000
_DOORS: Final = ("/api/", "/internal/")
_CRASHED: Final = 70


class Switch(BaseModel):
    """One fault of one capability, between two instants in seconds since the epoch.

    crash: the process ends. hang: requests wait for the end. cpu: a thread takes all it can get.
    memory: the process grows by `amount` megabytes a second and gives all back at the end. error:
    the answer is a 500. delay: requests wait `amount` seconds. Where it is requests that suffer,
    this `share` of them does, by chance.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    capability: str
    kind: Literal["crash", "hang", "cpu", "memory", "error", "delay"]
    begins: float
    ends: float
    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    amount: Annotated[float, Field(ge=0)] = 0.0

    def holds(self) -> bool:
        return self.begins <= time.time() < self.ends


class Switches(BaseModel):
    """All that is switched; `id` is new with each change."""

    id: str = ""
    switches: tuple[Switch, ...] = ()


class Switchboard:
    """What one capability suffers in this process. It learns of changes within 0.05 s."""

    def __init__(self, capability: str, folder: Path | None = None) -> None:
        self._capability = capability
        self._folder = folder or common_folder()
        self._known: tuple[int, Switches] = (0, Switches())
        self._bites: Counter[str] = Counter()
        self._told: tuple[str, Counter[str]] | None = None
        self._leaked: list[bytes] = []
        self._over = threading.Event()

    @asynccontextmanager
    async def running(self, _: FastAPI) -> AsyncIterator[None]:
        """Looks for switches until the block ends."""
        thread = threading.Thread(target=self._look_again, name="faults", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            await asyncio.to_thread(thread.join)

    async def bite(self) -> None:
        """Lets a request suffer. Raises InternalError where that is what is switched on."""
        for switch in self._holding("crash", "hang", "error", "delay"):
            if random.random() >= switch.share:
                continue
            self._count(switch.kind, 1)
            match switch.kind:
                case "crash":
                    self._tell()
                    os._exit(_CRASHED)
                case "error":
                    raise InternalError
                case "hang":
                    stand_aside()
                    await asyncio.sleep(switch.ends - time.time())
                case _:
                    stand_aside()
                    await asyncio.sleep(switch.amount)

    def _holding(self, *kinds: str) -> list[Switch]:
        return [
            switch
            for switch in self._known[1].switches
            if switch.capability == self._capability and switch.kind in kinds and switch.holds()
        ]

    def _count(self, kind: str, bites: int) -> None:
        self._bites[f"{self._capability} {kind}"] += bites

    def _look_again(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            self._read()
            self._leak()
            if self._holding("cpu"):
                self._burn()
            self._tell()

    def _read(self) -> None:
        file = _switches_file(self._folder)
        version = file.stat().st_mtime_ns if file.exists() else 0
        if version != self._known[0]:
            self._known = version, switches_in(self._folder)

    def _burn(self) -> None:
        """Until it is time to look again; it asks for the interpreter all the while."""
        began = time.thread_time()
        until = time.monotonic() + _LOOK_SECONDS
        while time.monotonic() < until:
            pass
        self._count("cpu", max(1, round(1000 * (time.thread_time() - began))))

    def _leak(self) -> None:
        leaking = self._holding("memory")
        for switch in leaking:
            due = int((time.time() - switch.begins) * switch.amount) - len(self._leaked)
            # Not zeros, for which the kernel would not give pages of their own.
            self._leaked += [b"\1" * _MEGABYTE + os.urandom(1) for _ in range(due)]
            self._count("memory", max(0, due))
        if not leaking:
            self._leaked.clear()

    def _tell(self) -> None:
        """So that the bites of a process that has ended are known."""
        told = self._known[1].id, self._bites.copy()
        if told == self._told:
            return
        self._told = told
        account = {"pid": os.getpid(), "id": told[0], "bites": told[1]}
        _write(self._folder / f"{os.getpid()}-{self._capability}.json", orjson.dumps(account))


class Faults:
    """ASGI middleware: requests to the capability's doors suffer before they are looked at."""

    def __init__(self, app: ASGIApp, *, board: Switchboard) -> None:
        self._app, self._board = app, board
        self._refusing = Answering(_refuse)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http" and scope["path"].startswith(_DOORS):
            try:
                await self._board.bite()
            except InternalError:
                app = self._refusing
        await app(scope, receive, send)


def install(app: FastAPI, board: Switchboard) -> None:
    """Before the app starts; `board.running` is for its lifespan."""
    app.add_middleware(Faults, board=board)
    app.state.faults = board
    app.router.routes.extend(control())


def control(folder: Path | None = None) -> list[Route]:
    """The two operations on switches, for the workbench."""
    where = folder or common_folder()

    async def change(request: Request) -> Response:
        try:
            wanted = TypeAdapter(tuple[Switch, ...]).validate_json(await request.body())
        except ValidationError as error:
            found = ({**item, "loc": ("body", *item["loc"])} for item in error.errors())
            raise problem_of(found) from error
        now = Switches(id=uuid4().hex, switches=wanted)
        _write(_switches_file(where), now.model_dump_json().encode())
        return json_response({"id": now.id})

    async def told(_: Request) -> Response:
        return json_response({"id": switches_in(where).id, "processes": accounts_in(where)})

    return [
        Route(PATH, change, methods=["PUT"], include_in_schema=False),
        Route(PATH, told, methods=["GET"], include_in_schema=False),
    ]


def common_folder() -> Path:
    """Of all processes of one replica, which has a temporary folder of its own."""
    folder = Path(tempfile.gettempdir()) / "faults"
    folder.mkdir(exist_ok=True)
    return folder


def switches_in(folder: Path) -> Switches:
    file = _switches_file(folder)
    return Switches.model_validate_json(file.read_bytes()) if file.exists() else Switches()


def accounts_in(folder: Path) -> list[dict[str, Any]]:
    """Of every process: which switches it knows, what has bitten, whether it is still there."""
    accounts = [orjson.loads(file.read_bytes()) for file in sorted(folder.glob("*-*.json"))]
    return [{**one, "alive": Path(f"/proc/{one['pid']}").exists()} for one in accounts]


async def _refuse(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise InternalError


def _switches_file(folder: Path) -> Path:
    return folder / "switches.json"


def _write(file: Path, content: bytes) -> None:
    """At once: whoever reads finds the old or the new."""
    draft = file.with_suffix(f".{os.getpid()}.{threading.get_ident()}.draft")
    draft.write_bytes(content)
    draft.replace(file)
