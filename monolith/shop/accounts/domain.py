"""What an account is called by."""

from enum import StrEnum

EMAIL_PATTERN = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
MIN_EMAIL = 3
MAX_EMAIL = 254
MIN_PASSWORD = 8
MAX_PASSWORD = 128
MAX_NAME = 100


class Role(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"


def normalised_email(email: str) -> str:
    return email.strip().lower()
