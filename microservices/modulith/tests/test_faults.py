"""Faults of a capability reach its requests and the direct calls to it, and nothing else."""

import os
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from conftest import LAMP
from fakes import FakeAcquirer
from httpx import ASGITransport, AsyncClient
from kit_testing.apps import eventually

from modulith.bootstrap import build_app
from modulith.settings import Settings


@pytest.fixture
async def faulty(
    client: AsyncClient,
    variables: dict[str, str],
    acquirer: FakeAcquirer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[AsyncClient]:
    """A second modulith on the same databases, with a switchboard."""
    assert (await client.get("/faults")).status_code == 404
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with patch.dict(os.environ, {**variables, "FAULTS": "switchboard"}):
        app = build_app(Settings.load(), acquirer=acquirer)
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.rest.router.lifespan_context(app.rest),
        AsyncClient(transport=transport, base_url="http://test") as customer,
    ):
        yield customer


async def switch(client: AsyncClient, **fault: Any) -> None:
    now = time.time()
    told = await client.put("/faults", json=[{"begins": now, "ends": now + 60, **fault}])
    assert told.status_code == 200, told.text

    async def known() -> set[str]:
        account = (await client.get("/faults")).json()
        return {one["id"] for one in account["processes"]} if account["processes"] else set()

    await eventually(known, lambda ids: ids == {told.json()["id"]})


async def test_a_direct_call_suffers_what_its_callee_does(faulty: AsyncClient) -> None:
    assert (await faulty.get(f"/api/v1/products/{LAMP}")).json()["available"] is not None
    await switch(faulty, capability="inventory", kind="error")
    product = await faulty.get(f"/api/v1/products/{LAMP}")
    assert (product.status_code, product.json()["available"]) == (200, None)


async def test_requests_of_one_capability_suffer(faulty: AsyncClient) -> None:
    await switch(faulty, capability="catalog", kind="error")
    assert (await faulty.get("/api/v1/categories")).status_code == 500
    assert (await faulty.get("/api/v1/cart")).status_code == 401
