from typing import Annotated

from fastapi import Depends, Query
from kit.db import DatabaseDep
from kit.json import json_response
from kit.routing import api_router
from kit.schemas import Page, PathInt
from starlette.requests import Request
from starlette.responses import Response

from recommendations.schemas import RecommendationItem, RecommendationLimit, recommendation
from recommendations.selectors import recommendation_list

router = api_router("recommendations")


async def _candidates(request: Request) -> int:
    size: int = request.app.state.candidates
    return size


Candidates = Annotated[int, Depends(_candidates)]


@router.get(
    "/products/{product_id}/recommendations",
    operation_id="getRecommendations",
    response_model=Page[RecommendationItem],
)
async def list_recommendations(
    product_id: PathInt,
    database: DatabaseDep,
    candidates: Candidates,
    limit: Annotated[RecommendationLimit, Query()] = 5,
) -> Response:
    found = await recommendation_list(database, product_id=product_id, limit=limit, size=candidates)
    return json_response({"items": [recommendation(one) for one in found], "next_cursor": None})
