"""What the columns of all tables are made of, and the version that is written with them."""

from typing import Final

import pyarrow as pa

SCHEMA_VERSION: Final = 2
VERSION_KEY: Final = b"twinbench.schema"


def label() -> pa.DataType:
    return pa.dictionary(pa.int16(), pa.string())


def required(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


def versioned(name: str, fields: list[pa.Field]) -> pa.Schema:
    return pa.schema(fields, metadata={VERSION_KEY: f"{name}/{SCHEMA_VERSION}".encode()})
