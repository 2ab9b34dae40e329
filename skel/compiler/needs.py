"""What must be there for a step to do anything: the reason why most objects need no decoding.

A need is a run of plain keys from the object's root. A step that lacks one of its needs can't match, or can't change
anything; a step without needs can never be ruled out this way.
"""

from __future__ import annotations

from skel.compiler.paths import Context, object_steps
from skel.compiler.walk import is_digit_key
from skel.language import ast

Need = tuple[str, ...]
DEPTH = 4
"""Deeper keys cost the probe more than they save."""


def selector_needs(term: ast.Term, context: Context) -> frozenset[Need]:
    """The keys without which the selector does not hold."""
    match term:
        case ast.Compare(operator="!=" | "==" | "<" | "<=" | ">" | ">=") | ast.Text() | ast.In():
            return path_needs(term.left, context) if isinstance(term.left, ast.Path) else frozenset()
        case ast.Exists() | ast.Known() | ast.Bind():
            return path_needs(term.path, context)
        case ast.And():
            return frozenset[Need]().union(*(selector_needs(part, context) for part in term.terms))
        case _:
            return frozenset()


def command_needs(command: ast.ObjectCommand, context: Context) -> frozenset[Need] | None:
    """The keys without which the command changes nothing and skips nothing; None if it never can."""
    if not isinstance(command, ast.Remove | ast.Rename | ast.Replace | ast.Rekey):
        return frozenset()
    if isinstance(command.path.root, ast.PodRoot) and not context.templates:
        return None
    return path_needs(command.path, context)


def path_needs(path: ast.Path, context: Context) -> frozenset[Need]:
    ways = object_steps(path, context) or ()
    return frozenset([need]) if len(ways) == 1 and (need := _leading_keys(ways[0])) else frozenset()


def _leading_keys(steps: tuple[ast.Step, ...]) -> Need:
    keys: list[str] = []
    for step in steps[:DEPTH]:
        if not isinstance(step, ast.Key) or is_digit_key(step):
            break
        keys.append(step.name)
    return tuple(keys)
