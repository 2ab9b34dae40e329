"""Why an object is not valid, as API servers say it: a field, a word and a sentence (apimachinery, `field.Error`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from skel.patch.values import Json


class Key(str):
    """A step into a map: `labels[app]`, where a named field would be `labels.app`."""

    __slots__ = ()


Step = str | int
Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is wrong. `reason` is the word of the status causes, such as `FieldValueInvalid`."""

    steps: Steps
    reason: str
    message: str

    def under(self, steps: Steps) -> Cause:
        """The same cause, seen from further up."""
        return Cause(steps + self.steps, self.reason, self.message)

    @property
    def field(self) -> str:
        """`spec.containers[0].name`."""
        return path_text(self.steps)

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


Causes = Iterator[Cause]


def path_text(steps: Steps) -> str:
    """Steps as the server writes them: `spec.template.metadata.labels[app]`."""
    text = "".join(f"[{step}]" if isinstance(step, int | Key) else f".{step}" for step in steps)
    return text.removeprefix(".") or "<nil>"


def at(causes: Iterable[Cause], *steps: Step) -> Causes:
    """Causes of a child as its parent sees them."""
    return (cause.under(steps) for cause in causes)


def each(name: str, items: Iterable[Json], check: Callable[[Json], Iterable[Cause]]) -> Causes:
    """Check every item of a list that stands at `name`."""
    for number, item in enumerate(items):
        for cause in check(item):
            yield cause.under((name, number))


def required(*steps: Step, detail: str = "") -> Cause:
    return Cause(steps, "FieldValueRequired", _sentence("Required value", detail))


def invalid(*steps: Step, value: Json, detail: str) -> Cause:
    return Cause(steps, "FieldValueInvalid", _sentence(f"Invalid value: {_shown(value)}", detail))


def unsupported(*steps: Step, value: Json, known: Iterable[str]) -> Cause:
    words = ", ".join(f'"{word}"' for word in sorted(known))
    return Cause(steps, "FieldValueNotSupported", f"Unsupported value: {_shown(value)}: supported values: {words}")


def duplicate(*steps: Step, value: Json) -> Cause:
    return Cause(steps, "FieldValueDuplicate", f"Duplicate value: {_shown(value)}")


def forbidden(*steps: Step, detail: str) -> Cause:
    return Cause(steps, "FieldValueForbidden", _sentence("Forbidden", detail))


def not_found(*steps: Step, value: Json) -> Cause:
    return Cause(steps, "FieldValueNotFound", f"Not found: {_shown(value)}")


def too_long(*steps: Step, limit: int) -> Cause:
    return Cause(steps, "FieldValueTooLong", f"Too long: must have at most {limit} bytes")


def too_many(*steps: Step, count: int, limit: int) -> Cause:
    return Cause(steps, "FieldValueTooMany", f"Too many: {count}: must have at most {limit} items")


def _sentence(start: str, detail: str) -> str:
    return f"{start}: {detail}" if detail else start


def _shown(value: Json) -> str:
    """A value as JSON, cut short: a message must not carry whole specs."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 200 else f"{text[:200]}..."
