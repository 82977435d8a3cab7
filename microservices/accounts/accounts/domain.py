"""The rules of accounts."""

import re

ACCESS_TOKEN_SECONDS = 3600
CUSTOMER = "customer"

EMAIL_PATTERN = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def normalised_email(text: str) -> str:
    """An email as it is stored and compared."""
    return text.strip().lower()


def is_email(text: str) -> bool:
    """Whether a normalised text has the form of an email."""
    return _EMAIL.fullmatch(text) is not None
