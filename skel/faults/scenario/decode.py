"""A node of YAML -> an action or a trigger, with a complaint for whatever does not fit."""

from __future__ import annotations

from typing import Any

from skel.faults.actions import Action, Apply
from skel.faults.model import Trigger
from skel.faults.scenario.codes import CLOCK_TRIGGER, FORM
from skel.faults.scenario.form import ACTION_OF, TRIGGER_OF, Slot, is_enum, slots
from skel.kube.duration import parse_duration
from skel.language.diagnostic import Diagnostic
from skel.language.nearest import nearest
from skel.language.text import Span
from skel.packs.yaml_nodes import Entries, Node, Scalar, Unreadable, plain

Form = type[Action] | type[Trigger]
_TIME_WORDS = frozenset({"after", "at", "time", "sleep", "wait", "seconds", "delay", "every", "timeout", "in", "date"})
_COUNTS = frozenset({"nth", "times", "frames", "ordinal"})


class Decoder:
    """Reads one file; what is wrong goes into `found`."""

    def __init__(self, found: list[Diagnostic]) -> None:
        self.found = found

    def action(self, node: Node) -> Action | None:
        """What stands behind `do:`."""
        picked = self._pick(node, "an action", tuple(ACTION_OF))
        if picked is None:
            return None
        word, value = picked
        if word.text in {"sleep", "wait"}:
            self._no_clock(word.span, "there is no action that waits for time to pass")
            return None
        if word.text not in ACTION_OF:
            self._unknown(word.span, word.text, "action", tuple(ACTION_OF))
            return None
        made: Action | None = self._form(ACTION_OF[word.text], value, word.span)
        if isinstance(made, Apply) and not _is_manifest(made.manifest):
            self._complain((value or word).span, "a manifest needs apiVersion, kind and metadata.name")
            return None
        return made

    def trigger(self, node: Node) -> Trigger | None:
        """What stands behind `when:`. `{watch: pods, nth: 2}` is `{watch: {resource: pods, nth: 2}}`."""
        if not isinstance(node, Entries):
            self._complain(node.span, "a trigger is a map: `{watch: pods}` or `{writes: {verb: POST, resource: pods}}`")
            return None
        for key, _ in node.entries:
            if key.text in _TIME_WORDS:
                self._no_clock(key.span, "a step waits for what happens, never for time")
                return None
        heads = [(key, value) for key, value in node.entries if key.text in TRIGGER_OF]
        if len(heads) != 1:
            word = node.entries[0][0] if node.entries else None
            place, text = (word.span, word.text) if word else (node.span, "")
            if heads:
                self._complain(place, "a step has one trigger")
            else:
                self._unknown(place, text, "trigger", tuple(TRIGGER_OF))
            return None
        (word, value), rest = heads[0], tuple(it for it in node.entries if it[0].text not in TRIGGER_OF)
        if rest and isinstance(value, Entries):
            self._complain(rest[0][0].span, f"`{rest[0][0].text}` belongs into the map of `{word.text}`")
            return None
        if rest:
            key = Scalar(slots(TRIGGER_OF[word.text])[0].key, None, word.span)
            value = Entries(((key, value), *rest), node.span)
        made: Trigger | None = self._form(TRIGGER_OF[word.text], value, word.span)
        return made

    def _pick(self, node: Node, what: str, known: tuple[str, ...]) -> tuple[Scalar, Node | None] | None:
        """The one word of a map with its value, or a word alone."""
        match node:
            case Scalar():
                return node, None
            case Entries(entries=((key, value),)):
                return key, value
            case _:
                self._complain(node.span, f"{what} is one word with what it needs: `{known[0]}: pods`")
                return None

    def _form(self, form: Form, node: Node | None, word: Span) -> Any:
        known = slots(form)
        values = self._values(form, known, node, word)
        if values is None:
            return None
        missing = [slot.key for slot in known if slot.is_required and slot.name not in values]
        if missing:
            self._complain(word, f"`{form.word}` needs `{'` and `'.join(missing)}`", _example(form, known))
            return None
        return form(**values)

    def _values(self, form: Form, known: tuple[Slot, ...], node: Node | None, word: Span) -> dict[str, Any] | None:
        match node:
            case None | Scalar(value=None):
                return {}
            case Entries() if known and known[0].type is object and node.get(known[0].key) is None:
                return self._whole(known, node)
            case Entries():
                return self._entries(form, known, node)
            case _ if known:
                return self._read(known[0], node)
            case _:
                self._complain(word, f"`{form.word}` takes nothing")
                return None

    def _whole(self, known: tuple[Slot, ...], node: Entries) -> dict[str, Any] | None:
        """`apply: {apiVersion: ...}`: the object itself."""
        return self._read(known[0], node)

    def _entries(self, form: Form, known: tuple[Slot, ...], node: Entries) -> dict[str, Any] | None:
        by_key = {slot.key: slot for slot in known}
        values: dict[str, Any] = {}
        is_right = True
        for key, value in node.entries:
            if key.text not in by_key:
                self._unknown(key.span, key.text, f"field of `{form.word}`", tuple(by_key))
                is_right = False
                continue
            read = self._read(by_key[key.text], value)
            is_right = is_right and read is not None
            values.update(read or {})
        return values if is_right else None

    def _read(self, slot: Slot, node: Node) -> dict[str, Any] | None:
        """The value of one field, None if it does not fit."""
        if slot.type is object:
            try:
                return {slot.name: plain(node)}
            except Unreadable as error:
                self.found.append(error.diagnostic)
                return None
        if not isinstance(node, Scalar):
            self._complain(node.span, f"`{slot.key}` must be {_kind(slot)}")
            return None
        value = _scalar(slot, node)
        if value is None:
            self._complain(node.span, f"`{slot.key}` must be {_kind(slot)}")
            return None
        return {slot.name: value}

    def _complain(self, span: Span, message: str, hint: str = "") -> None:
        self.found.append(FORM.at(span, message, hint))

    def _no_clock(self, span: Span, message: str) -> None:
        self.found.append(CLOCK_TRIGGER.at(span, message, "`do: {advance: 5s}` moves the component's clock"))

    def _unknown(self, span: Span, text: str, what: str, known: tuple[str, ...]) -> None:
        near = nearest(text, known)
        hint = f"did you mean `{near}`?" if near else f"known are {', '.join(known)}"
        self._complain(span, f"there is no {what} `{text}`", hint)


