"""A file -> a scenario, with the places that messages point at."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from skel.faults.model import CONTROLLER_MANAGER, Expectation, Scenario, Setup, Step, Verdict
from skel.faults.scenario.codes import FORM, ILLEGAL, UNREADABLE
from skel.faults.scenario.decode import Decoder
from skel.language.diagnostic import Diagnostic, Severity, SkelError
from skel.language.text import Source, Span
from skel.packs.fields import Fields
from skel.packs.yaml_nodes import Entries, Node, Scalar, Unreadable, plain, read_node
from skel.patch.values import Json

KEYS = (
    *("name", "title", "seed", "target", "beside", "flags", "kubernetes", "gates", "links"),
    *("setup", "steps", "invariants", "expect"),
)
_SETUP = ("manifests", "trace", "events", "nodes")
_EXPECT = ("verdict", "kubernetes", "gates", "invariant")
LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Parsed:
    """`scenario` is None if it can't be used. `steps` are the places of `do:` and `when:` of each step."""

    source: Source
    scenario: Scenario | None
    diagnostics: tuple[Diagnostic, ...]
    steps: tuple[tuple[Span, Span | None], ...] = ()
    invariants: tuple[Span, ...] = ()

    @property
    def is_usable(self) -> bool:
        return self.scenario is not None and not any(it.severity is Severity.ERROR for it in self.diagnostics)


def open_scenario(file: Path, *, illegal: bool = False) -> Scenario:
    """The scenario of a file. Raises SkelError with all complaints, also of illegal faults unless they are allowed."""
    parsed = read_scenario(file)
    wrong = tuple(it for it in parsed.diagnostics if it.severity is Severity.ERROR)
    if parsed.scenario is not None and not wrong and not illegal:
        wrong = illegal_steps(parsed)
    if wrong or parsed.scenario is None:
        raise SkelError(wrong)
    return parsed.scenario


def illegal_steps(parsed: Parsed) -> tuple[Diagnostic, ...]:
    steps = parsed.scenario.steps if parsed.scenario else ()
    hint = "`--illegal` runs it, and marks the verdict"
    return tuple(
        ILLEGAL.at(place, f"`{step.do.word}` is nothing that a correct API server does", hint)
        for step, (place, _) in zip(steps, parsed.steps, strict=True)
        if not step.do.is_legal
    )


def read_scenario(file: Path) -> Parsed:
    """The same, with the complaints as values; traces are looked for beside the file."""
    try:
        data = file.read_bytes()
        if len(data) > LARGEST:
            return _unreadable(str(file), f"the file is larger than {LARGEST} bytes")
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        return _unreadable(str(file), f"this is not UTF-8 (at byte {error.start})")
    except OSError as error:
        return _unreadable(str(file), f"this can't be read: {(error.strerror or str(error)).lower()}")
    return parse(Source(str(file), text))


def parse(source: Source) -> Parsed:
    """A text as a scenario."""
    try:
        node = read_node(source)
    except Unreadable as error:
        return Parsed(source, None, (replace(error.diagnostic, code=UNREADABLE.code),))
    if not isinstance(node, Entries):
        start = Span(source, 0, 0)
        return Parsed(source, None, (FORM.at(start, "a scenario is a map that begins with `name:`"),))
    return _Reading(source, node).parsed()


def _unreadable(name: str, message: str) -> Parsed:
    source = Source(name, "")
    return Parsed(source, None, (UNREADABLE.at(Span(source, 0, 0), message),))


