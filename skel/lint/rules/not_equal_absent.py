"""SK122 not-equal-absent: `!=` does not hold where the field is absent.

`metadata.labels.tier != "gold"` leaves out the objects without that label. `!==` takes them in. Where only existing
fields are meant, `exists` beside it says so to the next reader.
"""

from __future__ import annotations

from collections.abc import Iterator

from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Diagnostic, Edit, Fix, Safety, Severity
from skel.language.text import Span
from skel.language.visit import value_paths
from skel.lint.canonical import Canonical, is_one_place
from skel.lint.claims import claim_of, constant
from skel.lint.file import File
from skel.lint.logic import canonical, conjuncts
from skel.lint.nodes import below
from skel.lint.rule import Bad, Found
from skel.lint.schema import Schemas, is_always_there
from skel.lint.step import Step

CODE, NAME = Code("SK122", Severity.INFO), "not-equal-absent"
OK = (
    'delete(kind != "Pod" && metadata.name != "a");',
    'delete(exists(metadata.labels.tier) && metadata.labels.tier != "gold");',
    'delete(metadata.labels.tier !== "gold");',
    "delete(spec.paused != null);",
    'delete(spec.containers[*].image != "a");',
    'delete($c := podSpec.containers[*] | $c.name != "a");',
    'delete(kind == "Deployment" && apiVersion == "apps/v1" && spec.template.spec.containers[0].name != "a");',
)
BAD = (
    Bad(
        'delete(metadata.labels.tier != "gold");',
        at='metadata.labels.tier != "gold"',
        fixed='delete(metadata.labels.tier !== "gold");',
    ),
    Bad(
        'deny($c := podSpec.containers[*] | image($c.image).tag != "v1", "tag");',
        at='image($c.image).tag != "v1"',
        fixed='deny($c := podSpec.containers[*] | image($c.image).tag !== "v1", "tag");',
    ),
)


def check(file: File) -> Found:
    for step in file.own_steps():
        schemas = Schemas(step, file.setting)
        raw = {node.span: node for node in below((step.around, step.command)) if isinstance(node, ast.Compare)}
        for term, beside in _differences(step):
            written = raw.get(term.span)
            if written is None or _is_guarded(term, beside):
                continue
            # An item itself is there, or it would not be looked at.
            paths = [schemas.full(path) for path in value_paths(written.left) if path.steps]
            if not all(is_always_there(schemas, path) for path in paths):
                yield _complaint(step, written)


def _complaint(step: Step, term: ast.Compare) -> Diagnostic:
    between = Span(term.span.source, term.left.span.end, term.right.span.start)
    sign = term.span.source.text.find("!=", between.start, between.end)
    edits = (Edit(Span(term.span.source, sign, sign + 2), "!=="),) if sign >= 0 else ()
    fix = Fix("write `!==`", edits, Safety.UNSAFE) if edits else None
    message = f"this does not hold where `{term.left.span.text}` is absent"
    return CODE.at(step.own(term.span), message, "`!==` also holds there", fix=fix)


Beside = tuple[ast.Term, ...]


def _differences(step: Step) -> Iterator[tuple[ast.Compare, Beside]]:
    """Each `!=` on one place, in canonical form, with the conditions that hold beside it."""
    yield from _in_term(step.held, ())
    if isinstance(step.command, ast.Require):
        condition = canonical(*step.around, step.selector, step.command.condition)
        yield from _in_term(condition, ())
    for node in below(step.command):
        if isinstance(node, ast.Filter):
            yield from _in_term(Canonical().term(node.test), ())


def _in_term(term: ast.Term, around: Beside) -> Iterator[tuple[ast.Compare, Beside]]:
    beside = (*around, *conjuncts(term))
    for part in conjuncts(term):
        match part:
            case ast.Compare(operator="!=") if _is_plain(part.left) and not _is_empty(part.right):
                yield part, beside
            case ast.Or(terms=ways):
                for way in ways:
                    yield from _in_term(way, beside)
            case ast.Bind(test=test) if test is not None:
                yield from _in_term(test, beside)
            case _:
                pass


def _is_empty(value: ast.Value) -> bool:
    """`!= null` and `!= ""` ask for something that is there and is more than that."""
    return constant(value) in (None, "", [], {}) and constant(value) is not False


def _is_plain(value: ast.Value) -> bool:
    """Whether it looks at one place in an object."""
    paths = tuple(value_paths(value))
    return len(paths) == 1 and is_one_place(_from_object(paths[0]))


def _from_object(path: ast.Path) -> ast.Path:
    """An object has one pod spec, but for custom resources."""
    return ast.Path(ast.ObjectRoot(), path.steps, path.span) if isinstance(path.root, ast.PodRoot) else path


def _is_guarded(term: ast.Compare, beside: Beside) -> bool:
    """Whether another condition asks for the field, or for something in it."""
    (path,) = value_paths(term.left)
    claims = (claim_of(fact, holds=True) for fact in beside if fact is not term)
    needs = (need for claim in claims if claim is not None and claim.relation != "!=" for need in claim.needs)
    return any(need.root == path.root and need.steps[: len(path.steps)] == path.steps for need in needs)
