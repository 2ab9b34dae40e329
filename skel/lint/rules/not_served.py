"""SK133 not-served: an object is moved to a version that the target does not serve.

The target is the release in which the rule begins to hold (`since`), what `--to` says, or the newest known one. The
object would be refused there; the rewrite must go to what that release serves.
"""

from __future__ import annotations

from skel.kube.release import UnknownRelease, is_builtin_group, lookup, minors, parse_release, served, successor
from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Diagnostic, Edit, Fix, Safety, Severity
from skel.lint.file import File
from skel.lint.kinds import selected
from skel.lint.nodes import below
from skel.lint.places import keys_of
from skel.lint.rule import Bad, Found
from skel.lint.step import Step

CODE, NAME = Code("SK133", Severity.WARNING), "not-served"
OK = (
    'modify(kind == "CronJob" && apiVersion == "batch/v1beta1", apiVersion = "batch/v1");',
    'modify(kind == "Certificate", apiVersion = "cert-manager.io/v1");',
)
BAD = (
    Bad(
        'modify(kind == "CronJob" && apiVersion == "batch/v2alpha1", apiVersion = "batch/v1beta1");',
        at='"batch/v1beta1"',
        fixed='modify(kind == "CronJob" && apiVersion == "batch/v2alpha1", apiVersion = "batch/v1");',
        target="1.25",
    ),
    Bad('modify(apiVersion = "policy/v1beta1");', at='"policy/v1beta1"', target="1.36"),
    Bad(
        'rule "a" { since "1.16"; modify(kind == "CronJob", apiVersion = "batch/v1"); }',
        at='"batch/v1"',
    ),
)


def check(file: File) -> Found:
    for step in file.own_steps():
        match step.command:
            case ast.Modify(path=path, value=ast.Literal(value=str(api_version)) as literal, only_absent=False):
                is_header = keys_of(step.spread(path)) == ("apiVersion",)
                if is_header and is_builtin_group(api_version) and not _asks_target(step):
                    yield from _complaints(step, literal, api_version, file)
            case _:
                pass


def _complaints(step: Step, literal: ast.Literal, api_version: str, file: File) -> Found:
    target = _target(step, file)
    kinds = selected(step.held).kinds
    if kinds is None:
        if not any(gvk[0] == api_version for gvk in served(target)):
            yield _complaint(step, literal, f"{target} does not serve {api_version}", "")
        return
    for kind in sorted(kinds):
        if lookup(api_version, kind, target) is None:
            heir = successor(api_version, kind, target)
            yield _complaint(step, literal, f"{target} serves no {kind} in {api_version}", heir[0] if heir else "")


def _complaint(step: Step, literal: ast.Literal, message: str, heir: str) -> Diagnostic:
    span = step.own(literal.span)
    fix = Fix(f'write `"{heir}"`', (Edit(span, f'"{heir}"'),), Safety.UNSAFE) if heir and span == literal.span else None
    return CODE.at(span, message, f"it serves {heir}" if heir else "", fix=fix)


def _target(step: Step, file: File) -> str:
    """The minor that must serve what the rule makes."""
    since = next((item.value for item in step.home.metadata if item.key == "since"), "")
    if since and not file.setting.is_target_given:
        try:
            return parse_release(since)
        except UnknownRelease:
            pass
    return file.setting.target or minors()[-1]


def _asks_target(step: Step) -> bool:
    return any(isinstance(node, ast.TargetTest) for node in below((step.around, step.selector)))
