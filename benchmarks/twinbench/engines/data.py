"""The databases of the process engine: made once, told apart, put back to their seeded state."""

import asyncio
import shutil
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from twinbench.embedded import postgres
from twinbench.embedded.postgres import Installation
from twinbench.engines.access import (
    Access,
    Place,
    access_to,
    accesses,
    admin_password,
    restore_snapshot,
    take_snapshot,
)
from twinbench.engines.children import Children, Confinement, Launch
from twinbench.engines.logs import tail_of
from twinbench.engines.protocol import EngineError
from twinbench.engines.state import damaged, read_json, write_json
from twinbench.paths import StatePaths
from twinbench.topology import Component


@dataclass(eq=False)
class Databases:
    """All clusters of one state folder."""

    paths: StatePaths
    children: Children
    _installation: Installation | None = None
    _template: asyncio.Lock = field(default_factory=asyncio.Lock)

    def installation(self) -> Installation:
        if self._installation is None:
            self._installation = postgres.install(self.paths.root, self.paths.identity)
        return self._installation

    def access(self, component: Component, port: int, database: str | None = None) -> Access:
        """To this database of the server; to its first when none is named."""
        return access_to(component, self.accesses(component, port), database)

    def accesses(self, component: Component, port: int) -> tuple[Access, ...]:
        return accesses(component, Place(port), self.paths.secrets)

    def identity(self, name: str) -> str:
        """Changes whenever the database is made anew; empty while it is not made."""
        return str(read_json(self._marker(name)).get("identity", ""))

    def has_snapshot(self, name: str) -> bool:
        return read_json(self._marker(name)).get("snapshot") is True

    def was_used(self, name: str) -> bool:
        """Whether components other than jobs have had it, so that it is no seeded state."""
        return read_json(self._marker(name)).get("used") is True

    def note(self, name: str, **facts: bool) -> None:
        content = read_json(self._marker(name))
        if content | facts != content:
            write_json(self._marker(name), content | facts)

    def _marker(self, name: str) -> Path:
        return self.paths.stamps / f"{name}.database.json"

    async def prepare(self, component: Component) -> None:
        """Before the server starts: makes its data folder out of the pristine template."""
        cluster = self.installation().cluster(component.name)
        if self.identity(component.name):
            if not (cluster / "PG_VERSION").exists():
                raise damaged(cluster / "PG_VERSION")
            return
        await asyncio.shield(self._ensure_template(component))
        shutil.rmtree(cluster, ignore_errors=True)
        password = admin_password(component, self.paths.secrets)
        source = self.installation().template(password)
        await self._run(("cp", "-a", "--reflink=auto", str(source), str(cluster)), "cp")

    async def finish(self, component: Component, port: int) -> None:
        """After the first start: makes roles and databases. Only now does the cluster count."""
        if self.identity(component.name):
            return
        for access in self.accesses(component, port):
            if access.role != postgres.ADMIN:
                await postgres.create_owner(
                    access.admin_url, access.role, access.password, access.database
                )
        write_json(self._marker(component.name), {"identity": uuid.uuid4().hex})

    async def take_snapshot(self, component: Component, port: int) -> None:
        await take_snapshot(self.accesses(component, port))

    async def restore_snapshot(self, component: Component, port: int) -> None:
        await restore_snapshot(self.accesses(component, port))

    def wipe(self, component: Component) -> None:
        """The server must not run. The marker goes first: a torn wipe is a cluster to be made."""
        self._marker(component.name).unlink(missing_ok=True)
        shutil.rmtree(self.installation().cluster(component.name), ignore_errors=True)

    def remove_home(self) -> None:
        """All clusters; root's may be outside the state folder."""
        shutil.rmtree(self.installation().home)

    async def _ensure_template(self, component: Component) -> None:
        installation = self.installation()
        superuser = admin_password(component, self.paths.secrets)
        template = installation.template(superuser)
        async with self._template:
            if template.exists():
                return
            draft = installation.cluster("template-draft")
            shutil.rmtree(draft, ignore_errors=True)
            password = installation.private_file(".password", superuser)
            try:
                await self._run(installation.initdb(draft, password), "initdb")
            finally:
                password.unlink()
            draft.rename(template)

    async def _run(self, argv: tuple[str, ...], what: str) -> None:
        log = self.paths.logs / "postgres-setup.log"
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
        user = self.installation().user
        launch = Launch(argv, environment, self.installation().home, log, user=user)
        ended = await self.children.spawn(launch, Confinement()).exited
        if ended.status != 0:
            raise EngineError(f"{what} failed: {ended.cause}{tail_of(log)}")
