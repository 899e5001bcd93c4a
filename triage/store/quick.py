"""Statements that every arrival asks, run on SQLite's driver itself: SQLAlchemy prepares one ten times as long as it runs."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Insert,
    Select,
    Table,
    Update,
    bindparam,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from triage.store.tables import Moment

Convert = Callable[[Any], Any] | None
_DIALECT: Final = sqlite.dialect()


def listed(name: str) -> Select[Any]:
    """For ``column.in_(...)``: any number of values under one parameter, so that the statement's text stays the same."""
    return select(func.json_each(bindparam(name, type_=_LISTED)).table_valued("value").c.value)


def one_of(column: ColumnElement[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """``column`` is one of these fixed values: an ``in_`` of values cannot be put together before it is asked."""
    return or_(false(), *(column == value for value in values))


class _Listed(TypeEngine[Any]):
    """A collection as one JSON text."""

    def bind_processor(self, dialect: Any) -> Callable[[Any], str]:
        return lambda values: json.dumps(list(values))


_LISTED: Final = _Listed()


def put_row(table: Table, key: Sequence[str], others: Sequence[str]) -> "Quick":
    """Adds a row, or replaces these other columns of the one that has its key."""
    added = sqlite.insert(table)
    statement = added.on_conflict_do_update(index_elements=key, set_={name: added.excluded[name] for name in others})
    return Quick(statement, [*key, *others])


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
        if convert is None:
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
        given = [
            (fixed if name is None else asked[name])
            if convert is None
            else convert(fixed if name is None else asked[name])
            for name, fixed, convert in parameters
        ]
        try:
            cursor = driver.execute(sql, given)
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
    def _columns(self) -> tuple[Convert, ...] | None:
        """How each column is read; None where all are as SQLite has them."""
        assert isinstance(self._statement, Select)
        readers = tuple(_reader(column.type) for column in self._statement.selected_columns)
        return readers if any(readers) else None


def _written(moment: datetime | None) -> str | None:
    """What `Moment` and SQLAlchemy's own type for SQLite make of a moment, in one step."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError(f"A moment needs a time zone: {moment!r}.")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def _writer(kind: TypeEngine[Any]) -> Convert:
    return _written if isinstance(kind, Moment) else kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)


def _reader(kind: TypeEngine[Any]) -> Convert:
    return _read if isinstance(kind, Moment) else kind.dialect_impl(_DIALECT).result_processor(_DIALECT, None)
