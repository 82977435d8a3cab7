"""No wait outlives its deadline where broker or database take connections and then say nothing."""

import socket
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import OperationalError
from django.db.utils import ConnectionHandler
from kombu import Producer
from kombu.exceptions import OperationalError as BrokerError

from config import celery_app
from shop.platform.inbox import deliver
from shop.platform.postgresql.base import DatabaseWrapper

MARGIN = 0.25
"""Seconds by which no call may outlive its deadline."""


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def outlived(ask: Callable[[], None], seconds: float) -> float:
    """By how many seconds: the least of a few, as a busy machine may hold up any one of them."""
    least = float("inf")
    for _ in range(3):
        began = time.monotonic()
        ask()
        least = min(least, time.monotonic() - began - seconds)
        if least <= MARGIN:
            break
    return least


def test_an_event_is_not_sent_for_long(silent: int) -> None:
    seconds = celery_app.conf.broker_transport_options["socket_timeout"]

    def ask() -> None:
        url = f"redis://127.0.0.1:{silent}/0"
        with celery_app.connection_for_write(url) as connection, pytest.raises(BrokerError):
            deliver.apply_async(({}, "nobody"), producer=Producer(connection, auto_declare=False))

    assert outlived(ask, seconds) <= MARGIN


@pytest.mark.django_db
def test_a_connection_is_not_waited_for_long(silent: int) -> None:
    wanted = {**settings.DATABASES["default"], "HOST": "127.0.0.1", "PORT": str(silent)}
    seconds = wanted["OPTIONS"]["pool"]["timeout"]
    # Under a name of its own: pools are kept by the name.
    database = ConnectionHandler({"default": wanted, "silent": wanted})["silent"]
    assert isinstance(database, DatabaseWrapper)

    def ask() -> None:
        with pytest.raises(OperationalError):
            database.cursor()

    try:
        assert outlived(ask, seconds) <= MARGIN
    finally:
        database.close_pool()
