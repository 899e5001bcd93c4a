"""Domain values to JSON and back, checked by their own types; NUL and lone surrogates never reach a text column."""

from collections import OrderedDict
from threading import Lock
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")
REMEMBERED: Final = 32 * 2**20
"""Characters of JSON whose values are kept as read: some ten thousand contacts with what is known of them, about 150 MB."""


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def pack(value: Any) -> str:
    """JSON of a domain value. Raises nothing on odd text: the parser has already replaced what cannot be stored."""
    written: bytes = _adapter(type(value)).serializer.to_json(value)
    return written.decode()


def pack_known(value: Any) -> str:
    """Like ``pack``, for what ``unpack_known`` will be asked for soon: it need not be read again to be known."""
    body = pack(value)
    _known.keep(type(value), body, value)
    return body


def unpack(kind: type[T], body: str) -> T:
    """The domain value of that type; raises pydantic's ValidationError on a body that this version did not write."""
    value: T = _adapter(kind).validate_json(body)
    return value


def unpack_known(kind: type[T], body: str) -> T:
    """Like ``unpack``, for what is read again whenever its issue is looked at: the same body gives the same frozen value."""
    value: T = _known.read(kind, body)
    return value


class Known:
    """The values that were asked for last, as many as ``most`` characters of JSON make; for any number of threads."""

    def __init__(self, most: int) -> None:
        self._most, self._size, self._lock = most, 0, Lock()
        self._kept: OrderedDict[tuple[type[Any], str], Any] = OrderedDict()

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()
            self._size = 0

    def __len__(self) -> int:
        return len(self._kept)

    def read(self, kind: type[Any], body: str) -> Any:
        key = (kind, body)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        value = unpack(kind, body)
        self.keep(kind, body, value)
        return value

    def keep(self, kind: type[Any], body: str, value: Any) -> None:
        key = (kind, body)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = value
                self._size += len(body)
            while self._size > self._most:
                self._size -= len(self._kept.popitem(last=False)[0][1])


_known = Known(REMEMBERED)


def forget_known() -> None:
    """Lets go of every value that was read, because what it was read from may have been erased."""
    _known.forget()
