"""A compiled program: its plan, and for each group, version and kind the closures that can concern it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from skel.compiler.fold import fold
from skel.compiler.header import Header
from skel.compiler.needs import Need, command_needs, selector_needs
from skel.compiler.paths import Context
from skel.compiler.plan import ObjectPhase, Open, Plan, plan
from skel.compiler.predicate import new_context
from skel.compiler.probe import Chain, Probe, build_probe
from skel.compiler.script import Script, compile_script
from skel.compiler.step import CompiledStep, compile_step
from skel.compiler.words import Choice, command_choices, rarest, selector_choices
from skel.kube.gvk import gvk, split_gvk
from skel.kube.pod_template import pod_templates
from skel.language import ast
from skel.language.text import Source, Span


@dataclass(frozen=True, slots=True)
class Options:
    """How to compile. `targets`: component -> version. The switches are there to prove that they change only time."""

    targets: Mapping[str, str] = field(default_factory=dict)
    secret: bytes = b""
    kind_index: bool = True
    prefilter: bool = True
    scripts: bool = True


@dataclass(frozen=True, slots=True)
class Bucket:
    """The steps that can concern objects of one header, in order.

    An object may be passed through unread if there are no steps, if for each of the `gates` some key is missing, or if
    none of the `words` stands in its bytes. `certain` are the rules whose selector holds for it all the same.
    """

    steps: tuple[CompiledStep, ...]
    gates: tuple[tuple[Chain, ...], ...] | None
    words: frozenset[bytes] | None
    certain: tuple[int, ...]


BULK = frozenset(["spec", "data", "binaryData"])
"""Keys of objects under which most of their bytes are."""


@dataclass(frozen=True, slots=True)
class Shallow:
    """What of an object has to be decoded: the values at the keys, if a probe of it has none of the chains."""

    keys: tuple[str, ...]
    chains: tuple[Chain, ...]


class Program:
    """A program that knows no trace yet. Bind it to a trace to run it; use `skel.compile` to make one."""

    def __init__(self, plan: Plan, options: Options) -> None:
        self.plan = plan
        self.options = options

    @property
    def rules(self) -> tuple[ast.ResolvedRule, ...]:
        return self.plan.rules


def build(
    module: ast.ResolvedModule,
    *,
    targets: Mapping[str, str] | None = None,
    secret: bytes = b"",
    kind_index: bool = True,
    prefilter: bool = True,
    scripts: bool = True,
) -> Program:
    """Plan a resolved module and make it a program."""
    return Program(plan(module), Options(targets or {}, secret, kind_index, prefilter, scripts))


class BoundPhase:
    """The steps of one phase, compiled for each header when the first such object comes."""

    def __init__(self, phase: ObjectPhase, options: Options, tracked: Mapping[str, Any]) -> None:
        self.steps = phase.steps
        self.options = options
        self.tracked = tracked
        self._buckets: dict[tuple[Header, int], Bucket] = {}
        self._scripts: dict[tuple[Header, int], Script] = {}

    def bucket(self, header: Header, start: int = 0) -> Bucket:
        """The steps from number `start` on that can concern objects of that header."""
        key = (header, start)
        found = self._buckets.get(key)
        if found is None:
            found = self._buckets[key] = self._compile(header, start)
        return found

    def script(self, header: Header, start: int = 0) -> Script:
        """One function that does what these steps do, for those who need no operations."""
        key = (header, start)
        found = self._scripts.get(key)
        if found is None:
            steps = self.bucket(header, start).steps
            # Certain steps are counted by header, but for an object that comes from another one.
            found = compile_script(steps, header, self.context(header), counts_certain=start > 0)
            self._scripts[key] = found
        return found

    def shallow(self, script: Script) -> Shallow | None:
        """How to decode less than the whole object for a script; None if it may look at all of it."""
        if not self.options.prefilter:
            return None
        bulk = {keys for keys in script.looks if keys[0] in BULK}
        chains = {need[:2]: chain[:2] for need, chain in self.probe.chains.items() if len(need) > 1}
        if any(keys not in chains for keys in bulk):
            return None
        keys = {"apiVersion", "kind", *(keys[0] for keys in script.looks)} - BULK
        return Shallow(tuple(sorted(keys)), tuple(sorted({chains[keys] for keys in bulk})))

    @cached_property
    def probe(self) -> Probe:
        """The probe for every need of every step, in whatever kind."""
        needs: set[Need] = set()
        for templates in {self._templates(header) for header in self._sample_headers()}:
            context = self._context(templates)
            for step in self.steps:
                needs |= selector_needs(step.selector, context)
                if not isinstance(step.command, Open):
                    needs |= command_needs(step.command, context) or frozenset()
        return build_probe(frozenset(needs) if self.options.prefilter else frozenset())

    def _sample_headers(self) -> list[Header]:
        """One header for each way to a pod template."""
        known = [
            ("v1", "Pod"),
            ("apps/v1", "Deployment"),
            ("batch/v1", "CronJob"),
            ("v1", "PodTemplate"),
            ("v1", "Node"),
        ]
        return [*known, *map(split_gvk, self.tracked)]

    def _templates(self, header: Header) -> tuple[tuple[ast.Step, ...], ...]:
        api_version, kind = header
        if api_version is None or kind is None:
            return ()
        return tuple(tuple(map(_template_step, way)) for way in pod_templates(gvk(api_version, kind), self.tracked))

    def context(self, header: Header) -> Context:
        """What is known of objects of that header."""
        return self._context(self._templates(header))

    def _context(self, templates: tuple[tuple[ast.Step, ...], ...]) -> Context:
        return new_context(templates=templates, targets=self.options.targets, secret=self.options.secret)

    def _compile(self, header: Header, start: int) -> Bucket:
        context = self.context(header)
        known = _known(header) if self.options.kind_index else {}
        steps: list[CompiledStep] = []
        gates: list[tuple[Chain, ...]] = []
        choices: list[Choice | None] = []
        certain: list[int] = []
        closed: set[int] = set()
        opened: set[int] = set()
        for step in self.steps[start:]:
            selector = False if step.guard in closed else fold(step.selector, known, context)
            if selector is False:
                if isinstance(step.command, Open):
                    closed.add(step.command.block)
                continue
            if isinstance(step.command, Open):
                opened.add(step.command.block)
            needs = None if isinstance(step.command, Open) else command_needs(step.command, context)
            compiled = compile_step(step, selector, context)
            steps.append(compiled)
            if step.guard in opened:
                continue  # it runs only if the step that opens its block has matched
            if selector is not True:
                gates.append(self._gate(selector_needs(selector, context)))
                choices.append(rarest(selector_choices(selector)))
            elif compiled.is_certain:
                certain.append(step.rule)
                if needs is not None and not isinstance(step.command, Open):
                    gates.append(self._gate(needs))
                    choices.append(rarest(command_choices(step.command)))
            else:
                gates.append(())
                choices.append(None)
        shut = self.options.prefilter and all(gates)
        return Bucket(
            steps=tuple(steps),
            gates=tuple(dict.fromkeys(gates)) if shut else None,
            words=self._words(choices),
            certain=tuple(dict.fromkeys(certain)),
        )

    def _words(self, choices: list[Choice | None]) -> frozenset[bytes] | None:
        """One choice for each step that may do something, all together; None if some step can do without."""
        known = [choice for choice in choices if choice is not None]
        if not self.options.prefilter or not known or len(known) < len(choices):
            return None
        return frozenset[bytes]().union(*known)

    def _gate(self, needs: frozenset[Need]) -> tuple[Chain, ...]:
        chains = self.probe.chains
        return tuple(sorted({chains[need] for need in needs if need in chains}))


def _known(header: Header) -> dict[str, str]:
    api_version, kind = header
    return {} if api_version is None or kind is None else {"apiVersion": api_version, "kind": kind}


_NOWHERE = Span(Source("<pod template>", ""), 0, 0)


def _template_step(token: str | int) -> ast.Step:
    if token == "*":
        return ast.Each(_NOWHERE)
    return ast.Key(str(token), _NOWHERE, quoted=str(token).isdigit())
