from operator import attrgetter
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from shop.catalog import serializers
from shop.catalog.domain import ORDERINGS, Sort
from shop.catalog.selectors import category_list, product_detail, product_list
from shop.catalog.services import product_create, product_update
from shop.inventory import public as inventory
from shop.platform.errors import NotFound
from shop.platform.paging import page, whole
from shop.platform.views import Access, ApiView, read_body, read_query

_POSITIONS = {sort: attrgetter(ordering.column, "id") for sort, ordering in ORDERINGS.items()}


class ProductsView(ApiView):
    access: ClassVar = {"GET": Access.PUBLIC, "POST": Access.STAFF}

    @extend_schema(parameters=[serializers.ProductQuery], responses=serializers.ProductPage)
    def get(self, request: Request) -> Response:
        query = read_query(request, serializers.ProductQuery)
        sort = Sort(query.pop("sort"))
        rows = product_list(sort=sort, **query)
        return Response(
            page(
                sort.value,
                rows,
                query["limit"],
                position=_POSITIONS[sort],
                item=serializers.product_item,
            )
        )

    @extend_schema(request=serializers.ProductWrite, responses={201: serializers.Product})
    def post(self, request: Request) -> Response:
        values = read_body(request, serializers.ProductWrite)
        product_id = product_create(**serializers.columns(values))
        location = {"Location": f"/api/v1/products/{product_id}"}
        return Response(_product(product_id), status=201, headers=location)


class ProductView(ApiView):
    access: ClassVar = {"GET": Access.PUBLIC, "PATCH": Access.STAFF}

    @extend_schema(responses=serializers.Product)
    def get(self, request: Request, product_id: int) -> Response:
        return Response(_product(product_id))

    @extend_schema(request=serializers.ProductPatch, responses=serializers.Product)
    def patch(self, request: Request, product_id: int) -> Response:
        values = read_body(request, serializers.ProductPatch)
        product_update(product_id=product_id, changes=serializers.columns(values))
        return Response(_product(product_id))


class CategoriesView(ApiView):
    access: ClassVar = {"GET": Access.PUBLIC}

    @extend_schema(responses=serializers.CategoryPage)
    def get(self, request: Request) -> Response:
        return Response(whole(category_list()))


def _product(product_id: int) -> dict[str, Any]:
    detail = product_detail(product_id=product_id)
    if detail is None:
        raise NotFound
    return serializers.product(detail, inventory.availability(product_ids=[product_id])[product_id])
