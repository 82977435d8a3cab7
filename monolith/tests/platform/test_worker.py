"""The whole way of an event: database, broker, worker, database."""

import time
from collections.abc import Iterator
from uuid import UUID

import pytest
from celery.contrib.testing.worker import start_worker
from django.db import connection

from config import celery_app
from shop.notifications.models import Notification
from shop.platform import outbox
from shop.platform.models import OutboxEvent
from tests.client import Client

pytestmark = pytest.mark.django_db(transaction=True)

DEADLINE_SECONDS = 60


@pytest.fixture
def _worker(transactional_db: None) -> Iterator[None]:
    with start_worker(
        celery_app, pool="threads", concurrency=2, perform_ping_check=False, shutdown_timeout=10
    ):
        yield


def arrived(account_id: str) -> bool:
    end = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < end:
        if Notification.objects.filter(account_id=UUID(account_id)).exists():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.usefixtures("_worker")
def test_a_new_account_is_welcomed(anyone: Client) -> None:
    body = {"email": "ada@example.com", "password": "correct horse", "name": "Ada"}
    assert arrived(anyone.post("/accounts", body).body["id"])
    OutboxEvent.objects.update(resend_at=OutboxEvent.objects.get().occurred_at)
    assert outbox.sweep() == 0
    assert OutboxEvent.objects.get().settled_at is not None


@pytest.mark.usefixtures("_worker")
def test_a_worker_returns_its_connections(anyone: Client) -> None:
    for number in range(20):
        email = f"ada{number}@example.com"
        body = {"email": email, "password": "correct horse", "name": "Ada"}
        assert arrived(anyone.post("/accounts", body).body["id"])
    connection.close()
    pool = connection.pool  # type: ignore[attr-defined] # the stubs have the base class only
    end = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < end:
        stats = pool.get_stats()
        if stats["pool_available"] == stats["pool_size"]:
            return
        time.sleep(0.02)
    pytest.fail(f"connections were kept: {pool.get_stats()}")
