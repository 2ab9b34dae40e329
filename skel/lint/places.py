"""Where paths lead, as far as it can be told without an object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from skel.language import ast
from skel.language.text import Span
from skel.language.visit import command_paths, path_paths, term_paths

Bound = Mapping[int, ast.Path]
"""The path of each variable, by slot."""

_TEMPLATES = ((), ("template",), ("spec", "template"), ("spec", "jobTemplate", "spec", "template"))


def bound_paths(term: ast.Term) -> dict[int, ast.Path]:
    """The path of each variable that a selector binds, by slot."""
    match term:
        case ast.Bind():
            return {term.variable.slot: term.path}
        case ast.And():
            return {slot: path for part in term.terms for slot, path in bound_paths(part).items()}
        case _:
            return {}


def spread(path: ast.Path, bound: Bound) -> ast.Path:
    """The path from the object on: a variable stands for the path that it is bound to, whatever its test says."""
    while isinstance(path.root, ast.VariableRoot) and path.root.slot in bound:
        base = bound[path.root.slot]
        path = ast.Path(base.root, base.steps + path.steps, path.span)
    return path


def keys_of(path: ast.Path) -> tuple[str, ...] | None:
    """The keys of a path from the object that has nothing but keys; else None."""
    if not isinstance(path.root, ast.ObjectRoot) or not all(isinstance(step, ast.Key) for step in path.steps):
        return None
    return tuple(step.name for step in path.steps if isinstance(step, ast.Key))


# ---- what a command looks at and writes ------------------------------------------------------------------------------


def written(command: ast.Command) -> tuple[ast.Path, ...]:
    """The places that a command changes; the object itself where it leaves, or where anything may change."""
    match command:
        case ast.Remove() | ast.Modify() | ast.Append() | ast.Merge() | ast.Replace() | ast.Rekey():
            return (command.path,)
        case ast.Rename():
            # The new name stands beside the old one.
            return (ast.Path(command.path.root, command.path.steps[:-1], command.path.span),)
        case ast.Transfer():
            return (command.target,) if command.keep else (command.target, command.source)
        case ast.When():
            return tuple(path for inner in command.commands for path in written(inner))
        case ast.Delete() | ast.Require() | ast.Deny() | ast.Drop():
            return ()
        case _:
            return (ast.Path(ast.ObjectRoot(), (), command.span),)


def mentioned(command: ast.Command) -> Iterator[ast.Path]:
    """Every path that is written down in a command, those in filters as well."""
    if not isinstance(command, ast.Insert | ast.Shift | ast.Scale | ast.Use):
        yield from term_paths(command.selector)
    match command:
        case ast.Remove() | ast.Modify() | ast.Append() | ast.Merge() | ast.Replace() | ast.Rekey() | ast.Rename():
            yield from path_paths(command.path)
        case ast.Transfer():
            yield from path_paths(command.target)
    if isinstance(command, ast.Transfer):
        yield from path_paths(command.source)
    else:
        yield from command_paths(command)


# ---- how places lie to each other ------------------------------------------------------------------------------------


def touch(one: ast.Path, other: ast.Path) -> bool:
    """Whether a place of one may be, hold or lie in a place of the other. True where it can't be told."""
    return any(_nested(left, right) for left in _ways(one) for right in _ways(other))


def any_touch(some: tuple[ast.Path, ...], others: tuple[ast.Path, ...]) -> bool:
    return any(touch(one, other) for one in some for other in others)


def _ways(path: ast.Path) -> Iterator[tuple[ast.Step, ...]]:
    """The steps from the object on, for each place where a kind may have its pods."""
    match path.root:
        case ast.ObjectRoot():
            yield path.steps
        case ast.PodRoot(template=template):
            for keys in _TEMPLATES:
                names = keys if template else (*keys, "spec")
                yield (*(ast.Key(name, path.span) for name in names), *path.steps)
        case _:
            yield (ast.Deep(path.span), *path.steps)


def _nested(left: tuple[ast.Step, ...], right: tuple[ast.Step, ...]) -> bool:
    for one, other in zip(left, right, strict=False):
        if isinstance(one, ast.Deep) or isinstance(other, ast.Deep):
            return True
        if not _meet(one, other):
            return False
    return True


def _meet(one: ast.Step, other: ast.Step) -> bool:
    match one, other:
        case ast.Key(), ast.Key():
            return one.name == other.name
        case ast.Index(), ast.Index():
            return one.value == other.value or (one.value < 0) != (other.value < 0)
        case (ast.Key() as key, ast.Index() | ast.Each() | ast.Filter()) | (
            ast.Index() | ast.Each() | ast.Filter(),
            ast.Key() as key,
        ):
            return key.name.isdigit() and not key.quoted
        case _:
            return True


# ---- words -----------------------------------------------------------------------------------------------------------


def shown(path: ast.Path) -> str:
    """The path for people, from the object on; tests in filters are left out."""
    start = ("podTemplate" if path.root.template else "podSpec") if isinstance(path.root, ast.PodRoot) else ""
    return (start + "".join(_word(step) for step in path.steps)).removeprefix(".")


def _word(step: ast.Step) -> str:
    match step:
        case ast.Key(name=name):
            return f".{name}" if name.isidentifier() else f'."{name}"'
        case ast.Index(value=value):
            return f"[{value}]"
        case ast.AnyKey():
            return ".*"
        case ast.Deep():
            return ".**"
        case _:
            return "[*]"


def bare(span: Span) -> Span:
    """The span of a step without the dot before it."""
    return Span(span.source, span.start + 1, span.end) if span.text.startswith(".") else span
