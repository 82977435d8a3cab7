"""Problems peculiar to catalog."""

from kit.errors import ValidationFailed


class CategoryUnknown(ValidationFailed):
    def __init__(self) -> None:
        super().__init__({"category": "is not known"})
