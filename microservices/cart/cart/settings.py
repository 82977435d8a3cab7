"""Settings of the cart service."""

from typing import ClassVar

from kit.settings import HttpUrl, ServiceSettings, read_secret
from pydantic import FilePath


class Settings(ServiceSettings):
    component: ClassVar[str] = "cart"

    jwks_url: HttpUrl
    service_token_secret_file: FilePath
    catalog_url: HttpUrl

    def secret(self) -> str:
        return read_secret(self.service_token_secret_file)
