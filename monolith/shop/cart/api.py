from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from shop.cart import serializers
from shop.cart.store import cart_empty, cart_line_remove, cart_line_set, cart_lines
from shop.platform.converters import NO_INTEGER
from shop.platform.errors import NotFound
from shop.platform.views import ApiView, principal, read_body


class CartView(ApiView):
    @extend_schema(responses=serializers.Cart)
    def get(self, request: Request) -> Response:
        return _cart(request)

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        cart_empty(account_id=principal(request).account_id)
        return Response(status=204)


class CartItemView(ApiView):
    @extend_schema(request=serializers.CartItemWrite, responses=serializers.Cart)
    def put(self, request: Request, product_id: int) -> Response:
        values = read_body(request, serializers.CartItemWrite)
        cart_line_set(account_id=principal(request).account_id, product_id=product_id, **values)
        return _cart(request)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, product_id: int) -> Response:
        if product_id == NO_INTEGER:
            raise NotFound
        cart_line_remove(account_id=principal(request).account_id, product_id=product_id)
        return Response(status=204)


def _cart(request: Request) -> Response:
    return Response(serializers.cart(cart_lines(account_id=principal(request).account_id)))
