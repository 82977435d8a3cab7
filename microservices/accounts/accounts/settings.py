"""Settings of the accounts service."""

from typing import ClassVar

from kit.settings import ServiceSettings
from pydantic import Field, FilePath


class Settings(ServiceSettings):
    component: ClassVar[str] = "accounts"

    jwt_private_key_file: FilePath
    password_threads: int = Field(default=2, ge=1, le=64)
