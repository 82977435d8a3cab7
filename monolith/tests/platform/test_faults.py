import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import Client as DjangoClient
from django.test import override_settings

from config import environment
from shop.cart import public as cart
from shop.catalog import public as catalog
from shop.inventory import public as inventory
from shop.payments import public as payments
from shop.platform import faults
from shop.platform.faults import FaultInjected, Switchboard, switchboard
from tests.client import Client

pytestmark = pytest.mark.django_db

MIDDLEWARE = "shop.platform.faults.Faults"
HOUR = 3600.0


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Switchboard]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    switchboard.cache_clear()
    with override_settings(
        MIDDLEWARE=[*settings.MIDDLEWARE, MIDDLEWARE], ROOT_URLCONF="tests.platform.fault_urls"
    ):
        yield switchboard()
    switchboard().stop()
    switchboard.cache_clear()


def switch(*switches: dict[str, Any]) -> None:
    """All processes have heard of it when this returns."""
    body = orjson.dumps([{"begins": 0.0, "ends": time.time() + HOUR, **one} for one in switches])
    told = DjangoClient().put("/faults", body, content_type="application/json")
    assert told.status_code == 200, told.content
    until(lambda: {one["id"] for one in account()["processes"]} == {told.json()["id"]})


def account() -> Any:
    return DjangoClient().get("/faults").json()


def bites() -> Counter[str]:
    total: Counter[str] = Counter()
    for process in account()["processes"]:
        total.update(process["bites"])
    return total


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end, account()
        time.sleep(0.01)  # paces the asking


def test_nothing_is_installed_unless_it_is_asked_for(anyone: Client) -> None:
    assert MIDDLEWARE not in settings.MIDDLEWARE
    assert DjangoClient().get("/faults").status_code == 404
    assert not hasattr(catalog.products_by_ids, "__wrapped__")
    assert anyone.get("/categories").status == 200


def test_another_setting_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTS", "yes")
    with pytest.raises(ImproperlyConfigured, match="FAULTS must be off or switchboard: 'yes'"):
        environment.choice("FAULTS", "off", "switchboard")


@pytest.mark.usefixtures("board")
def test_an_error_is_of_one_capability_and_ends(anyone: Client) -> None:
    switch({"capability": "catalog", "kind": "error"})
    assert anyone.get("/categories").problem() == (500, "internal-error")
    assert anyone.get("/cart").status == 401
    until(lambda: bites() == {"catalog error": 1})
    switch({"capability": "catalog", "kind": "error", "ends": time.time()})
    assert anyone.get("/categories").status == 200
    switch({"capability": "catalog", "kind": "error", "begins": time.time() + HOUR})
    assert anyone.get("/categories").status == 200


@pytest.mark.usefixtures("board")
def test_a_delay_delays(anyone: Client) -> None:
    switch({"capability": "catalog", "kind": "delay", "amount": 0.2})
    began = time.monotonic()
    assert anyone.get("/categories").status == 200
    assert time.monotonic() - began >= 0.2


@pytest.mark.usefixtures("board")
def test_a_hang_ends_with_its_switch(anyone: Client) -> None:
    ends = time.time() + 0.4
    switch({"capability": "catalog", "kind": "hang", "ends": ends})
    assert anyone.get("/categories").status == 200
    assert time.time() >= ends


@pytest.mark.usefixtures("board")
def test_a_share_of_requests_suffers(anyone: Client) -> None:
    switch({"capability": "catalog", "kind": "error", "share": 0.5})
    failed = sum(anyone.get("/categories").status == 500 for _ in range(60))
    assert 10 < failed < 50
    until(lambda: bites()["catalog error"] == failed)


@pytest.mark.usefixtures("board")
def test_a_cpu_hog_burns_and_a_leak_grows_until_it_ends() -> None:
    before = time.process_time()
    switch(
        {"capability": "orders", "kind": "cpu"},
        {"capability": "cart", "kind": "memory", "begins": time.time(), "amount": 100},
    )
    until(lambda: bites()["orders cpu"] > 50 and bites()["cart memory"] > 20)
    assert time.process_time() - before > 0.05
    assert len(switchboard()._leaked) > 20
    switch()
    assert switchboard()._leaked == []
    burnt = bites()["orders cpu"]
    assert bites()["orders cpu"] == burnt


def test_calls_through_a_door_suffer(board: Switchboard, monkeypatch: pytest.MonkeyPatch) -> None:
    for door in (cart, catalog, inventory, payments):
        restored_afterwards(door, monkeypatch)
    faults.guard_doors()
    assert catalog.products_by_ids(product_ids=[]) == {}
    switch({"capability": "catalog", "kind": "error"})
    with pytest.raises(FaultInjected):
        catalog.products_by_ids(product_ids=[])
    assert board is switchboard()


def restored_afterwards(door: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in door.__all__:
        monkeypatch.setattr(door, name, getattr(door, name))


def test_a_crash_ends_the_process_and_is_on_record(tmp_path: Path) -> None:
    code = (
        "import time; from pathlib import Path; import sys;"
        "from shop.platform.faults import *; from shop.platform import faults as f;"
        "f._write(f._switches_file(Path(sys.argv[1])), f.orjson.dumps({'id': 'x', 'switches':"
        " [Switch('cart', 'crash', 0, time.time() + 60)]}));"
        "b = Switchboard(Path(sys.argv[1])); b._read(); b.bite('cart'); print('alive')"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", f"import django; django.setup(); {code}", str(tmp_path)],
        env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (70, ""), done.stderr
    [one] = faults.accounts_in(tmp_path)
    assert one["bites"] == {"cart crash": 1}
    assert not one["alive"]


@pytest.mark.usefixtures("board")
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'[{"capability": "cart"}]',
        b'[{"capability": "cart", "kind": "melt", "begins": 0, "ends": 1}]',
        b'[{"capability": "cart", "kind": "error", "begins": 0, "ends": 1, "share": 2}]',
    ],
)
def test_what_is_no_switch_is_refused(body: bytes) -> None:
    refused = DjangoClient().put("/faults", body, content_type="application/json")
    assert refused.status_code == 422
    assert account()["id"] == ""
    assert DjangoClient().post("/faults").status_code == 405
