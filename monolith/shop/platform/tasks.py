from celery import shared_task

from shop.platform import outbox
from shop.platform.inbox import deliver

__all__ = ["deliver", "prune", "sweep"]


@shared_task
def sweep() -> None:
    outbox.sweep()


@shared_task
def prune() -> None:
    outbox.prune()
