"""Settings from the environment; a service refuses to start on a bad value."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, FilePath, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError


def _database_url(value: str) -> str:
    try:
        url = make_url(value)
    except ArgumentError as error:
        raise ValueError("must look like postgresql://role@host:5432/database") from error
    if url.get_backend_name() != "postgresql" or not url.database:
        raise ValueError("must look like postgresql://role@host:5432/database")
    return value


def _http_url(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("must start with http:// or https://")
    return value.rstrip("/")


def _redis_url(value: str) -> str:
    if not value.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must start with redis://")
    return value


HttpUrl = Annotated[str, AfterValidator(_http_url)]


class DatabaseSettings(BaseSettings):
    """What a migration needs."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    component: ClassVar[str] = "migrations"

    database_url: Annotated[str, AfterValidator(_database_url)]
    database_password_file: FilePath | None = None

    def sqlalchemy_url(self) -> URL:
        """The database address for psycopg 3, with the password from its file."""
        url = make_url(self.database_url).set(drivername="postgresql+psycopg")
        if self.database_password_file is not None:
            url = url.set(password=read_secret(self.database_password_file))
        return url

    @classmethod
    def load(cls, **given: Any) -> Self:  # noqa: ANN401 - each field's own type is checked
        """Settings from `given` and the environment, or exit with one line naming what is wrong."""
        try:
            return cls(**given)
        except ValidationError as error:
            problems = "; ".join(
                f"{'.'.join(str(part) for part in item['loc']).upper()}: {item['msg']}"
                for item in error.errors(include_input=False, include_url=False)
            )
            raise SystemExit(f"{cls.component}: bad settings: {problems}") from None


class ServiceSettings(DatabaseSettings):
    """What every service reads; a service subclasses it and names its `component`."""

    version: ClassVar[str] = "1.0.0"

    revision: str = "unknown"
    database_pool_size: int = Field(default=8, ge=1, le=200)
    redis_url: Annotated[str, AfterValidator(_redis_url)]
    redis_password_file: FilePath | None = None
    jwks_url: HttpUrl | None = None
    service_token_secret_file: FilePath | None = None
    service_directory: FilePath | None = None
    event_namespace: str = "events"
    trace: Literal["off", "server-timing"] = "off"
    faults: Literal["off", "switchboard"] = "off"

    def redis_password(self) -> str | None:
        return None if self.redis_password_file is None else read_secret(self.redis_password_file)

    def service_token_secret(self) -> str | None:
        """The secret that signs calls between services; None where nothing is called."""
        if self.service_token_secret_file is None:
            return None
        return read_secret(self.service_token_secret_file)


def read_secret(path: FilePath) -> str:
    """The content of a secret file without its final newline."""
    return path.read_text(encoding="utf-8").rstrip("\n")
