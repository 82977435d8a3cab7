"""The card processor's HTTP interface. The token decides what happens; see README.md."""

import asyncio
import math
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from acquirer.ledger import Entry, Ledger, RefusedError
from acquirer.settings import Settings

APPROVED_TOKENS = frozenset({"tok_ok", "tok_slow", "tok_timeout"})


def _json(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


def _problem(status: int, slug: str, detail: str) -> Response:
    body = {"type": slug, "title": slug.replace("-", " "), "status": status, "detail": detail}
    return Response(orjson.dumps(body), status, media_type="application/problem+json")


def _render(entry: Entry) -> dict[str, Any]:
    return {
        "reference": entry.reference,
        "amount": {"amount": entry.amount, "currency": entry.currency},
        "token": entry.token,
        "status": entry.status,
    }


class Acquirer:
    """The operations, over one ledger and one seeded source of delay."""

    ledger: Ledger

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._random = random.Random(settings.seed)

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        with Ledger(self._settings.journal_file) as self.ledger:
            yield

    async def _delay(self) -> None:
        median = self._settings.delay_median_ms / 1000
        if median > 0:
            await asyncio.sleep(
                self._random.lognormvariate(math.log(median), self._settings.delay_sigma)
            )

    async def authorize(self, request: Request) -> Response:
        body = orjson.loads(await request.body())
        token = body["token"]
        await self._delay()
        if token == "tok_error":  # noqa: S105 - a simulated card, not a password
            return _problem(500, "processing-error", "The processor failed.")
        if token == "tok_slow":  # noqa: S105
            await asyncio.sleep(self._settings.slow_seconds)
        entry, made = self.ledger.authorize(
            reference=body["reference"],
            amount=body["amount"]["amount"],
            currency=body["amount"]["currency"],
            token=token,
            approved=token in APPROVED_TOKENS,
        )
        if token == "tok_timeout":  # noqa: S105
            await asyncio.sleep(self._settings.hold_seconds)
        return _json(_render(entry), 201 if made else 200)

    async def capture(self, request: Request) -> Response:
        body = orjson.loads(await request.body())
        await self._delay()
        return _json(_render(self.ledger.capture(body["reference"])))

    async def refund(self, request: Request) -> Response:
        body = orjson.loads(await request.body())
        await self._delay()
        return _json(_render(self.ledger.refund(body["reference"])))

    async def authorization(self, request: Request) -> Response:
        await self._delay()
        entry = self.ledger.find(request.path_params["reference"])
        if entry is None:
            return _problem(404, "not-found", "There is no such reference.")
        return _json(_render(entry))

    async def audit(self, _request: Request) -> Response:
        return _json({"items": [_render(entry) for entry in self.ledger.entries()]})


async def _refused(_request: Request, error: Exception) -> Response:
    return _problem(409, "refused", str(error))


async def _malformed(_request: Request, _error: Exception) -> Response:
    return _problem(422, "validation-failed", "The body lacks a field or is not JSON.")


def create_app(settings: Settings) -> Starlette:
    acquirer = Acquirer(settings)

    async def alive(_request: Request) -> Response:
        return _json({"status": "ok"})

    async def version(_request: Request) -> Response:
        revision = settings.revision
        return _json({"component": "acquirer", "version": "1.0.0", "revision": revision})

    return Starlette(
        lifespan=acquirer.lifespan,
        exception_handlers={
            RefusedError: _refused,
            KeyError: _malformed,
            TypeError: _malformed,
            orjson.JSONDecodeError: _malformed,
        },
        routes=[
            Route("/authorizations", acquirer.authorize, methods=["POST"]),
            Route("/authorizations/{reference}", acquirer.authorization),
            Route("/captures", acquirer.capture, methods=["POST"]),
            Route("/refunds", acquirer.refund, methods=["POST"]),
            Route("/ledger", acquirer.audit),
            Route("/healthz", alive),
            Route("/readyz", alive),
            Route("/version", version),
        ],
    )


app = create_app(Settings())
