import os
from collections.abc import Iterator
from uuid import uuid4

import pytest
import redis
from django.conf import settings

from shop.platform import tokens
from tests.client import Client


def pytest_configure() -> None:
    for name in ("TEST_DATABASE_URL", "TEST_REDIS_URL"):
        if not os.environ.get(name):
            pytest.exit(f"{name} is not set: it names the server that the tests use", 2)


@pytest.fixture
def anyone() -> Client:
    return Client()


@pytest.fixture
def customer() -> Client:
    account_id = uuid4()
    token = tokens.issue(account_id=account_id, role="customer")
    return Client(token=token, account_id=account_id)


@pytest.fixture
def staff() -> Client:
    account_id = uuid4()
    token = tokens.issue(account_id=account_id, role="staff")
    return Client(token=token, account_id=account_id)


@pytest.fixture(scope="session", autouse=True)
def _queue() -> Iterator[None]:
    """What no worker has taken goes with the run."""
    yield
    queue = settings.CELERY_TASK_DEFAULT_QUEUE
    with redis.Redis.from_url(settings.CELERY_BROKER_URL) as broker:
        keys = (queue, f"_kombu.binding.{queue}", f"_kombu.binding_permanent.{queue}")
        broker.delete(*keys)
