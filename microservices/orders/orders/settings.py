"""Settings of the orders service."""

from typing import ClassVar

from kit.settings import HttpUrl, ServiceSettings, read_secret
from pydantic import FilePath


class Settings(ServiceSettings):
    component: ClassVar[str] = "orders"

    jwks_url: HttpUrl
    service_token_secret_file: FilePath
    cart_url: HttpUrl
    catalog_url: HttpUrl
    inventory_url: HttpUrl
    payments_url: HttpUrl

    def secret(self) -> str:
        return read_secret(self.service_token_secret_file)
