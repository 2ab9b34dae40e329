"""JSON: several documents one behind the other as kubectl takes them, and the places of their fields."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from skel.manifests.complaint import UnreadableError
from skel.manifests.scalars import json_number
from skel.patch.pointer import Pointer
from skel.patch.values import Json

_SPACE = re.compile(r"[ \t\r\n]*")


def looks_like_json(text: str) -> bool:
    return text[:1] == "{" or text.lstrip()[:1] == "{"


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """A value and where it stands; `is_twice` if a key stands twice in one of its objects."""

    start: int
    end: int
    value: Json
    is_twice: bool


def is_list(value: Json) -> bool:
    """Whether there may be objects in its `items`."""
    return isinstance(value, dict) and isinstance(value.get("items"), list)


def documents(text: str) -> Iterator[JsonDocument]:
    """The documents one by one. Raises UnreadableError at the first one that can't be read."""
    here = _skip(text, 0)
    while here < len(text):
        noting = _Noting()
        value, end = _read(text, here, noting.decoder)
        yield JsonDocument(here, end, value, noting.twice)
        here = _skip(text, end)


def find(text: str, start: int, pointer: Pointer) -> int:
    """Where the field stands: its key, or the item of an array. What is missing stands where its parent does."""
    found = here = start
    for token in pointer:
        child = _child(text, here, token)
        if child is None:
            break
        found = child
        here = _value_of(text, found) if text[here] == "{" else found
    return found


def _child(text: str, start: int, token: str | int) -> int | None:
    if text[start] == "{":
        return dict(_members(text, start)).get(str(token))
    if text[start] == "[" and isinstance(token, int):
        return dict(enumerate(_items(text, start))).get(token)
    return None


def item_starts(text: str, start: int) -> list[int]:
    """Where the items of `items` begin."""
    key = dict(_members(text, start)).get("items")
    if key is None or text[_value_of(text, key)] != "[":
        return []
    return list(_items(text, _value_of(text, key)))


class _Noting:
    """A decoder that notes whether a key stood twice; the last one counts."""

    def __init__(self) -> None:
        self.twice = False
        self.decoder = json.JSONDecoder(
            object_pairs_hook=self._object, parse_int=_integer, parse_float=_float, parse_constant=_refuse
        )

    def _object(self, pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        result = dict(pairs)
        if len(result) != len(pairs):
            self.twice = True
        return result


def _read(text: str, start: int, decoder: json.JSONDecoder) -> tuple[Json, int]:
    try:
        return decoder.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise UnreadableError(error.pos, f"this is not JSON: {error.msg[:1].lower()}{error.msg[1:]}") from None
    except RecursionError:
        raise UnreadableError(start, "nested too deeply") from None
    except ValueError as error:
        raise UnreadableError(start, str(error)) from None


def _integer(digits: str) -> float:
    return json_number(int(digits)) if len(digits) < 20 else _float(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if value in {float("inf"), float("-inf")}:
        raise ValueError(f"`{digits[:20]}` is beyond what a number can hold")
    return json_number(value)


def _refuse(word: str) -> Json:
    raise ValueError(f"`{word}` is no number that JSON has")


_plain = json.JSONDecoder()
_skip_text: Callable[[str, int], tuple[str, int]] = _plain.parse_string  # type: ignore[attr-defined]


def _members(text: str, start: int) -> Iterator[tuple[str, int]]:
    """Key and its place for each entry of the object that begins here."""
    here = _skip(text, start + 1)
    while text[here] != "}":
        name, after = _skip_text(text, here + 1)
        yield name, here
        _, end = _plain.raw_decode(text, _skip(text, _skip(text, after) + 1))
        here = _behind_comma(text, end)


def _items(text: str, start: int) -> Iterator[int]:
    here = _skip(text, start + 1)
    while text[here] != "]":
        yield here
        _, end = _plain.raw_decode(text, here)
        here = _behind_comma(text, end)


def _behind_comma(text: str, here: int) -> int:
    here = _skip(text, here)
    return _skip(text, here + 1) if text[here] == "," else here


def _value_of(text: str, key: int) -> int:
    _, after = _skip_text(text, key + 1)
    return _skip(text, _skip(text, after) + 1)


def _skip(text: str, here: int) -> int:
    found = _SPACE.match(text, here)
    assert found
    return found.end()
