"""The process that owns all components of one state folder, told what to do over a unix socket."""

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

from twinbench.engines import leftovers, wire
from twinbench.engines.fleet import Fleet
from twinbench.engines.kinship import adopt_orphans
from twinbench.engines.operations import Operations
from twinbench.engines.protocol import (
    EngineError,
    EngineStatus,
    Limit,
    Progress,
    RolledBackError,
    UnsupportedByEngineError,
)
from twinbench.engines.reading import Reading
from twinbench.engines.sizes import Sizes
from twinbench.engines.state import unwritable
from twinbench.engines.variables import SIZE
from twinbench.errors import TwinbenchError
from twinbench.paths import StatePaths
from twinbench.topology import load

_FIRST_CALL_SECONDS = 30.0

# Operations that end with their caller.
_OWNED = frozenset({"up", "hold_temporarily"})

Say = Callable[[object], None]
Handler = Callable[[dict[str, Any], Say], Awaitable[object]]


class Supervisor:
    """Ends when it is told to go down, or when nobody has told it anything to run."""

    def __init__(self, paths: StatePaths, topology_file: Path) -> None:
        self._paths = paths
        self._topology_file = topology_file
        self._fleet = Fleet(paths)
        self._operations = Operations(self._fleet)
        self._sizes = Sizes(paths.stamps)
        self._one_at_a_time = asyncio.Lock()
        self._over = asyncio.Event()
        self._arms: tuple[str, ...] = ()
        self._size: str | None = None
        self._variables: dict[str, str] = {}
        self._temporary = False
        self._ascending: asyncio.Task[Any] | None = None
        self._first_call = asyncio.get_running_loop().call_later(
            _FIRST_CALL_SECONDS, self._over.set
        )

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._over.set)
        shutil.rmtree(self._paths.scratch, ignore_errors=True)
        self._paths.scratch.mkdir()
        self._paths.control_socket.unlink(missing_ok=True)
        self._fleet.children.on_change = self._record_processes
        server = await asyncio.start_unix_server(self._serve, self._paths.control_socket)
        self._paths.control_socket.chmod(0o600)
        await self._over.wait()
        await self._take_down()
        self._operations.limits.remove()
        self._paths.control_socket.unlink(missing_ok=True)
        server.close()
        leftovers.forget(self._paths)
        if self._paths.root not in self._paths.sockets.parents:
            shutil.rmtree(self._paths.sockets)
        if self._temporary:
            self._fleet.databases.remove_home()
            shutil.rmtree(self._paths.root)

    def _record_processes(self) -> None:
        """So that a later `up` or `down` finds what a killed supervisor and guard left."""
        with contextlib.suppress(OSError):  # a full disk must not keep us from stopping things
            leftovers.record(self._paths, self._fleet.children.identities)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                self._first_call.cancel()
                request = wire.decode(line)
                call = asyncio.ensure_future(self._answer(request, writer))
                if request["op"] in _OWNED:
                    await self._while_owner_lives(call, reader)
                else:
                    await call
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass  # the caller has gone
        finally:
            writer.close()
            if not self._arms and not self._one_at_a_time.locked():
                self._over.set()

    async def _while_owner_lives(
        self, call: "asyncio.Future[None]", reader: asyncio.StreamReader
    ) -> None:
        """The owner says nothing while it waits: whatever can be read means that it has gone."""
        gone = asyncio.ensure_future(reader.read(1))
        either: list[asyncio.Future[Any]] = [call, gone]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if call.done():
            gone.cancel()
            await asyncio.wait([gone])
        else:
            call.cancel()
            await asyncio.wait([call])

    async def _answer(self, request: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        def say(message: object) -> None:
            if not writer.is_closing():
                writer.write(wire.encode(message))

        try:
            handler = cast("Handler", getattr(self, f"op_{request['op']}"))
            say({"result": await handler(request.get("args", {}), say)})
        except UnsupportedByEngineError as error:
            say({"error": str(error), "kind": "unsupported"})
        except RolledBackError as error:
            say({"error": str(error), "kind": "rolled back"})
        except TwinbenchError as error:
            say({"error": str(error)})
        except OSError as error:
            say({"error": str(unwritable(self._paths.root, error))})

    async def op_up(self, args: dict[str, Any], say: Say) -> None:
        def report(progress: Progress) -> None:
            say({"progress": progress})

        async with self._one_at_a_time:
            arms, variables = tuple(args["arms"]), dict(args["variables"])
            size = self._sizes.agreed(arms, args["size"] or variables.get(SIZE))
            self._variables = {**variables, SIZE: size}
            topology = load(self._topology_file, variables=self._variables)
            self._fleet.use(topology)
            for arm in arms:
                self._prepare_for_size(arm, size)
            self._ascending = asyncio.current_task()
            try:
                await self._fleet.up(arms, report)
            finally:
                self._ascending = None
                self._arms = tuple(a for a in topology.arms if self._is_up(a))
                self._size = size
                if not self._arms:
                    self._over.set()

    def _is_up(self, arm: str) -> bool:
        return bool(self._fleet.of_arm(arm))

    def _prepare_for_size(self, arm: str, size: str) -> None:
        loaded = self._sizes.of(arm)
        if loaded == size:
            return
        if self._is_up(arm):
            raise EngineError(
                f"{arm} is up with the {loaded} dataset: run `twinbench down` first to load {size}"
            )
        if loaded is not None:
            self._fleet.wipe(arm)
        self._sizes.record(arm, size)

    async def op_down(self, _args: dict[str, Any], _say: Say) -> None:
        await self._take_down()
        self._over.set()

    async def _take_down(self) -> None:
        """An `up` that is under way ends here; it takes its own part down."""
        if self._ascending is not None:
            self._ascending.cancel()
        async with self._one_at_a_time:
            await (self._fleet.drop() if self._temporary else self._fleet.down())
            self._arms = ()

    async def op_hold_temporarily(self, _args: dict[str, Any], _say: Say) -> None:
        self._temporary = True
        try:
            await self._over.wait()
        finally:
            self._over.set()

    async def op_status(self, _args: dict[str, Any], _say: Say) -> EngineStatus:
        units = [unit for unit in self._fleet.units.values() if unit.wanted]
        components = await Reading(units, self._operations).status()
        return EngineStatus(bool(units), self._arms, self._size, components)

    async def op_stats(self, args: dict[str, Any], _say: Say) -> object:
        arm = args["arm"]
        units = [u for u in self._fleet.units.values() if u.wanted]
        if arm is not None:
            units = [unit for unit in units if unit.component.arm == arm]
        return Reading(units, self._operations).stats(memory=args["memory"])

    async def op_address(self, args: dict[str, Any], _say: Say) -> str:
        return self._fleet.unit(args["component"]).first.address

    async def op_gateway(self, args: dict[str, Any], _say: Say) -> str:
        name = self._fleet.topology.gateway_of(args["arm"]).name
        return f"http://{self._fleet.unit(name).first.address}"

    async def op_database_url(self, args: dict[str, Any], _say: Say) -> str:
        unit = self._fleet.unit(args["component"])
        port = unit.first.port
        access = self._fleet.databases.access(unit.component, port, args["database"])
        return access.admin_url if args["admin"] else access.url

    async def op_scale(self, args: dict[str, Any], _say: Say) -> None:
        async with self._one_at_a_time:
            await self._operations.scale(args["component"], args["replicas"])

    async def op_replace(self, args: dict[str, Any], _say: Say) -> None:
        async with self._one_at_a_time:
            others = args.pop("variables")
            if others:
                topology = load(self._topology_file, variables={**self._variables, **others})
                args["described"] = topology.components.get(args["component"])
            await self._operations.replace(**args)

    async def op_run_job(self, args: dict[str, Any], _say: Say) -> None:
        async with self._one_at_a_time:
            await self._operations.run_job(**args)

    async def op_kill(self, args: dict[str, Any], _say: Say) -> None:
        await self._operations.kill(args["replica"], args["signal"], restart=args["restart"])

    async def op_start(self, args: dict[str, Any], _say: Say) -> None:
        async with self._one_at_a_time:
            await self._operations.start(args["component"])

    async def op_wait_ready(self, args: dict[str, Any], _say: Say) -> None:
        await self._operations.wait_ready(args["arm"], args["timeout"])

    async def op_freeze(self, args: dict[str, Any], _say: Say) -> None:
        await self._operations.freeze(args["arm"])

    async def op_thaw(self, args: dict[str, Any], _say: Say) -> None:
        await self._operations.thaw(args["arm"])

    async def op_reset(self, args: dict[str, Any], _say: Say) -> None:
        async with self._one_at_a_time:
            await self._operations.reset(args["arm"])

    async def op_limit(self, args: dict[str, Any], _say: Say) -> object:
        limit = wire.build(Limit, args["limit"])
        async with self._one_at_a_time:
            return await self._operations.limits.apply(args["arm"], limit)


def main(paths: StatePaths, topology_file: Path) -> None:
    adopt_orphans()
    os.umask(0o077 if os.getuid() != 0 else 0o022)
    asyncio.run(_main(paths, topology_file))


async def _main(paths: StatePaths, topology_file: Path) -> None:
    await Supervisor(paths, topology_file).run()
