"""Between the CLI and the supervisor: one JSON object per line, dataclasses on both sides."""

import dataclasses
import types
import typing
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar, cast

import orjson

T = TypeVar("T")


def encode(message: object) -> bytes:
    return orjson.dumps(message, default=_plain) + b"\n"


def _plain(value: object) -> Any:  # noqa: ANN401 -- whatever JSON can hold
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be sent")


def decode(line: bytes) -> dict[str, Any]:
    return cast("dict[str, Any]", orjson.loads(line))


def build(kind: type[T], data: object) -> T:
    """The value of type `kind` (a dataclass, or of what dataclasses hold) that `data` describes."""
    return cast("T", _build(kind, data))


def _build(kind: Any, data: Any) -> Any:  # noqa: ANN401 -- works on type expressions
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        (inner,) = (arg for arg in typing.get_args(kind) if arg is not types.NoneType)
        return None if data is None else _build(inner, data)
    if origin in (tuple, frozenset):
        inner = typing.get_args(kind)[0]
        return origin(_build(inner, item) for item in data)
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return cast("Any", kind)(**{key: _build(hints[key], item) for key, item in data.items()})
    if isinstance(kind, type) and issubclass(kind, (Enum, Path)):
        return kind(data)
    return data
