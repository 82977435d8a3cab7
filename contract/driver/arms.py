"""Which arms to drive and who works in them, from options or the environment."""

import os
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import pytest

ARMS_VARIABLE: Final = "TWINBENCH_ARMS"
EMAIL_VARIABLE: Final = "TWINBENCH_STAFF_EMAIL"
PASSWORD_VARIABLE: Final = "TWINBENCH_STAFF_PASSWORD"


@dataclass(frozen=True, slots=True)
class Arm:
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Credentials:
    email: str
    password: str


def parse_arm(text: str) -> Arm:
    """`monolith=http://127.0.0.1:8001`; ValueError for anything else."""
    name, separator, url = text.strip().partition("=")
    parts = urlsplit(url)
    if not (name and separator and parts.scheme in {"http", "https"} and parts.netloc):
        raise ValueError(f"not NAME=http://HOST:PORT: {text!r}")
    return Arm(name, url.rstrip("/"))


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("twinbench")
    group.addoption(
        "--arm",
        action="append",
        default=[],
        metavar="NAME=URL",
        help=f"an arm's gateway; may be repeated; default: ${ARMS_VARIABLE}, comma-separated",
    )
    group.addoption(
        "--staff-email",
        default=os.environ.get(EMAIL_VARIABLE, "staff@shop.example"),
        help=f"a staff account that every arm has; default: ${EMAIL_VARIABLE} or the dataset's",
    )
    group.addoption(
        "--staff-password",
        default=os.environ.get(PASSWORD_VARIABLE, "correct horse battery staple"),
        help=f"its password; default: ${PASSWORD_VARIABLE} or the dataset's",
    )


def arms(config: pytest.Config) -> list[Arm]:
    """The arms asked for; a usage error, in one line, when there are none or one is malformed."""
    texts: list[str] = config.getoption("--arm")
    texts = texts or [part for part in os.environ.get(ARMS_VARIABLE, "").split(",") if part]
    if not texts:
        raise pytest.UsageError(
            f"no arm to drive: give --arm NAME=http://HOST:PORT or set {ARMS_VARIABLE}"
        )
    try:
        found = [parse_arm(text) for text in texts]
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error
    if len({arm.name for arm in found}) != len(found):
        raise pytest.UsageError("two arms have the same name")
    return found


def credentials(config: pytest.Config) -> Credentials:
    return Credentials(config.getoption("--staff-email"), config.getoption("--staff-password"))
