"""Statements that every arrival asks, run on SQLite's driver itself: SQLAlchemy prepares one ten times as long as it runs."""

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Connection, Delete, Insert, Select, Update, bindparam, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any] | None
_DIALECT: Final = sqlite.dialect()


def listed(name: str) -> Select[Any]:
    """For ``column.in_(...)``: any number of values under one parameter, so that the statement's text stays the same."""
    return select(func.json_each(bindparam(name)).table_valued("value").c.value)


class Quick:
    """A statement that is put together once, with the conversions of its columns' types; ``keys`` are an insert's columns.

    Parameters are given by name, those of ``listed`` as a collection. Raises what SQLAlchemy would raise, without the values.
    """

    def __init__(self, statement: Select[Any] | Insert | Update | Delete, keys: Sequence[str] | None = None) -> None:
        self._statement, self._keys = statement, keys

    def rows(self, connection: Connection, asked: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Every row of a select."""
        found: list[tuple[Any, ...]] = self._run(connection, asked or {}, fetch=True)
        convert = self._columns
        if not any(convert):
            return found
        return [
            tuple(value if to is None else to(value) for value, to in zip(row, convert, strict=True)) for row in found
        ]

    def first(self, connection: Connection, asked: Mapping[str, Any] | None = None) -> tuple[Any, ...] | None:
        """The first row of a select, if there is one."""
        return next(iter(self.rows(connection, asked)), None)

    def values(self, connection: Connection, asked: Mapping[str, Any] | None = None) -> list[Any]:
        """The first column of every row."""
        return [row[0] for row in self.rows(connection, asked)]

    def change(self, connection: Connection, asked: Mapping[str, Any]) -> int:
        """Writes; says how many rows were changed."""
        count: int = self._run(connection, asked, fetch=False)
        return count

    def plan(self, connection: Connection) -> list[str]:
        """How SQLite would find it (EXPLAIN QUERY PLAN): for tests that no table is walked through."""
        sql, parameters = self._made
        driver: Any = connection.connection.driver_connection
        return [step[3] for step in driver.execute(f"EXPLAIN QUERY PLAN {sql}", [None] * len(parameters))]

    def _run(self, connection: Connection, asked: Mapping[str, Any], *, fetch: bool) -> Any:
        sql, parameters = self._made
        driver: Any = connection.connection.driver_connection
        try:
            cursor = driver.execute(sql, [_given(asked, *parameter) for parameter in parameters])
            return cursor.fetchall() if fetch else cursor.rowcount
        except sqlite3.Error as error:
            raise DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True) from error

    @cached_property
    def _made(self) -> tuple[str, tuple[tuple[str | None, Any, Convert], ...]]:
        """The text, and for each place in it the name of what is asked for or else the value, and how it is written."""
        compiled: Any = self._statement.compile(
            dialect=_DIALECT, column_keys=self._keys, compile_kwargs={"render_postcompile": True}
        )
        binds = [compiled.binds[name] for name in compiled.positiontup or ()]
        return str(compiled), tuple(
            (bind.key if bind.required else None, bind.value, _writer(bind.type)) for bind in binds
        )

    @cached_property
    def _columns(self) -> tuple[Convert, ...]:
        assert isinstance(self._statement, Select)
        return tuple(_reader(column.type) for column in self._statement.selected_columns)


def _given(asked: Mapping[str, Any], name: str | None, value: Any, convert: Convert) -> Any:
    value = value if name is None else asked[name]
    if isinstance(value, Collection) and not isinstance(value, str | bytes):
        return json.dumps(list(value))
    return value if convert is None else convert(value)


def _writer(kind: TypeEngine[Any]) -> Convert:
    return kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)


def _reader(kind: TypeEngine[Any]) -> Convert:
    return kind.dialect_impl(_DIALECT).result_processor(_DIALECT, None)
