"""What goes in and what comes out. Answers are built by hand: their models only describe them."""

from typing import Annotated, Any

from kit.schemas import Money, QueryInt, money
from pydantic import BaseModel, Field

from recommendations.selectors import Recommendation

RecommendationLimit = Annotated[QueryInt, Field(ge=1, le=20)]


class RecommendationItem(BaseModel):
    id: int
    name: str
    price: Money
    score: float


def recommendation(found: Recommendation) -> dict[str, Any]:
    return {
        "id": found.id,
        "name": found.name,
        "price": money(found.price_amount),
        "score": found.score,
    }
