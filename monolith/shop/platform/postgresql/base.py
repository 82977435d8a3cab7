import select
from datetime import UTC
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.adapt import AdaptersMap
from psycopg.pq import Format

_TIMESTAMPTZ = psycopg.adapters.types["timestamptz"].oid
_DRIVER_LOADER = psycopg.adapters.get_loader(_TIMESTAMPTZ, Format.TEXT)


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        if self.timezone is UTC and _DRIVER_LOADER:
            # In UTC the driver reads moments just as Django's loader does, only faster by far.
            adapters = AdaptersMap(params["context"])
            adapters.register_loader(_TIMESTAMPTZ, _DRIVER_LOADER)
            params["context"] = adapters
        return params

    def create_cursor(self, name: str | None = None) -> Any:
        if name or self.timezone is not UTC:
            return super().create_cursor(name)
        return self.connection.cursor()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        while True:
            connection = super().get_new_connection(conn_params)
            if not self.pool or not _hung_up(connection):
                return connection
            connection.close()
            self.pool.putconn(connection)


def _hung_up(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server has spoken on an idle connection, which it does only to end it.

    This sees a restarted server at the price of one system call; CONN_HEALTH_CHECKS would
    ask the server on every checkout.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
