"""Settings of the catalog service."""

from typing import ClassVar

from kit.settings import HttpUrl, ServiceSettings
from pydantic import FilePath


class Settings(ServiceSettings):
    component: ClassVar[str] = "catalog"

    inventory_url: HttpUrl
    service_token_secret_file: FilePath
