"""Domain values to JSON and back, checked by their own types; NUL and lone surrogates never reach a text column."""

from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def pack(value: Any) -> str:
    """JSON of a domain value. Raises nothing on odd text: the parser has already replaced what cannot be stored."""
    return _adapter(type(value)).dump_json(value).decode()


def unpack(kind: type[T], body: str) -> T:
    """The domain value of that type; raises pydantic's ValidationError on a body that this version did not write."""
    value: T = _adapter(kind).validate_json(body)
    return value
