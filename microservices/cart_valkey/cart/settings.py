"""Settings of the cart service."""

from typing import ClassVar

from kit.settings import HttpUrl, ServiceSettings, read_secret
from pydantic import FilePath


class Settings(ServiceSettings):
    component: ClassVar[str] = "cart"
    version: ClassVar[str] = "1.0.0+valkey"

    jwks_url: HttpUrl
    service_token_secret_file: FilePath
    catalog_url: HttpUrl
    store_url: str
    store_namespace: str = "cart"

    def secret(self) -> str:
        return read_secret(self.service_token_secret_file)
