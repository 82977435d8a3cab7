"""Faults that are switched on bite the service's requests, are counted, and end."""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from kit import faults
from kit.app import create_app
from kit.faults import Switchboard
from kit_testing.apps import client_of, eventually
from tests.sample import ROUTERS, Settings

HOUR = 3600.0
THING = "/api/v1/things/1"


def settings(secret_file: Path, switchboard: str = "switchboard") -> Settings:
    return Settings.load(
        database_url="postgresql://nobody@127.0.0.1:9/none",
        redis_url="redis://127.0.0.1:9/0",
        service_token_secret_file=secret_file,
        faults=switchboard,
    )


@pytest.fixture
async def client(
    service_secret_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[AsyncClient]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    app = create_app(settings(service_secret_file), routers=ROUTERS)
    async with client_of(app) as client:
        yield client


async def switch(client: AsyncClient, *switches: dict[str, Any]) -> None:
    """All processes have heard of it when this returns."""
    wanted = [
        {"capability": "sample", "begins": 0.0, "ends": time.time() + HOUR, **one}
        for one in switches
    ]
    told = await client.put("/faults", json=wanted)
    assert told.status_code == 200, told.text
    await eventually(lambda: known(client), lambda ids: ids == {told.json()["id"]})


async def account(client: AsyncClient) -> Any:
    return (await client.get("/faults")).json()


async def known(client: AsyncClient) -> set[str]:
    return {one["id"] for one in (await account(client))["processes"]}


async def bites(client: AsyncClient) -> Counter[str]:
    total: Counter[str] = Counter()
    for process in (await account(client))["processes"]:
        total.update(process["bites"])
    return total


async def test_nothing_is_installed_unless_it_is_asked_for(service_secret_file: Path) -> None:
    app = create_app(settings(service_secret_file, "off"), routers=ROUTERS)
    assert "Faults" not in [getattr(one.cls, "__name__", "") for one in app.user_middleware]
    assert not hasattr(app.state, "faults")
    assert (await asked(app, "/faults")).status_code == 404


async def asked(app: FastAPI, path: str) -> Any:
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path)


def test_another_setting_stops_the_start(service_secret_file: Path) -> None:
    with pytest.raises(SystemExit, match="FAULTS"):
        settings(service_secret_file, "yes")


async def test_an_error_is_a_problem_and_ends(client: AsyncClient) -> None:
    await switch(client, {"kind": "error"})
    answer = await client.get(THING)
    assert (answer.status_code, answer.json()["type"]) == (500, "internal-error")
    assert (await client.get("/healthz")).status_code == 200
    await eventually(lambda: bites(client), lambda seen: seen == {"sample error": 1})
    await switch(client, {"kind": "error", "ends": time.time()})
    assert (await client.get(THING)).status_code == 200
    await switch(client, {"kind": "error", "begins": time.time() + HOUR})
    assert (await client.get(THING)).status_code == 200
    await switch(client, {"kind": "error", "capability": "another"})
    assert (await client.get(THING)).status_code == 200


async def test_a_refused_body_is_read(client: AsyncClient) -> None:
    await switch(client, {"kind": "error"})
    answer = await client.post("/api/v1/things", content=b"x" * 200_000)
    assert answer.status_code == 500


async def test_a_delay_delays(client: AsyncClient) -> None:
    await switch(client, {"kind": "delay", "amount": 0.2})
    began = time.monotonic()
    assert (await client.get(THING)).status_code == 200
    assert time.monotonic() - began >= 0.19


async def test_a_hang_ends_with_its_switch(client: AsyncClient) -> None:
    ends = time.time() + 0.5
    await switch(client, {"kind": "hang", "ends": ends})
    assert (await client.get(THING)).status_code == 200
    assert time.time() >= ends - 0.01


async def test_a_share_of_requests_suffers(client: AsyncClient) -> None:
    await switch(client, {"kind": "error", "share": 0.5})
    failed = [(await client.get(THING)).status_code for _ in range(60)].count(500)
    assert 10 < failed < 50
    await eventually(lambda: bites(client), lambda seen: seen["sample error"] == failed)


async def test_a_cpu_hog_burns_and_a_leak_grows_until_it_ends(client: AsyncClient) -> None:
    now = time.time()
    before = time.process_time()
    await switch(client, {"kind": "cpu"}, {"kind": "memory", "begins": now, "amount": 100})
    await eventually(
        lambda: bites(client), lambda seen: seen["sample cpu"] > 50 and seen["sample memory"] > 20
    )
    assert time.process_time() - before > 0.05
    await switch(client)
    seen = await bites(client)
    assert await bites(client) == seen


async def test_a_leak_is_given_back(tmp_path: Path) -> None:
    board = Switchboard("sample", tmp_path)
    leak = {"capability": "sample", "kind": "memory", "begins": time.time() - 1, "amount": 5}
    until = time.time() + HOUR
    for ends, held in ((until, 5), (time.time(), 0)):
        content = {"id": str(ends), "switches": [{**leak, "ends": ends}]}
        faults._write(tmp_path / "switches.json", orjson.dumps(content))
        board._read()
        board._leak()
        assert len(board._leaked) == held


def test_a_crash_ends_the_process_and_is_on_record(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys; from pathlib import Path; from kit.faults import Switchboard;"
        "b = Switchboard('sample', Path(sys.argv[1])); b._read();"
        "asyncio.run(b.bite()); print('alive')"
    )
    crash = {"capability": "sample", "kind": "crash", "begins": 0, "ends": time.time() + 60}
    content = {"id": "x", "switches": [crash]}
    faults._write(tmp_path / "switches.json", orjson.dumps(content))
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (70, ""), done.stderr
    [one] = faults.accounts_in(tmp_path)
    assert one["bites"] == {"sample crash": 1}
    assert not one["alive"]


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "{}",
        '[{"capability": "sample"}]',
        '[{"capability": "sample", "kind": "melt", "begins": 0, "ends": 1}]',
        '[{"capability": "sample", "kind": "error", "begins": 0, "ends": 1, "share": 2}]',
    ],
)
async def test_what_is_no_switch_is_refused(client: AsyncClient, body: str) -> None:
    refused = await client.put("/faults", content=body)
    assert refused.status_code == 422, refused.text
    assert (await account(client))["id"] == ""
