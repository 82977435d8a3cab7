"""No exception, no cleaning up: SIGKILL to a process that places an order."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction

from shop.inventory.models import Stock
from shop.orders.models import IdempotencyKey, Order
from shop.orders.recovery import orders_recover
from tests.orders.world import APPROVED, World

PROJECT = Path(__file__).parents[2]


def test_a_process_killed_while_it_waits_for_the_acquirer(world: World) -> None:
    customer = world.customer({world.product(stock=1): 1})

    def is_waiting() -> bool:
        order_ids = Order.objects.values_list("id", flat=True)
        return any(str(order_id) in world.processor.ledger() for order_id in order_ids)

    with placing(world, customer, "tok_timeout") as process:
        wait(is_waiting, process)
        process.kill()
    assert Order.objects.get().status == "pending"
    world.expire_leases()
    assert orders_recover() == 1
    assert world.place(customer, token="tok_timeout").status == 503
    world.audit()


def test_a_process_killed_while_it_makes_the_order(world: World) -> None:
    """Until its transaction is through there is nothing: not even a key in use."""
    product_id = world.product(stock=1)
    customer = world.customer({product_id: 1})
    with placing(world, customer, APPROVED) as process, transaction.atomic():
        Stock.objects.select_for_update().get(product_id=product_id)
        wait(somebody_waits_for_us, process)
        process.kill()
    assert world.place(customer).status == 201
    assert IdempotencyKey.objects.count() == Order.objects.count() == 1
    world.audit()


@contextmanager
def placing(world: World, customer: UUID, token: str) -> Iterator["subprocess.Popen[bytes]"]:
    database = connection.settings_dict["NAME"]
    command = ["-m", "tests.orders.placing", str(customer), database, world.processor.url, token]
    with subprocess.Popen(  # noqa: S603
        [sys.executable, *command], cwd=PROJECT, stderr=subprocess.PIPE
    ) as process:
        yield process


def wait(condition: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 30
    while not condition():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            raise AssertionError(process.communicate()[1].decode())
        time.sleep(0.01)


def somebody_waits_for_us() -> bool:
    """Not from pg_stat_activity: within a transaction it always shows the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        (waits,) = cursor.fetchone()
        return bool(waits)
