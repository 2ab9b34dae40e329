"""What a step looks at and what it writes, read off its tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from skel.compiler.values import constant
from skel.language import ast
from skel.language.visit import command_paths, term_paths

HEADER = ("apiVersion", "kind")


@dataclass(frozen=True, slots=True)
class Footprint:
    """`kinds` is None for any kind; `reads` and `writes` are paths as text; `writes_header` if apiVersion or kind may
    change.
    """

    kinds: frozenset[str] | None
    api_versions: frozenset[str] | None
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    writes_header: bool


def footprint(
    selector: ast.Term,
    command: ast.ObjectCommand | None,
    bound: Mapping[int, ast.Path],
    around: tuple[ast.Term, ...] = (),
) -> Footprint:
    """The footprint of a command inside `around` blocks, with variables told as the paths they are bound to."""
    held = ast.And((*around, selector), selector.span)
    targets = [resolved(path, bound) for path in _targets(command)]
    reads = [
        resolved(path, bound)
        for path in (*term_paths(selector), *command_paths(command))
        if not isinstance(path.root, ast.ItemRoot)
    ]
    return Footprint(
        kinds=_allowed(held, "kind"),
        api_versions=_allowed(held, "apiVersion"),
        reads=tuple(dict.fromkeys(path_text(path) for path in reads)),
        writes=tuple(dict.fromkeys(path_text(path) for path in targets)),
        writes_header=any(_may_be_header(path) for path in targets),
    )


def is_bound(selector: ast.Term) -> bool:
    return bool(bound_paths(selector))


def bound_paths(selector: ast.Term) -> dict[int, ast.Path]:
    """The path of each variable that the selector binds, by slot."""
    if isinstance(selector, ast.Bind):
        return {selector.variable.slot: selector.path}
    if isinstance(selector, ast.And):
        return {slot: path for term in selector.terms for slot, path in bound_paths(term).items()}
    return {}


def resolved(path: ast.Path, bound: Mapping[int, ast.Path]) -> ast.Path:
    """The path with its variable replaced by what the variable is bound to."""
    while isinstance(path.root, ast.VariableRoot) and path.root.slot in bound:
        base = bound[path.root.slot]
        path = ast.Path(base.root, base.steps + path.steps, path.span)
    return path


def _targets(command: ast.ObjectCommand | None) -> Iterator[ast.Path]:
    match command:
        case ast.Remove() | ast.Modify() | ast.Append() | ast.Merge() | ast.Replace():
            yield command.path
        case ast.Rename():
            yield command.path
            yield with_key(ast.Path(command.path.root, command.path.steps[:-1], command.path.span), command.name)
        case ast.Rekey():
            yield with_key(command.path, command.old)
            yield with_key(command.path, command.new)
        case ast.Transfer():
            yield command.target
            if not command.keep:
                yield command.source
        case _:
            return


def with_key(path: ast.Path, key: ast.Value) -> ast.Path:
    return ast.Path(path.root, (*path.steps, ast.Key(str(constant(key)), path.span)), path.span)


def _may_be_header(path: ast.Path) -> bool:
    """Whether a write there may change apiVersion or kind. Unknown places count."""
    if isinstance(path.root, ast.PodRoot) and not path.root.template:
        return False
    if isinstance(path.root, ast.VariableRoot | ast.ItemRoot) or not path.steps:
        return True
    first = path.steps[0]
    return first.name in HEADER if isinstance(first, ast.Key) else True


def _allowed(selector: ast.Term, header: str) -> frozenset[str] | None:
    """The values of `kind` or `apiVersion` that the selector can hold for; None for any."""
    match selector:
        case ast.Compare(operator="==") if is_header_path(selector.left, header):
            value = constant(selector.right)
            return frozenset([value]) if isinstance(value, str) else None
        case ast.In() if is_header_path(selector.left, header):
            values = constant(selector.right)
            return frozenset(item for item in values if isinstance(item, str)) if isinstance(values, list) else None
        case ast.And():
            sets = [allowed for term in selector.terms if (allowed := _allowed(term, header)) is not None]
            return frozenset.intersection(*sets) if sets else None
        case ast.Or():
            parts = [_allowed(term, header) for term in selector.terms]
            known = [part for part in parts if part is not None]
            return frozenset.union(*known) if len(known) == len(parts) else None
        case _:
            return None


def is_header_path(value: ast.Value, *names: str) -> bool:
    """Whether the value is just `kind` or `apiVersion`."""
    return (
        isinstance(value, ast.Path)
        and isinstance(value.root, ast.ObjectRoot)
        and len(value.steps) == 1
        and isinstance(value.steps[0], ast.Key)
        and value.steps[0].name in names
    )


def path_text(path: ast.Path) -> str:
    """The path as one would write it, for people."""
    match path.root:
        case ast.ObjectRoot():
            start = ""
        case ast.ItemRoot():
            start = "@"
        case ast.PodRoot():
            start = "podTemplate" if path.root.template else "podSpec"
        case ast.VariableRoot():
            start = f"${path.root.name}"
    return (start + "".join(map(_step_text, path.steps))).removeprefix(".") or "."


def _step_text(step: ast.Step) -> str:
    match step:
        case ast.Key():
            return f'."{step.name}"' if step.quoted else f".{step.name}"
        case ast.Index():
            return f"[{step.value}]"
        case ast.Each():
            return "[*]"
        case ast.AnyKey():
            return ".*"
        case ast.Deep():
            return ".**"
        case ast.Filter():
            return f"[?({step.test.span.text})]"
        case ast.NamedKey():
            return f"[${step.variable}]"
