"""Which rules of which packs an upgrade needs, as one program in the order of their manifests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from skel.findings.severity import Safety
from skel.language.text import Source
from skel.packs.manifest import Kind, Pack, PackRule
from skel.program import Program, Scalar, compile_sources
from skel.upgrade.route import Route

REMOVAL = "removal"


class Stage(Enum):
    """Whether it breaks on the way, or is only said to break later."""

    DUE = "due"
    ANNOUNCED = "announced"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A rule that has something to say on this route."""

    pack: Pack
    rule: PackRule
    stage: Stage

    @property
    def name(self) -> str:
        return f"{self.pack.name}/{self.rule.id}"


def choose(packs: Iterable[Pack], routes: Mapping[str, Route]) -> tuple[Chosen, ...]:
    """The rules that are due, in order, and behind them those that are announced: they see what the due ones left."""
    chosen = [one for pack in packs for one in _of_pack(pack, routes)]
    return tuple(sorted(chosen, key=lambda one: one.stage is Stage.ANNOUNCED))


def _of_pack(pack: Pack, routes: Mapping[str, Route]) -> Iterator[Chosen]:
    if pack.kind is not Kind.UPGRADE:
        yield from (Chosen(pack, rule, Stage.DUE) for rule in pack.rules)
        return
    way = routes.get(pack.component)
    if way is None:
        return
    for rule in pack.rules:
        stage = stage_of(rule, way)
        if stage is not None:
            yield Chosen(pack, rule, stage)


def stage_of(rule: PackRule, way: Route) -> Stage | None:
    """Whether the rule is due or announced on that way, None if neither.

    An API that is not served is due however long it is gone; what only behaves differently has happened already if it
    lies before the source.
    """
    if rule.since and way.reaches(rule.since):
        return Stage.DUE if rule.category == REMOVAL or way.passes(rule.since) else None
    if rule.deprecated and way.reaches(rule.deprecated):
        return Stage.ANNOUNCED
    return None


def applicable(chosen: Iterable[Chosen], *, unsafe: bool, deprecated: bool) -> tuple[Chosen, ...]:
    """Those that `migrate` runs: safe and due, or more if it is asked for."""
    return tuple(
        one for one in chosen if (unsafe or one.rule.safety is Safety.SAFE) and (deprecated or one.stage is Stage.DUE)
    )


@dataclass(frozen=True, slots=True)
class Rules:
    """A compiled selection; `by_number` says which rule a number of the program is."""

    program: Program
    by_number: tuple[Chosen, ...]


def compile_rules(
    chosen: tuple[Chosen, ...],
    routes: Mapping[str, Route],
    *,
    parameters: Mapping[str, Scalar] | None = None,
    secret: bytes = b"",
) -> Rules:
    """One program of the chosen rules. Raises SkelError if a rule does not compile."""
    targets = {component: way.target for component, way in routes.items()}
    sources = [one.rule.source for one in chosen]
    program = compile_sources(sources, parameters=parameters, targets=targets, secret=secret)
    owners = {id(one.rule.source): one for one in chosen}
    return Rules(program, tuple(owners[_source(rule.span.source, owners)] for rule in program.rules))


def _source(source: Source, owners: Mapping[int, Chosen]) -> int:
    assert id(source) in owners  # imports bring definitions, never rules
    return id(source)
