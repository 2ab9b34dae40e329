"""SK134 never-served: a selector asks for a kind or a version that no release of the run serves.

Without `--from` and `--to` these are all known releases. No recorded object can be of such a version, so the command
never runs: most often a letter is wrong, or the kind belongs to another group.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from skel.kube.release import Gvk, is_builtin_group, served, subresources
from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Diagnostic, Edit, Fix, Safety, Severity
from skel.language.nearest import distance
from skel.lint.file import File
from skel.lint.kinds import Selected, builtin_kinds, selected, versions_of
from skel.lint.nodes import below
from skel.lint.places import keys_of
from skel.lint.rule import Bad, Found
from skel.lint.schema import between
from skel.lint.step import Step

CODE, NAME = Code("SK134", Severity.WARNING), "never-served"
OK = (
    'delete(kind == "CronJob" && apiVersion == "batch/v1beta1");',
    'delete(kind == "Deployment" && apiVersion in ["extensions/v1beta1", "apps/v1"]);',
    'delete(kind == "Certificate" && apiVersion == "cert-manager.io/v1");',
    'delete(kind == "Certificate");',
    'delete(apiVersion == "apps/v1");',
)
BAD = (
    Bad('delete(kind == "CronJob" && apiVersion == "batch/v1beta3");', at='"batch/v1beta3"'),
    Bad('delete(kind == "CronJob" && apiVersion == "apps/v1");', at='"apps/v1"'),
    Bad('delete(kind == "deployment");', at='"deployment"', fixed='delete(kind == "Deployment");'),
    Bad('delete(kind == "Gadget" && apiVersion == "apps/v1");', at='"Gadget"'),
    Bad('delete(apiVersion in ["policy/v1", "policy/v3"]);', at='"policy/v3"'),
    Bad(
        'delete(kind == "CronJob" && apiVersion == "batch/v1beta1");',
        at='"batch/v1beta1"',
        source="1.25",
        target="1.30",
    ),
)


def check(file: File) -> Found:
    minors = between(file.setting)
    known = frozenset(gvk for minor in minors for gvk in (*served(minor), *subresources(minor)))
    span = minors[0] if len(minors) == 1 else f"{minors[0]} to {minors[-1]}"
    for step in file.own_steps():
        question = _Question(step, selected(step.held), known, span)
        for key, literal in _named(step):
            yield from question.kind(literal) if key == "kind" else question.version(literal)


def _named(step: Step) -> Iterator[tuple[str, ast.Literal]]:
    """The kinds and apiVersions that a selector asks for."""
    for node in below((step.around, step.selector)):
        match node:
            case ast.Compare(operator="==", left=ast.Path() as left, right=ast.Literal() as literal):
                literals: tuple[ast.Value, ...] = (literal,)
            case ast.In(left=ast.Path() as left, right=ast.ListValue(items=literals)):
                pass
            case _:
                continue
        keys = keys_of(left)
        if keys in {("kind",), ("apiVersion",)}:
            yield from (
                (keys[0], item) for item in literals if isinstance(item, ast.Literal) and isinstance(item.value, str)
            )


@dataclass(frozen=True, slots=True)
class _Question:
    """What one selector asks for, against what the releases of the run serve."""

    step: Step
    header: Selected
    known: frozenset[Gvk]
    releases: str

    def kind(self, literal: ast.Literal) -> Found:
        name = str(literal.value)
        if name in builtin_kinds():
            return
        versions = self.header.api_versions
        if versions and not any(map(is_builtin_group, versions)):
            return
        near = min((kind for kind in builtin_kinds() if _is_near(name, kind)), default=None)
        if near is not None:
            yield self.complaint(literal, f"Kubernetes has no kind `{name}`", f"did you mean `{near}`?", near)
        elif versions:
            yield self.complaint(literal, f"Kubernetes has no kind `{name}`", "no release has served it")

    def version(self, literal: ast.Literal) -> Found:
        version, kinds = str(literal.value), self.header.kinds
        if not is_builtin_group(version):
            return
        if kinds is None:
            if not any(gvk[0] == version for gvk in self.known):
                yield self.complaint(literal, f"{version} is not served in {self.releases}", "no object is of it")
        elif kinds <= builtin_kinds() and not any((version, kind) in self.known for kind in kinds):
            kind = min(kinds)
            served_in = ", ".join(sorted(gvk[0] for gvk in versions_of(kind) if gvk in self.known))
            hint = f"it is served in {served_in}" if served_in else "no object is of it"
            yield self.complaint(literal, f"{kind} is not served in {version} in {self.releases}", hint)

    def complaint(self, literal: ast.Literal, message: str, hint: str, instead: str = "") -> Diagnostic:
        span = self.step.own(literal.span)
        is_literal = span == literal.span and instead
        fix = Fix(f'write `"{instead}"`', (Edit(span, f'"{instead}"'),), Safety.UNSAFE) if is_literal else None
        return CODE.at(span, message, hint, fix=fix)


def _is_near(name: str, kind: str) -> bool:
    """Whether they differ by the case of letters, or one letter."""
    return name.lower() == kind.lower() or (len(name) > 3 and distance(name.lower(), kind.lower()) == 1)
