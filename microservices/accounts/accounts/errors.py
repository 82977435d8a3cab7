"""Problems peculiar to accounts."""

from collections.abc import Mapping
from typing import ClassVar

from kit.errors import Problem


class EmailTaken(Problem):
    type = "email-taken"
    status = 409
    title = "Email taken"
    detail = "An account with this email exists."


class InvalidCredentials(Problem):
    type = "invalid-credentials"
    status = 401
    title = "Invalid credentials"
    detail = "The email or the password is wrong."
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}
