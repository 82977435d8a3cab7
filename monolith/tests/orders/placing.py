"""Place one order, in a process of its own that a test can kill."""

import os
import sys
from uuid import UUID

import django


def main() -> None:
    account_id, database, acquirer, token = sys.argv[1:]
    os.environ.update(DJANGO_SETTINGS_MODULE="tests.settings", ACQUIRER_URL=acquirer)
    django.setup()
    # Only now can what needs settings be imported.
    from django.conf import settings  # noqa: PLC0415

    from shop.orders.services import order_place  # noqa: PLC0415
    from tests.orders.world import order_body  # noqa: PLC0415

    settings.DATABASES["default"]["NAME"] = database
    order_place(account_id=UUID(account_id), key="key", body=order_body(token))


main()
