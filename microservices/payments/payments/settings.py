"""Settings of the payments service."""

from typing import ClassVar

from kit.settings import HttpUrl, ServiceSettings
from pydantic import FilePath


class Settings(ServiceSettings):
    component: ClassVar[str] = "payments"

    jwks_url: HttpUrl
    service_token_secret_file: FilePath
    acquirer_url: HttpUrl
