from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from shop.notifications import tasks
from shop.notifications.models import Notification
from shop.platform.events import Event, handlers_of
from tests.client import Client

pytestmark = pytest.mark.django_db


def happened(kind: str, account_id: UUID | None, **data: str) -> Event:
    return Event(uuid4(), kind, timezone.now(), {"account_id": str(account_id), **data})


def test_an_inbox_is_written_by_events(customer: Client) -> None:
    order_id = str(uuid4())
    tasks.welcome_account(happened("account.created", customer.account_id, name="Ada"))
    for kind in ("order.confirmed", "order.shipped", "order.cancelled"):
        tasks.tell_about_order(happened(kind, customer.account_id, order_id=order_id))
    items = customer.get("/notifications").body["items"]
    assert [(item["kind"], item["order_id"]) for item in items] == [
        ("order-cancelled", order_id),
        ("order-shipped", order_id),
        ("order-confirmed", order_id),
        ("welcome", None),
    ]
    assert items[-1].keys() == {"id", "kind", "subject", "body", "order_id", "created_at"}


def test_each_kind_is_told_once() -> None:
    account_id, order_id = uuid4(), str(uuid4())
    for _ in range(2):
        tasks.welcome_account(happened("account.created", account_id, name="Ada"))
        tasks.tell_about_order(happened("order.shipped", account_id, order_id=order_id))
    assert Notification.objects.count() == 2


def test_every_event_is_waited_for() -> None:
    assert handlers_of("account.created") == ["notifications.welcome"]
    assert set(handlers_of("order.confirmed")) == {
        "notifications.order",
        "catalog.sold",
        "recommendations.co-purchases",
    }
    assert handlers_of("order.shipped") == handlers_of("order.cancelled") == ["notifications.order"]


def test_an_inbox_is_read_in_pages_newest_first(
    customer: Client, staff: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    moment = datetime(2026, 1, 1, 12, tzinfo=UTC)
    for number in range(5):
        Notification.objects.create(
            account_id=str(customer.account_id),
            kind="order-shipped",
            subject="s",
            body="b",
            order_id=uuid4(),
            created_at=moment.replace(microsecond=number // 2),
        )
    tasks.welcome_account(happened("account.created", staff.account_id, name="Bob"))
    with django_assert_num_queries(1):
        whole = customer.get("/notifications").body["items"]
    assert len(whole) == 5
    assert whole == sorted(whole, key=lambda item: (item["created_at"], item["id"]), reverse=True)
    first = customer.get("/notifications", limit=3).body
    with django_assert_num_queries(1):
        rest = customer.get("/notifications", limit=3, cursor=first["next_cursor"]).body
    assert first["items"] + rest["items"] == whole
    assert rest["next_cursor"] is None
