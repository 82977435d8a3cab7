"""Querysets whose SQL the ORM writes once instead of for every request.

Writing the SQL costs a hot read more than running it. A queryset built with `Parameter` in place
of values is compiled when it is first used; its rows are then read with one cursor call.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Expression,
    F,
    Field,
    Func,
    QuerySet,
    TextField,
)


class Parameter(Expression):
    """Stands for a value that `Compiled.rows` is given by name."""

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


def integer(name: str) -> Parameter:
    return Parameter(name, BigIntegerField())


def text(name: str) -> Parameter:
    return Parameter(name, TextField())


def any_of(column: str, name: str) -> Func:
    """A condition: one statement for lists of whatever length, unlike `__in`."""
    return Func(
        F(column),
        Parameter(name, ArrayField(BigIntegerField())),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


class Compiled:
    """`queryset` must be a `values_list` of columns that the driver reads as they are."""

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self._sql, self._parameters = compiler.as_sql()
        if compiler.get_converters([column for column, *_ in compiler.select]):
            raise TypeError(f"columns need conversion: {self._sql}")

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        parameters = [
            values[parameter.name] if isinstance(parameter, Parameter) else parameter
            for parameter in self._parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
