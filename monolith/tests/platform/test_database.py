"""A database that goes away and comes back."""

import psycopg
import pytest
from django.db import connection
from django.test import Client as DjangoClient

from tests.client import Client

pytestmark = pytest.mark.django_db(transaction=True)


def end_all_connections() -> None:
    """As a restart of the server does."""
    params = connection.get_connection_params()
    wanted = ("host", "port", "user", "password", "dbname")
    address = {name: params[name] for name in wanted if name in params}
    with psycopg.connect(**address, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_connection_that_died_in_the_pool_is_not_handed_out(anyone: Client) -> None:
    for _ in range(3):
        assert anyone.get("/categories").status == 200
        connection.close()
        end_all_connections()
    assert anyone.get("/categories").status == 200


def test_a_connection_that_dies_in_use_is_a_503(anyone: Client) -> None:
    assert anyone.get("/categories").status == 200
    end_all_connections()
    assert DjangoClient().get("/readyz").status_code == 503
    answer = anyone.get("/categories")
    assert answer.problem() == (503, "dependency-unavailable")
    assert answer.headers["retry-after"] == "1"
    connection.close()
    assert DjangoClient().get("/readyz").status_code == 200


def test_moments_are_in_utc(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT timestamptz '2026-11-23 10:30:00.5+01'")
        (moment,) = cursor.fetchone()
    assert moment.isoformat() == "2026-11-23T09:30:00.500000+00:00"
