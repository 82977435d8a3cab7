import os
from datetime import timedelta

from celery import Celery

from shop.platform import readiness

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=4,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    enable_utc=True,
    timezone="UTC",
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # An unreachable broker must not hold up a request: the outbox sweep sends what was not sent.
    task_publish_retry=False,
    broker_transport_options={
        "visibility_timeout": 300,
        "socket_connect_timeout": 1,
        "socket_timeout": 1,
        "max_retries": 0,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
    },
    beat_schedule={
        "outbox-sweep": {
            "task": "shop.platform.tasks.sweep",
            "schedule": timedelta(seconds=2),
            "options": {"expires": 2},
        },
        "outbox-prune": {
            "task": "shop.platform.tasks.prune",
            "schedule": timedelta(hours=1),
            "options": {"expires": 3600},
        },
        "orders-recover": {
            "task": "shop.orders.tasks.recover",
            "schedule": timedelta(seconds=2),
            "options": {"expires": 2},
        },
        "reservations-expire": {
            "task": "shop.inventory.tasks.expire_reservations",
            "schedule": timedelta(seconds=30),
            "options": {"expires": 30},
        },
    },
)
app.autodiscover_tasks()
readiness.connect()
