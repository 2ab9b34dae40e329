"""The form of actions and triggers in a file, read off their classes: the parser, the writer and the schema use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from skel.faults.actions import ACTIONS, DURATION, Action
from skel.faults.model import TRIGGERS, Trigger


@dataclass(frozen=True, slots=True)
class Slot:
    """One field: its key in the file, its type (str, int, float, bool, an enum, or object for JSON), its sentence."""

    key: str
    name: str
    type: Any
    about: str
    is_duration: bool
    is_required: bool
    default: Any


def slots(form: Any) -> tuple[Slot, ...]:
    """The fields of a class of action or trigger."""
    return _SLOTS[form.word]


def _read(form: Any) -> tuple[Slot, ...]:
    hints = get_type_hints(form, include_extras=True)
    return tuple(_slot(it, hints[it.name]) for it in fields(form))


def _slot(it: Any, hint: Any) -> Slot:
    kind, *said = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    about = " ".join(word for word in said if word != DURATION)
    return Slot(
        camel(it.name),
        it.name,
        object if kind is Any else kind,
        about,
        DURATION in said,
        it.default is MISSING,
        None if it.default is MISSING else it.default,
    )


def camel(name: str) -> str:
    """`retry_after` is `retryAfter` in files."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


ACTION_OF: Mapping[str, type[Action]] = {form.word: form for form in ACTIONS}
TRIGGER_OF: Mapping[str, type[Trigger]] = {form.word: form for form in TRIGGERS}
_SLOTS: Mapping[str, tuple[Slot, ...]] = {form.word: _read(form) for form in (*ACTIONS, *TRIGGERS)}


def is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, StrEnum)
