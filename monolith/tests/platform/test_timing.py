import re
import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from config import environment
from tests.client import Client

pytestmark = pytest.mark.django_db

MIDDLEWARE = "shop.platform.timing.server_timing"
TOLD = re.compile(r'app;desc="monolith GET ([^"]+)";dur=([\d.]+);cpu=([\d.]+)')


@pytest.fixture
def traced() -> Iterator[None]:
    with override_settings(MIDDLEWARE=[MIDDLEWARE, *settings.MIDDLEWARE]):
        yield


def test_nothing_is_told_unless_it_is_asked_for(anyone: Client) -> None:
    assert MIDDLEWARE not in settings.MIDDLEWARE
    assert "server-timing" not in anyone.get("/categories").headers


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/categories", "/api/v1/categories"),
        ("/products/1", "/api/v1/products/<integer_id:product_id>"),
        ("/nothing", "unmatched"),
    ],
)
@pytest.mark.usefixtures("traced")
def test_every_answer_tells_what_it_took(anyone: Client, path: str, route: str) -> None:
    began = time.perf_counter()
    told = TOLD.fullmatch(anyone.get(path).headers["server-timing"])
    took = 1000 * (time.perf_counter() - began)
    assert told is not None
    assert told[1] == route
    assert 0 < float(told[3]) <= float(told[2]) < took


def test_another_setting_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACE", "yes")
    with pytest.raises(ImproperlyConfigured, match="TRACE must be off or server-timing: 'yes'"):
        environment.choice("TRACE", "off", "server-timing")
