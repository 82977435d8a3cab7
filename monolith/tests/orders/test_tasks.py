import pytest

from config.celery import app
from shop.orders.models import Order
from shop.orders.tasks import recover
from tests.orders.faults import Crash, crashing
from tests.orders.world import World


def test_the_task_recovers(world: World) -> None:
    customer = world.customer({world.product(): 1})
    with pytest.raises(Crash):
        world.place(customer, payments=crashing("before capture"))
    recover()
    assert Order.objects.get().status == "pending", "its lease is not over"
    world.expire_leases()
    recover()
    assert Order.objects.get().status == "confirmed"
    world.audit()


def test_the_task_is_on_the_schedule() -> None:
    entry = app.conf.beat_schedule["orders-recover"]
    assert entry["task"] == recover.name
    assert entry["schedule"].total_seconds() == 2