def _scalar(slot: Slot, node: Scalar) -> Any:
    """The value in the type of the field, None if it is none."""
    if slot.is_duration:
        return _positive(parse_duration(node.text))
    if is_enum(slot.type):
        words = {word.value.lower(): word for word in slot.type}
        return words.get(node.text.lower())
    if slot.type is str:
        return node.text if node.text.strip() else None
    if slot.type is bool or isinstance(node.value, bool):
        return node.value if isinstance(node.value, bool) and slot.type is bool else None
    if slot.type is int:
        fits = isinstance(node.value, int) and node.value >= 0
        return node.value if fits and not (slot.name in _COUNTS and slot.default and node.value == 0) else None
    return _positive(float(node.value)) if isinstance(node.value, int | float) else None


def _positive(value: float | None) -> float | None:
    return value if value is not None and value > 0 else None


def _kind(slot: Slot) -> str:
    if slot.is_duration:
        return "a duration such as `301s`, `5m` or `24h`"
    if is_enum(slot.type):
        return f"one of {', '.join(word.value for word in slot.type)}"
    least = " from 1" if slot.name in _COUNTS and slot.default else ""
    return {str: "a text", int: f"a whole number{least}", float: "a number above 0", bool: "true or false"}[slot.type]


def _is_manifest(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    said = value.get("metadata")
    return all(isinstance(value.get(key), str) for key in ("apiVersion", "kind")) and (
        isinstance(said, dict) and isinstance(said.get("name"), str)
    )


def _example(form: Form, known: tuple[Slot, ...]) -> str:
    inside = ", ".join(f"{slot.key}: ..." for slot in known if slot.is_required)
    return f"`{form.word}: {{{inside}}}`"
