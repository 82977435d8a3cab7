"""The service's own database: reads in autocommit, writes in a use case's transaction."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated, Any, TypeAlias

from fastapi import Depends
from sqlalchemy import URL, Executable, MetaData, Row, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.util import greenlet_spawn
from starlette.requests import Request

from kit.errors import DependencyUnavailable
from kit.json import Json

log = logging.getLogger(__name__)

ReadSession: TypeAlias = AsyncConnection
Transaction: TypeAlias = AsyncSession
AnyRow: TypeAlias = Row[*tuple[Any, ...]]
"""A row of selected columns."""

DATABASE_ERRORS = (OperationalError, InterfaceError, PoolTimeout)

CHECK_SECONDS = 1.0
"""How long readiness waits for the database."""
WAIT_SECONDS = 3.0
"""How long a request waits for a connection, be it of the pool or a new one."""

_PUBLISHED = "published"
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def new_metadata() -> MetaData:
    """Metadata whose constraint names are the same on every machine.

    Each service's models.py gives its own to its own declarative base.
    """
    return MetaData(naming_convention=_NAMES)


class Database:
    """One pool of connections per process."""

    def __init__(self, url: URL, pool_size: int) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            # Autocommit is the rest state: a read then sends its query and nothing else.
            isolation_level="AUTOCOMMIT",
            skip_autocommit_rollback=True,
            pool_timeout=WAIT_SECONDS,
            pool_use_lifo=True,
            connect_args={"connect_timeout": int(WAIT_SECONDS)},
        )
        self._pool_size = pool_size
        self._writer = self.engine.execution_options(isolation_level="READ COMMITTED")
        self._asking: asyncio.Task[bool] | None = None
        self.published = asyncio.Event()

    async def rows(self, statement: Executable, **parameters: Json) -> Sequence[AnyRow]:
        """The rows of one query in autocommit; `parameters` fill its `bindparam`s.

        For hot reads: build the statement once, at module level. That and crossing into
        SQLAlchemy's greenlet once cost a third of building it anew inside `read()`.
        """
        return await greenlet_spawn(self._rows, statement, parameters)

    def _rows(self, statement: Executable, parameters: Mapping[str, Json]) -> Sequence[AnyRow]:
        with self.engine.sync_engine.connect() as connection:
            return connection.execute(statement, parameters).all()

    async def row(self, statement: Executable, **parameters: Json) -> AnyRow | None:
        """The first row of one query, as `rows` does it."""
        found = await self.rows(statement, **parameters)
        return found[0] if found else None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """A connection in autocommit, for several queries; rows come, not entities."""
        async with self.engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """One transaction: committed at the end, rolled back when anything is raised.

        What `outbox.publish` wrote in it is relayed as soon as it is committed.
        """
        async with AsyncSession(self._writer, expire_on_commit=False) as session:
            async with session.begin():
                yield session
            if session.info.get(_PUBLISHED):
                self.published.set()

    async def warm(self) -> None:
        """Opens the pool's minimum, so that the first requests do not pay for it."""
        async with AsyncExitStack() as stack:
            for _ in range(min(2, self._pool_size)):
                await stack.enter_async_context(self.engine.connect())

    async def check(self) -> None:
        """Raises DependencyUnavailable unless the database answers within a second.

        The question is not cut off, which the driver would wait for in turn: whoever asks next
        waits for the same answer.
        """
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._answers())
        asking = self._asking
        await asyncio.wait((asking,), timeout=CHECK_SECONDS)
        if not asking.done() or not asking.result():
            raise DependencyUnavailable

    async def _answers(self) -> bool:
        try:
            async with self.read() as connection:
                await connection.execute(text("SELECT 1"))
        except DATABASE_ERRORS as error:
            log.warning("the database does not answer: %s", error)
            return False
        return True

    async def close(self) -> None:
        if self._asking is not None and not self._asking.done():
            self._asking.cancel()
            await asyncio.wait((self._asking,), timeout=CHECK_SECONDS)
        await self.engine.dispose()


def mark_published(session: Transaction) -> None:
    """Notes that this transaction wrote to the outbox."""
    session.info[_PUBLISHED] = True


async def database_of(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


DatabaseDep = Annotated[Database, Depends(database_of)]
