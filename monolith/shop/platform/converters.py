"""Ids in a path.

Any text is taken for an id: whether a resource has it is the last thing that an operation
looks at, after who asks and what they send. Text that cannot be an id becomes one that no
resource has.
"""

import re
from uuid import UUID

from django.urls import register_converter

NO_INTEGER = 0
NO_UUID = UUID(int=0)
_INTEGER = re.compile(r"[0-9]{1,18}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class IntegerId:
    regex = "[^/]+"

    def to_python(self, value: str) -> int:
        return int(value) if _INTEGER.fullmatch(value) else NO_INTEGER

    def to_url(self, value: int) -> str:
        return str(value)


class UuidId:
    regex = "[^/]+"

    def to_python(self, value: str) -> UUID:
        return UUID(value) if _UUID.fullmatch(value) else NO_UUID

    def to_url(self, value: UUID) -> str:
        return str(value)


def register() -> None:
    register_converter(IntegerId, "integer_id")
    register_converter(UuidId, "uuid_id")
