"""Few fields, few values: so that conditions contradict, follow from each other and commands meet."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

CONSTANTS = ("1", "2", "3", '"a"', '"b"', '"ab"', "null", "true")
VALUES: tuple[Any, ...] = (1, 2, 3, "a", "b", "ab", None, True, {"c": 1}, {"c": "a"}, {}, [], ["a"], [1, 2])
PATHS = ("a", "b", "a.c", "m.x", "l[0]", "l[*]", "l[*].k", "m.*", "**.k", '"a"')
ORDERS = ("==", "==", "==", "!=", "!==", "<", "<=", ">", ">=")
REGEXES = ('"^a$"', '"b"', '""', '"a^"', '"^[0-9]"')
WRITTEN = ("a", "b", "a.c", "m.x", "l[0].k")

values = st.sampled_from(VALUES)
objects = st.fixed_dictionaries(
    {"kind": st.sampled_from(("A", "B")), "apiVersion": st.just("x/v1"), "metadata": st.just({"name": "n"})},
    optional={
        "a": values,
        "b": values,
        "m": st.fixed_dictionaries({}, optional={"x": values, "k": values}),
        "l": st.lists(st.one_of(values, st.fixed_dictionaries({}, optional={"k": values})), max_size=3),
    },
)
many_objects = st.lists(objects, min_size=1, max_size=6)


@st.composite
def atoms(draw: st.DrawFn) -> str:
    path = draw(st.sampled_from(PATHS))
    match draw(st.integers(0, 6)):
        case 0:
            return f"exists({path})"
        case 1:
            items = draw(st.lists(st.sampled_from(CONSTANTS), max_size=3))
            return f"{path} in [{', '.join(items)}]"
        case 2:
            return f"{path} =~ {draw(st.sampled_from(REGEXES))}"
        case 3:
            return f"{path} startswith {draw(st.sampled_from(CONSTANTS[3:6]))}"
        case 4:
            return draw(st.sampled_from(('kind == "A"', 'kind == "B"', 'kind != "A"', 'kind in ["A", "B"]')))
        case _:
            return f"{path} {draw(st.sampled_from(ORDERS))} {draw(st.sampled_from(CONSTANTS))}"


def _negated(term: str) -> str:
    return f"!({term})"


def _joined(parts: list[str], sign: str) -> str:
    return f"({f' {sign} '.join(parts)})"


selectors = st.recursive(
    atoms(),
    lambda inner: st.one_of(
        inner.map(_negated),
        st.builds(_joined, st.lists(inner, min_size=2, max_size=3), st.just("&&")),
        st.builds(_joined, st.lists(inner, min_size=2, max_size=3), st.just("||")),
    ),
    max_leaves=6,
)


@st.composite
def bound(draw: st.DrawFn) -> str:
    """A selector with a variable of several places, its test, and a condition on it."""
    path = draw(st.sampled_from(("l[*]", "m.*", "a")))
    inner = draw(selectors).replace("l[*]", "$v.k").replace("m.x", "$v").replace("m.*", "$v")
    outer = draw(atoms()).replace("l[*]", "$v").replace("m.x", "$v")
    return f"$v := {path} | ({inner}) && {outer}"


any_selector: st.SearchStrategy[str] = st.one_of(selectors, selectors, bound())


@st.composite
def commands(draw: st.DrawFn) -> str:
    selector = draw(st.sampled_from(("*", 'kind == "A"', 'kind == "B"', "a == 1", "exists(b)", "a == 2 && exists(b)")))
    path, value = draw(st.sampled_from(WRITTEN)), draw(st.sampled_from(CONSTANTS))
    match draw(st.integers(0, 5)):
        case 0:
            return f"delete({selector});"
        case 1:
            return f"remove({selector}, {path});"
        case 2:
            return f"default({selector}, {path} = {value});"
        case 3:
            return f'modify({selector}, kind = "B");'
        case 4:
            inner = draw(commands())
            return f"when {selector} {{ {inner} {draw(commands())} }}"
        case _:
            return f"modify({selector}, {path} = {value});"


programs: st.SearchStrategy[list[str]] = st.lists(commands(), min_size=1, max_size=5)

Object = dict[str, Any]
