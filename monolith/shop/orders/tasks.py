from celery import shared_task

from shop.orders.recovery import orders_recover


@shared_task
def recover() -> None:
    orders_recover()
