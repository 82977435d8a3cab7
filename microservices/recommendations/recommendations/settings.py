"""Settings of the recommendations service."""

from typing import ClassVar

from kit.settings import ServiceSettings
from pydantic import Field


class Settings(ServiceSettings):
    component: ClassVar[str] = "recommendations"

    recommendation_candidates: int = Field(default=200, ge=1, le=10_000)
