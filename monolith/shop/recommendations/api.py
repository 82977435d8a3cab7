from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from shop.platform.paging import whole
from shop.platform.views import Access, ApiView, read_query
from shop.recommendations import serializers
from shop.recommendations.selectors import recommendation_list


class RecommendationsView(ApiView):
    access: ClassVar = {"GET": Access.PUBLIC}

    @extend_schema(
        parameters=[serializers.RecommendationQuery], responses=serializers.RecommendationPage
    )
    def get(self, request: Request, product_id: int) -> Response:
        query = read_query(request, serializers.RecommendationQuery)
        found = recommendation_list(product_id=product_id, **query)
        return Response(whole([serializers.recommendation(one) for one in found]))
