"""SK123 deployment-path: a path to pods that fits a few kinds alone.

`spec.template.spec` is where a Deployment has its pods, and a StatefulSet, a DaemonSet, a ReplicaSet, a Job. A Pod has
them in `spec`, a CronJob in `spec.jobTemplate.spec.template.spec`: those are left out. `podSpec` is the place of every
kind. A selector on the kinds that are meant says that nothing was forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Edit, Fix, Safety, Severity
from skel.language.text import Span
from skel.lint.file import File
from skel.lint.kinds import selected
from skel.lint.nodes import below
from skel.lint.rule import Bad, Found
from skel.lint.step import Step, is_inside

CODE, NAME = Code("SK123", Severity.WARNING), "deployment-path"
OK = (
    "remove(podSpec.nodeSelector);",
    'remove(kind == "Deployment", spec.template.spec.nodeSelector);',
    'remove(kind in ["Deployment", "StatefulSet"], spec.template.spec.nodeSelector);',
    "remove(spec.replicas);",
    "modify(spec.selector.matchLabels.app != spec.template.metadata.labels.app, spec.paused = true);",
)
BAD = (
    Bad("remove(spec.template.spec.nodeSelector);", at="spec.template.spec", fixed="remove(podSpec.nodeSelector);"),
    Bad(
        'modify(exists(spec.template.spec) && metadata.labels.a == "b", spec.template.metadata.labels.c = "d");',
        at="spec.template.spec",
        fixed='modify(exists(podSpec) && metadata.labels.a == "b", podTemplate.metadata.labels.c = "d");',
    ),
    Bad(
        'remove(kind in ["CronJob", "Deployment"], spec.template.spec.volumes);',
        at="spec.template.spec",
        fixed='remove(kind in ["CronJob", "Deployment"], podSpec.volumes);',
    ),
    Bad("remove(spec.containers[*].livenessProbe);", at="spec", fixed="remove(podSpec.containers[*].livenessProbe);"),
)

_PLACES: MappingProxyType[tuple[str, ...], str] = MappingProxyType(
    {("spec", "template", "spec"): "podSpec", ("spec", "template", "metadata"): "podTemplate.metadata"}
)
_ELSEWHERE = frozenset({"Pod", "CronJob", "PodTemplate"})
_OF_PODS = frozenset({"containers", "initContainers"})
"""What only a pod spec has, so that `spec.containers` is that of a Pod."""


def check(file: File) -> Found:
    if file.setting.strict_reference:
        return  # the reference knows no podSpec
    for step in file.own_steps():
        # Which objects a definition is for is known where it is used.
        found = tuple(_found(step)) if not step.is_draft else ()
        if found and _is_for_others(step):
            edits = tuple(Edit(span, word) for span, word in found)
            words = " and ".join(dict.fromkeys(f"`{word}`" for _, word in found))
            fix = Fix(f"write {words}", edits, Safety.UNSAFE)
            kinds = "Pods" if found[0][0].text.strip() == "spec" else "Deployments and kinds like it"
            message = f"this is where {kinds} have it, and other workloads elsewhere"
            yield CODE.at(found[0][0], message, f"{words} is the place of every kind", fix=fix)


def _found(step: Step) -> Iterator[tuple[Span, str]]:
    """The beginnings of paths that could be `podSpec` or `podTemplate`, with that word."""
    seen: set[Span] = set()
    for path in _paths(step):
        word, length = _word(path)
        if word and path.span not in seen and is_inside(path.span, step.home.span):
            seen.add(path.span)
            yield Span(path.span.source, path.span.start, path.steps[length - 1].span.end), word


def _paths(step: Step) -> Iterator[ast.Path]:
    """The paths from the object that a command and the blocks around it name."""
    for node in below((step.around, step.command)):
        if isinstance(node, ast.Path) and isinstance(node.root, ast.ObjectRoot):
            yield node


def _word(path: ast.Path) -> tuple[str, int]:
    names = tuple(step.name for step in path.steps[:3] if isinstance(step, ast.Key))
    if names in _PLACES:
        return _PLACES[names], 3
    if len(names) > 1 and names[0] == "spec" and names[1] in _OF_PODS:
        return "podSpec", 1
    return "", 0


def _is_for_others(step: Step) -> bool:
    """Whether the selector lets kinds in that have their pods elsewhere."""
    header = selected(step.held)
    if header.kinds is None:
        return header.api_versions is None and not any(_is_of_a_kind(path) for path in _paths(step))
    return len(header.kinds) > 1 and bool(header.kinds & _ELSEWHERE)


def _is_of_a_kind(path: ast.Path) -> bool:
    """Whether it is another field of `spec`, which says as much as a kind would."""
    names = tuple(step.name for step in path.steps[:2] if isinstance(step, ast.Key))
    return len(names) > 1 and names[0] == "spec" and not _word(path)[0]
