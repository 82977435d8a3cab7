# ruff: noqa: INP001 - a program, not a package
"""The floor of Django REST framework: bare views, hand-written SQL. Run as `granian floor:app`."""

import base64
import os
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

import orjson
from django.conf import settings

_URL = urlsplit(os.environ["DATABASE_URL"])
_POOL_SIZE = int(os.environ["DATABASE_POOL_SIZE"])
settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[f"{__name__}.content_length"],
    INSTALLED_APPS=["rest_framework"],
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _URL.path[1:],
            "USER": _URL.username,
            "PASSWORD": unquote(_URL.password or ""),
            "HOST": _URL.hostname,
            "PORT": _URL.port,
            "OPTIONS": {
                "server_side_binding": True,
                "prepare_threshold": 5,
                "pool": {"min_size": min(2, _POOL_SIZE), "max_size": _POOL_SIZE},
            },
        }
    },
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
    },
)

from django.core.wsgi import get_wsgi_application  # noqa: E402 - Django must be configured first
from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.renderers import BaseRenderer  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

LIMIT = 20
LIST = """
    SELECT id, name, category_id, price_amount, sold, created_at FROM catalog_product
    WHERE category_id = %s ORDER BY sold DESC, id DESC LIMIT 21
"""
PAGE = """
    SELECT id, name, description, category_id, price_amount, tags, sold, created_at, updated_at,
           coalesce(on_hand - reserved, 0)
    FROM catalog_product LEFT JOIN inventory_stock ON product_id = id WHERE id = %s
"""


class Renderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: object, *_: object, **__: object) -> bytes:
        return orjson.dumps(data)


class BareView(APIView):
    renderer_classes: ClassVar = [Renderer]


class ProductList(BareView):
    def get(self, request: Request) -> Response:
        with connection.cursor() as cursor:
            cursor.execute(LIST, [request.GET["category"]])
            rows = cursor.fetchall()
        items = [
            {
                "id": row[0],
                "name": row[1],
                "category": row[2],
                "price": {"amount": row[3], "currency": "EUR"},
                "sold": row[4],
                "created_at": rfc3339(row[5]),
            }
            for row in rows[:LIMIT]
        ]
        return Response({"items": items, "next_cursor": next_cursor(rows)})


class ProductPage(BareView):
    def get(self, _: Request, product_id: int) -> Response:
        with connection.cursor() as cursor:
            cursor.execute(PAGE, [product_id])
            row = cursor.fetchone()
        return Response(
            {
                "id": row[0],
                "name": row[1],
                "description": row[2],
                "category": row[3],
                "price": {"amount": row[4], "currency": "EUR"},
                "tags": row[5],
                "sold": row[6],
                "available": row[9],
                "created_at": rfc3339(row[7]),
                "updated_at": rfc3339(row[8]),
            }
        )


def content_length(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A server can then send the body as it is rather than in chunks."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Content-Length"] = len(response.content)
        return response

    return respond


def next_cursor(rows: list[Any]) -> str | None:
    if len(rows) <= LIMIT:
        return None
    last = rows[LIMIT - 1]
    position = orjson.dumps(["bestselling", last[4], last[0]])
    return base64.urlsafe_b64encode(position).rstrip(b"=").decode()


def rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")[:-6] + "Z"


urlpatterns = [
    path("api/v1/products", ProductList.as_view()),
    path("api/v1/products/<int:product_id>", ProductPage.as_view()),
]
app = get_wsgi_application()
