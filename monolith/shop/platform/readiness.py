"""A process without a port says that it is ready by a file."""

import os
from pathlib import Path
from typing import Any

from celery.signals import beat_init, worker_ready, worker_shutdown


def connect() -> None:
    path = os.environ.get("READY_FILE")
    if not path:
        return
    file = Path(path)

    def announce(**_: Any) -> None:
        file.touch()

    def withdraw(**_: Any) -> None:
        file.unlink(missing_ok=True)

    # One that was killed could not take its file back.
    withdraw()
    worker_ready.connect(announce, weak=False)
    beat_init.connect(announce, weak=False)
    worker_shutdown.connect(withdraw, weak=False)
