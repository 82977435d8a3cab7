"""Faults on purpose, switched while the shop runs, and counted as they bite.

Off unless the setting FAULTS says so, and then not installed: without it there is neither the path
nor the middleware, and the doors of capabilities are as they were written. When on, `PUT /faults`
takes switches and `GET /faults` tells what they have done. The gateway leads to /api/v1 alone.

A switch holds from `begins` to `ends`, which are set beforehand: nothing has to be reached while
the fault bites, and each ends by itself. The worker processes of a replica share a folder, so what
one of them is told, all of them do.
"""

import inspect
import os
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import orjson
from django.apps import apps
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import module_has_submodule

from shop.platform.errors import server_error

KINDS: Final = frozenset({"crash", "hang", "cpu", "memory", "error", "delay"})
_LOOK_SECONDS: Final = 0.05
_MEGABYTE: Final = 1_000_000
_CRASHED: Final = 70


class FaultInjected(Exception):  # noqa: N818
    """What `error` makes of a request or of a call from capability to capability."""


@dataclass(frozen=True, slots=True)
class Switch:
    """One fault of one capability, between two instants in seconds since the epoch.

    crash: the process ends. hang: requests wait for the end. cpu: a thread takes all it can get.
    memory: the process grows by `amount` megabytes a second and gives all back at the end. error:
    the answer is a 500. delay: requests wait `amount` seconds. Where it is requests that suffer,
    this `share` of them does, by chance. Calls through a capability's door suffer as requests do.
    """

    capability: str
    kind: str
    begins: float
    ends: float
    share: float = 1.0
    amount: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS or not 0 < self.share <= 1 or self.amount < 0:
            raise ValueError(f"no such fault: {self}")

    def holds(self) -> bool:
        return self.begins <= time.time() < self.ends


class Switchboard:
    """What this process suffers. It learns of changes within 0.05 s."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._version = 0
        self._id = ""
        self._switches: tuple[Switch, ...] = ()
        self._bites: Counter[str] = Counter()
        self._told: tuple[str, Counter[str]] | None = None
        self._leaked: list[bytes] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_again, name="faults", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def bite(self, capability: str) -> None:
        """Lets a request suffer. Raises FaultInjected where that is what is switched on."""
        for switch in self._holding("crash", "hang", "error", "delay"):
            if switch.capability != capability or random.random() >= switch.share:
                continue
            self._bites[f"{capability} {switch.kind}"] += 1
            match switch.kind:
                case "crash":
                    self._tell()
                    os._exit(_CRASHED)
                case "error":
                    raise FaultInjected(capability)
                case "hang":
                    time.sleep(max(0.0, switch.ends - time.time()))
                case _:
                    time.sleep(switch.amount)

    def _holding(self, *kinds: str) -> list[Switch]:
        return [switch for switch in self._switches if switch.kind in kinds and switch.holds()]

    def _look_again(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            self._read()
            self._leak()
            if burning := self._holding("cpu"):
                self._burn(burning[0].capability)
            self._tell()

    def _read(self) -> None:
        file = _switches_file(self._folder)
        version = file.stat().st_mtime_ns if file.exists() else 0
        if version != self._version:
            self._version = version
            self._id, self._switches = switches_in(self._folder)

    def _burn(self, capability: str) -> None:
        """Until it is time to look again; it asks for the interpreter all the while."""
        began = time.thread_time()
        until = time.monotonic() + _LOOK_SECONDS
        while time.monotonic() < until:
            pass
        self._bites[f"{capability} cpu"] += max(1, round(1000 * (time.thread_time() - began)))

    def _leak(self) -> None:
        leaking = self._holding("memory")
        for switch in leaking:
            due = int((time.time() - switch.begins) * switch.amount) - len(self._leaked)
            # Not zeros, for which the kernel would not give pages of their own.
            self._leaked += [b"\1" * _MEGABYTE + os.urandom(1) for _ in range(due)]
            self._bites[f"{switch.capability} memory"] += max(0, due)
        if not leaking:
            self._leaked.clear()

    def _tell(self) -> None:
        """So that the bites of a process that has ended are known."""
        told = self._id, self._bites.copy()
        if told == self._told:
            return
        self._told = told
        account = {"pid": os.getpid(), "id": told[0], "bites": told[1]}
        _write(self._folder / f"{os.getpid()}-web.json", orjson.dumps(account))


@cache
def switchboard() -> Switchboard:
    """This process's, from the first time it is asked for."""
    board = Switchboard(common_folder())
    board.start()
    return board


class Faults:
    """Middleware: requests to a capability suffer before its view is called."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._board = switchboard()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        _args: tuple[Any, ...],
        _kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        try:
            self._board.bite(view.__module__.split(".")[1])
        except FaultInjected:
            return server_error(request)
        return None


def guard_doors() -> None:
    """Calls into a capability's door suffer from now on, as calls to its service would."""
    for config in apps.get_app_configs():
        if config.module is not None and module_has_submodule(config.module, "public"):
            door = import_module(f"{config.name}.public")
            for name in door.__all__:
                operation = getattr(door, name)
                if inspect.isfunction(operation):
                    setattr(door, name, _guarded(config.label, operation))


def _guarded(capability: str, operation: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(operation)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        switchboard().bite(capability)
        return operation(*args, **kwargs)

    return guarded


def control(request: HttpRequest) -> HttpResponse:
    """The two operations on switches, for the workbench."""
    folder = common_folder()
    if request.method == "GET":
        current, _ = switches_in(folder)
        return JsonResponse({"id": current, "processes": accounts_in(folder)})
    if request.method != "PUT":
        return HttpResponse(status=405, headers={"Allow": "GET, PUT"})
    try:
        wanted = [Switch(**item) for item in orjson.loads(request.body)]
    except (TypeError, ValueError) as error:
        return JsonResponse({"detail": str(error)}, status=422)
    now = uuid4().hex
    _write(_switches_file(folder), orjson.dumps({"id": now, "switches": wanted}))
    return JsonResponse({"id": now})


def common_folder() -> Path:
    """Of all processes of one replica, which has a temporary folder of its own."""
    folder = Path(tempfile.gettempdir()) / "faults"
    folder.mkdir(exist_ok=True)
    return folder


def switches_in(folder: Path) -> tuple[str, tuple[Switch, ...]]:
    """The switches, and an id that is new with each change."""
    file = _switches_file(folder)
    if not file.exists():
        return "", ()
    found = orjson.loads(file.read_bytes())
    return found["id"], tuple(Switch(**item) for item in found["switches"])


def accounts_in(folder: Path) -> list[dict[str, Any]]:
    """Of every process: which switches it knows, what has bitten, whether it is still there."""
    accounts = [orjson.loads(file.read_bytes()) for file in sorted(folder.glob("*-*.json"))]
    return [{**one, "alive": Path(f"/proc/{one['pid']}").exists()} for one in accounts]


def _switches_file(folder: Path) -> Path:
    return folder / "switches.json"


def _write(file: Path, content: bytes) -> None:
    """At once: whoever reads finds the old or the new."""
    draft = file.with_suffix(f".{os.getpid()}.{threading.get_ident()}.draft")
    draft.write_bytes(content)
    draft.replace(file)
