from celery import shared_task

from shop.inventory.services import reservations_expire


@shared_task
def expire_reservations() -> None:
    reservations_expire()
