"""What has waited for too long is refused, and who only looks around before who goes on."""

import time
from collections.abc import Callable

import orjson
import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from shop.platform.patience import (
    GOING_ON,
    LONGEST,
    LOOKING,
    STANDING,
    STRAINED,
    Patience,
    patient,
    under_strain,
)


def strained() -> Patience:
    """Since 0.0."""
    patience = Patience()
    for now in (-STANDING, -STANDING / 2, 0.0):
        assert patience.lasts(STRAINED, now, LOOKING) is (now < 0)
    return patience


def test_nobody_waits_for_long() -> None:
    patience = Patience()
    assert patience.lasts(LONGEST - 0.1, 0.0, LOOKING)
    assert not patience.lasts(LONGEST, 0.1, GOING_ON)


def test_a_stall_strains_nothing() -> None:
    """Each has waited long, but for less than `STANDING`; then one has not."""
    patience = Patience()
    for now in (0.0, 0.9 * STANDING):
        assert patience.lasts(STRAINED, now, LOOKING)
    assert patience.lasts(STRAINED - 0.1, STANDING, LOOKING)
    assert patience.lasts(STRAINED, 1.5 * STANDING, LOOKING)


def test_where_all_wait_who_looks_around_is_refused_before_who_goes_on() -> None:
    patience = strained()
    assert patience.lasts(0.9 * LOOKING, 0.1, LOOKING)
    assert not patience.lasts(LOOKING, 0.1, LOOKING)
    assert patience.lasts(0.9 * GOING_ON, 0.1, GOING_ON)
    assert not patience.lasts(GOING_ON, 0.1, GOING_ON)


def test_who_is_signed_in_or_signs_in_goes_on() -> None:
    assert under_strain("GET", signed_in=False) == LOOKING
    assert under_strain("POST", signed_in=False) == GOING_ON
    assert under_strain("GET", signed_in=True) == GOING_ON


def test_strain_is_over_when_nobody_waits_any_more() -> None:
    patience = strained()
    for now in (1.0, 1.0 + STANDING / 2):
        assert patience.lasts(0.0, now, LOOKING)
    assert not patience.lasts(LOOKING, 1.9, LOOKING)
    for now in (2.0, 2.0 + STANDING):
        assert patience.lasts(0.0, now, LOOKING)
    assert patience.lasts(LOOKING, 4.0, LOOKING)


def test_a_refusal_is_the_contracts() -> None:
    answer = asked(ago(LONGEST + 0.1))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert orjson.loads(answer.content)["type"] == "dependency-unavailable"


@pytest.mark.parametrize(
    "header", [lambda: ago(0.0), lambda: ago(-60.0), lambda: "soon", lambda: None]
)
def test_others_are_served(header: Callable[[], str | None]) -> None:
    assert asked(header()).status_code == 204


def test_the_shop_is_patient() -> None:
    assert "shop.platform.patience.patient" in settings.MIDDLEWARE


def asked(since: str | None) -> HttpResponse:
    headers = {} if since is None else {"X-Request-Start": since}
    return patient(served)(RequestFactory().post("/", headers=headers))


def served(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)


def ago(seconds: float) -> str:
    return str(round(1000 * (time.time() - seconds)))
