from typing import Any

from rest_framework import serializers

from shop.platform.fields import Money, Parameters, QueryInteger
from shop.platform.json import money
from shop.recommendations.selectors import Recommendation


class RecommendationQuery(Parameters):
    limit = QueryInteger(min_value=1, max_value=20, default=5)


class RecommendationItem(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    price = Money()
    score = serializers.FloatField()


class RecommendationPage(serializers.Serializer[Any]):
    items = RecommendationItem(many=True)
    next_cursor = serializers.CharField(allow_null=True)


def recommendation(found: Recommendation) -> dict[str, Any]:
    return {
        "id": found.id,
        "name": found.name,
        "price": money(found.price_amount),
        "score": found.score,
    }
