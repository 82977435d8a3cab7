"""Settings of the inventory service."""

from typing import ClassVar

from kit.settings import ServiceSettings
from pydantic import Field, FilePath


class Settings(ServiceSettings):
    component: ClassVar[str] = "inventory"

    service_token_secret_file: FilePath
    reservation_sweep_seconds: float = Field(default=30, ge=1, le=600)
