"""Who may enter the databases of a component: what the topology says and the secrets hold."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from twinbench.embedded import postgres
from twinbench.engines.protocol import EngineError
from twinbench.engines.secrets import read_secret
from twinbench.topology import Component


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server listens."""

    port: int
    host: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may enter one database, and where it is."""

    place: Place
    role: str
    password: str
    database: str
    admin_password: str

    @property
    def url(self) -> str:
        return self._url(self.role, self.password, self.database)

    @property
    def admin_url(self) -> str:
        return self._url(postgres.ADMIN, self.admin_password, postgres.ADMIN)

    def _url(self, role: str, password: str, database: str) -> str:
        return postgres.url(self.place.port, role, password, database, self.place.host)

    @property
    def snapshot(self) -> str:
        return f"{self.database}_seeded"


def accesses(component: Component, place: Place, secrets: Path) -> tuple[Access, ...]:
    """To all databases of the server; `OWNER_...` name their owners, a word each."""
    environment, admin = component.environment, admin_password(component, secrets)
    if "OWNER_ROLE" not in environment:
        return (Access(place, postgres.ADMIN, admin, postgres.ADMIN, admin),)
    owners = zip(
        environment["OWNER_ROLE"].split(),
        environment["OWNER_PASSWORD_FILE"].split(),
        environment["OWNER_DATABASE"].split(),
        strict=True,
    )
    return tuple(
        Access(place, role, read_secret(secrets, Path(file).name), database, admin)
        for role, file, database in owners
    )


def admin_password(component: Component, secrets: Path) -> str:
    return read_secret(secrets, Path(component.environment["POSTGRES_PASSWORD_FILE"]).name)


def access_to(component: Component, found: Sequence[Access], database: str | None) -> Access:
    """This database of the server; its first when none is named."""
    for one in found:
        if database in {None, one.database}:
            return one
    known = ", ".join(one.database for one in found)
    raise EngineError(f"{component.name} has no database {database!r} (it has: {known})")


async def take_snapshot(found: Sequence[Access]) -> None:
    """Keeps a copy of each database. At once: copies that run together share their checkpoints."""
    await asyncio.gather(
        *(
            postgres.copy_database(one.admin_url, one.database, one.snapshot, postgres.ADMIN)
            for one in found
            if one.database != postgres.ADMIN
        )
    )


async def restore_snapshot(found: Sequence[Access]) -> None:
    """Puts the copies back in the databases' places."""
    await asyncio.gather(
        *(
            postgres.copy_database(one.admin_url, one.snapshot, one.database, one.role)
            for one in found
            if one.database != postgres.ADMIN
        )
    )
