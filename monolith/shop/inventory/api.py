from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from shop.inventory import serializers
from shop.inventory.selectors import stock_level
from shop.inventory.services import stock_set
from shop.platform.converters import NO_INTEGER
from shop.platform.errors import NotFound
from shop.platform.views import Access, ApiView, read_body


class InventoryView(ApiView):
    access: ClassVar = {"GET": Access.STAFF, "PUT": Access.STAFF}

    @extend_schema(responses=serializers.Inventory)
    def get(self, request: Request, product_id: int) -> Response:
        level = stock_level(product_id=product_id)
        if level is None:
            raise NotFound
        return Response(serializers.inventory(product_id, level))

    @extend_schema(request=serializers.StockWrite, responses=serializers.Inventory)
    def put(self, request: Request, product_id: int) -> Response:
        values = read_body(request, serializers.StockWrite)
        if product_id == NO_INTEGER:
            raise NotFound
        level = stock_set(product_id=product_id, **values)
        return Response(serializers.inventory(product_id, level))
