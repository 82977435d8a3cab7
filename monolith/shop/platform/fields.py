"""Input that is taken literally: exact types, the contract's messages, no unknown fields."""

import re
from functools import cache
from typing import Any, ClassVar

from django.core.validators import MaxLengthValidator, MinLengthValidator, RegexValidator
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.fields import SkipField, empty

from shop.platform.errors import ValidationFailed

NOT_VALID = "is not valid"
_QUERY_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NO_NUL = RegexValidator(r"\A[^\0]*\Z", message=NOT_VALID)


class Text(serializers.CharField):
    default_error_messages: ClassVar = {
        "required": "is required",
        "null": "must be a string",
        "invalid": "must be a string",
        "min_length": "must have at least {min_length} characters",
        "max_length": "must have at most {max_length} characters",
    }

    def __init__(
        self,
        *,
        max_length: int | None = None,
        min_length: int = 1,
        pattern: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(
            max_length=max_length,
            min_length=min_length or None,
            allow_blank=min_length == 0,
            trim_whitespace=False,
            **options,
        )
        # The first failure is the one that is told: NUL, then the length, then the form.
        lengths = (MinLengthValidator, MaxLengthValidator)
        found = [validator for validator in self.validators if isinstance(validator, lengths)]
        self.validators = [_NO_NUL, *found]
        if pattern is not None:
            self.validators.append(RegexValidator(pattern, message=NOT_VALID))

    def run_validation(self, data: Any = empty) -> Any:
        # CharField would answer for an empty string before any length is looked at.
        return serializers.Field.run_validation(self, data)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return data


class Integer(serializers.IntegerField):
    default_error_messages: ClassVar = {
        "required": "is required",
        "null": "must be an integer",
        "invalid": "must be an integer",
        "min_value": "must be at least {min_value}",
        "max_value": "must be at most {max_value}",
    }

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return data


class QueryInteger(Integer):
    def to_internal_value(self, data: Any) -> int:
        if _QUERY_INTEGER.fullmatch(data) is None:
            self.fail("invalid")
        return int(data)


class Choice(serializers.ChoiceField):
    default_error_messages: ClassVar = {
        "required": "is required",
        "null": "must be a string",
        "invalid": "must be a string",
    }

    def __init__(self, choices: list[str], **options: Any) -> None:
        messages: dict[str, Any] = {"invalid_choice": "must be one of: " + ", ".join(choices)}
        super().__init__(choices=choices, error_messages=messages, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if data not in self.choices:
            self.fail("invalid_choice")
        return data


class List(serializers.ListField):
    default_error_messages: ClassVar = {
        "required": "is required",
        "null": "must be a list",
        "not_a_list": "must be a list",
        "max_length": "must have at most {max_length} items",
    }

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.fail("not_a_list")
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        items: list[Any] = self.run_child_validation(data)
        return items


class Strict(serializers.Serializer[Any]):
    """An object; `parse` reads a whole body with one shared instance, for it keeps no state."""

    default_error_messages: ClassVar = {
        "required": "is required",
        "null": "must be an object",
        "invalid": "must be an object",
    }
    refuses_unknown: ClassVar[bool] = True

    @classmethod
    def parse(cls, data: Any) -> dict[str, Any]:
        try:
            values: dict[str, Any] = _shared(cls).run_validation(data)
        except ValidationError as error:
            raise ValidationFailed(_flat(error.detail)) from error
        return values

    def run_validation(self, data: Any = empty) -> Any:
        is_final, data = self.validate_empty_values(data)
        return data if is_final else self.to_internal_value(data)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("invalid")
        values: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        if self.refuses_unknown:
            errors = {name: ["is not allowed"] for name in data.keys() - self.fields.keys()}
        for name, field in self.fields.items():
            try:
                values[name] = field.run_validation(data.get(name, empty))
            except SkipField:
                continue
            except ValidationError as error:
                errors[name] = error.detail
        self.complete(values, errors)
        if errors:
            raise ValidationError(errors)
        return values

    def complete(self, values: dict[str, Any], errors: dict[str, Any]) -> None:
        """For what depends on several fields: change `values`, add to `errors`."""


class Parameters(Strict):
    """A query string: parameters nobody declared are ignored."""

    refuses_unknown = False


class Money(Strict):
    amount = Integer(min_value=0, max_value=1_000_000_000)
    currency = Choice(["EUR"])


@cache
def _shared(kind: type[Strict]) -> Strict:
    return kind()


def _flat(detail: Any, path: str = "") -> dict[str, str]:
    """DRF's nested details as dotted paths, each with its first message."""
    if isinstance(detail, list):
        return {path or "body": str(detail[0])}
    found: dict[str, str] = {}
    for name, inner in detail.items():
        found.update(_flat(inner, f"{path}.{name}" if path else str(name)))
    return found
