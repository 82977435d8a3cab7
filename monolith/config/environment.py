"""Typed reading of the environment; a bad value stops the start with one clear line."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name) or default
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set")
    return value


def integer(name: str, default: int, *, minimum: int = 0) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or int(value) < minimum:
        raise ImproperlyConfigured(f"{name} must be an integer of at least {minimum}: {value!r}")
    return int(value)


def choice(name: str, default: str, *others: str) -> str:
    value = text(name, default)
    if value not in {default, *others}:
        raise ImproperlyConfigured(f"{name} must be {default} or {', '.join(others)}: {value!r}")
    return value


def file_content(name: str) -> str:
    return _read(name, text(name))


def optional_file_content(name: str) -> str:
    path = os.environ.get(name)
    return _read(name, path) if path else ""


def postgresql(url_name: str, password_file_name: str) -> dict[str, Any]:
    """The connection part of Django's DATABASES entry."""
    url = urlsplit(text(url_name))
    if url.scheme != "postgresql" or not url.hostname or not url.path.strip("/"):
        raise ImproperlyConfigured(f"{url_name} must be postgresql://role@host:port/database")
    return {
        "NAME": url.path.strip("/"),
        "USER": unquote(url.username or ""),
        "PASSWORD": optional_file_content(password_file_name) or unquote(url.password or ""),
        "HOST": url.hostname,
        "PORT": str(url.port or 5432),
    }


def redis(url_name: str, password_file_name: str) -> str:
    """The URL with its password in place."""
    url = urlsplit(text(url_name))
    if url.scheme != "redis" or not url.hostname:
        raise ImproperlyConfigured(f"{url_name} must be redis://host:port/number")
    password = optional_file_content(password_file_name)
    if not password:
        return url.geturl()
    address = f"{url.hostname}:{url.port or 6379}"
    return urlunsplit(url._replace(netloc=f":{quote(password, safe='')}@{address}"))


def _read(name: str, path: str) -> str:
    try:
        content = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from error
    if not content:
        raise ImproperlyConfigured(f"{name}: {path} is empty")
    return content
