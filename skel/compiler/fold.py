"""Selectors narrowed to one group, version and kind: what is known is decided now, what is not stays."""

from __future__ import annotations

from skel.compiler.footprint import HEADER, is_header_path
from skel.compiler.frame import Frame
from skel.compiler.paths import Context
from skel.compiler.predicate import compile_term, target_holds
from skel.language import ast
from skel.language.visit import term_paths


def fold(term: ast.Term, header: dict[str, str], context: Context) -> ast.Term | bool:
    """True or False if the selector is decided by the header, else what is left of it. An empty header decides
    nothing.
    """
    match term:
        case ast.Everything():
            return True
        case ast.TargetTest():
            return target_holds(term, context)
        case ast.Compare() | ast.Text() | ast.In() | ast.Exists():
            return _decided(term, header, context) if _is_decidable(term, header, context) else term
        case ast.Bind():
            return term if _may_reach(term.path, context) else False
        case ast.And():
            return _and(term, header, context)
        case ast.Or():
            return _or(term, header, context)
        case ast.Not():
            inner = fold(term.term, header, context)
            return not inner if isinstance(inner, bool) else ast.Not(inner, term.span)
        case _:
            return term


def _is_decidable(term: ast.Term, header: dict[str, str], context: Context) -> bool:
    paths = list(term_paths(term))
    return bool(paths) and all(
        (header and is_header_path(path, *HEADER)) or not _may_reach(path, context) for path in paths
    )


def _may_reach(path: ast.Path, context: Context) -> bool:
    """`podSpec` reaches nothing in a kind without pods."""
    return not isinstance(path.root, ast.PodRoot) or bool(context.templates)


def _decided(term: ast.Term, header: dict[str, str], context: Context) -> bool:
    frame = Frame(0)
    frame.holder[0] = header
    return compile_term(term, context)(frame)


def _and(term: ast.And, header: dict[str, str], context: Context) -> ast.Term | bool:
    parts = [fold(part, header, context) for part in term.terms]
    if False in parts:
        return False
    left = tuple(part for part in parts if not isinstance(part, bool))
    return ast.And(left, term.span) if len(left) > 1 else (left[0] if left else True)


def _or(term: ast.Or, header: dict[str, str], context: Context) -> ast.Term | bool:
    parts = [fold(part, header, context) for part in term.terms]
    if True in parts:
        return True
    left = tuple(part for part in parts if not isinstance(part, bool))
    return ast.Or(left, term.span) if len(left) > 1 else (left[0] if left else False)
