"""Settings of the notifications service."""

from typing import ClassVar

from kit.settings import HttpUrl, ServiceSettings


class Settings(ServiceSettings):
    component: ClassVar[str] = "notifications"

    jwks_url: HttpUrl
