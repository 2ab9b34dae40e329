"""SK118 lost-identity: objects lose the name by which a trace knows them, or get all the same one.

An object is known by apiVersion, kind, namespace and name: the index, the life of pods and the replay need all of them.
Two objects of one name become one.
"""

from __future__ import annotations

from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Severity
from skel.language.visit import value_paths
from skel.lint.claims import Claim, claim_of
from skel.lint.file import File
from skel.lint.logic import clauses
from skel.lint.places import keys_of
from skel.lint.rule import Bad, Found
from skel.lint.step import Step

CODE, NAME = Code("SK118", Severity.WARNING), "lost-identity"
OK = (
    'modify(metadata.name == "web", metadata.name = "shop");',
    'modify(metadata.name = concat("x-", metadata.name));',
    'modify(kind == "ReplicaSet", kind = "Deployment");',
    "remove(metadata.namespace);",
)
BAD = (
    Bad('modify(kind == "Pod", metadata.name = "web");', at="metadata.name"),
    Bad("remove(metadata.name);", at="metadata.name"),
    Bad("remove(kind);", at="kind"),
    Bad("remove(metadata);", at="metadata"),
    Bad('rename(metadata.name, "title");', at="metadata.name"),
    Bad("modify(metadata = {});", at="metadata"),
)

_HEADER = (("kind",), ("apiVersion",), ("metadata",), ("metadata", "name"))
_NAME = ("metadata", "name")


def check(file: File) -> Found:
    for step in file.own_steps():
        path = _lost(step)
        if path is not None:
            yield CODE.at(step.own(path.span), "the objects lose what they are known by", "the trace needs it")
        elif (path := _constant_name(step)) is not None:
            hint = "every selected object gets this name"
            yield CODE.at(step.own(path.span), "several objects get one name", hint)


def _lost(step: Step) -> ast.Path | None:
    match step.command:
        case ast.Remove(path=path) | ast.Rename(path=path) | ast.Transfer(source=path, keep=False):
            return path if keys_of(step.spread(path)) in _HEADER else None
        case ast.Modify(path=path, value=ast.MapValue(entries=entries), only_absent=False):
            has_name = any(key == "name" for key, _ in entries)
            return path if keys_of(step.spread(path)) == ("metadata",) and not has_name else None
        case _:
            return None


def _constant_name(step: Step) -> ast.Path | None:
    """The path, if the name is the same for all objects and the selector does not hold for one name alone."""
    match step.command:
        case ast.Modify(path=path, value=value, only_absent=False):
            is_name = keys_of(step.spread(path)) == _NAME
            return path if is_name and not any(value_paths(value)) and not _is_for_one(step) else None
        case _:
            return None


def _is_for_one(step: Step) -> bool:
    """Whether each alternative of the selector names the object."""
    return all(
        any(_names(claim_of(fact.term, holds=fact.holds)) for fact in clause) for clause in clauses(step.held) or ((),)
    )


def _names(claim: Claim | None) -> bool:
    subject = claim.subject if claim is not None and claim.relation == "==" else None
    return isinstance(subject, ast.Path) and keys_of(subject) == _NAME