@dataclass(slots=True)
class _Reading:
    source: Source
    node: Entries
    found: list[Diagnostic] = field(default_factory=list)
    places: list[tuple[Span, Span | None]] = field(default_factory=list)

    def parsed(self) -> Parsed:
        fields = Fields(self.node, "a scenario", FORM, self.found)
        fields.only(KEYS)
        for key in ("name", "steps"):
            fields.need(key)
        scenario = self._scenario(fields)
        invariants = tuple(it.span for it in fields.texts("invariants"))
        usable = scenario if len(self.places) == len(scenario.steps) else None
        unique = tuple(dict.fromkeys(self.found))
        return Parsed(self.source, usable, unique, tuple(self.places), invariants)

    def _scenario(self, fields: Fields) -> Scenario:
        decoder = Decoder(self.found)
        return Scenario(
            name=fields.text("name"),
            title=fields.text("title"),
            seed=self._number(fields, "seed"),
            target=fields.text("target", CONTROLLER_MANAGER),
            beside=self._texts(fields, "beside"),
            flags=self._texts(fields, "flags"),
            kubernetes=self._texts(fields, "kubernetes"),
            gates=self._gates(fields),
            links=self._texts(fields, "links"),
            setup=self._setup(fields),
            steps=tuple(step for node in fields.items("steps") if (step := self._step(node, decoder))),
            oracles=self._texts(fields, "invariants"),
            expect=tuple(it for node in fields.items("expect") if (it := self._expectation(node))),
            file=self.source.name,
        )

    def _step(self, node: Node, decoder: Decoder) -> Step | None:
        fields = self._map(node, "a step", ("when", "do"))
        if fields is None:
            return None
        fields.need("do", "`do: {hold: pods}`")
        when, do = fields.node.get("when"), fields.node.get("do")
        trigger = decoder.trigger(when) if when is not None else None
        action = decoder.action(do) if do is not None else None
        if action is None or do is None or (when is not None and trigger is None):
            return None
        self.places.append((do.span, when.span if when else None))
        return Step(action, trigger, self.source.position(node.span.start)[0])

    def _setup(self, fields: Fields) -> Setup:
        node = fields.node.get("setup")
        inside = self._map(node, "the setup", _SETUP) if node is not None else None
        if inside is None:
            return Setup()
        return Setup(
            manifests=tuple(thing for it in inside.items("manifests") if (thing := self._manifest(it)) is not None),
            trace=self._beside(inside.text("trace")),
            events=self._number(inside, "events"),
            nodes=self._number(inside, "nodes"),
        )

    def _beside(self, trace: str) -> str:
        """A trace is named as seen from the file."""
        return str(Path(self.source.name).parent / trace) if trace and not trace.startswith("-") else trace

    def _manifest(self, node: Node) -> Json:
        fields = self._map(node, "a manifest", None)
        if fields is None:
            return None
        for key in ("apiVersion", "kind", "metadata"):
            fields.need(key)
        inner = fields.node.get("metadata")
        if isinstance(inner, Entries) and inner.get("name") is None:
            fields.complain(inner.span, "a manifest needs `metadata.name`")
        return self._plain(node)

    def _expectation(self, node: Node) -> Expectation | None:
        fields = self._map(node, "an expectation", _EXPECT)
        if fields is None:
            return None
        fields.need("verdict")
        word = fields.choice("verdict", tuple(Verdict))
        if not word:
            return None
        return Expectation(Verdict(word), fields.text("kubernetes"), self._gates(fields), fields.text("invariant"))

    def _map(self, node: Node, what: str, known: tuple[str, ...] | None) -> Fields | None:
        if not isinstance(node, Entries):
            self.found.append(FORM.at(node.span, f"{what} is a map"))
            return None
        fields = Fields(node, what, FORM, self.found)
        if known is not None:
            fields.only(known)
        return fields

    def _plain(self, node: Node) -> Json:
        try:
            return plain(node)
        except Unreadable as error:
            self.found.append(error.diagnostic)
            return None

    def _texts(self, fields: Fields, key: str) -> tuple[str, ...]:
        return tuple(it.text for it in fields.texts(key))

    def _number(self, fields: Fields, key: str) -> int:
        node = fields.node.get(key)
        if node is None:
            return 0
        if isinstance(node, Scalar) and isinstance(node.value, int) and node.value >= 0:
            return int(node.value)
        fields.complain(node.span, f"`{key}` must be a whole number")
        return 0

    def _gates(self, fields: Fields) -> dict[str, bool]:
        node = fields.node.get("gates")
        if node is None:
            return {}
        gates: dict[str, bool] = {}
        for key, value in node.entries if isinstance(node, Entries) else ():
            if isinstance(value, Scalar) and isinstance(value.value, bool):
                gates[key.text] = value.value
            else:
                fields.complain(value.span, f"the gate `{key.text}` is true or false")
        if not isinstance(node, Entries):
            fields.complain(node.span, "`gates` is a map: `{StaleControllerConsistencyReplicaSet: false}`")
        return gates
