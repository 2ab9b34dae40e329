"""The tree that programs make: keywords as names, literals, precedence, paths."""

from __future__ import annotations

import pytest

from skel.language import ast
from skel.language.parser import parse
from skel.language.text import Source


def sound(text: str) -> ast.Module:
    parsed = parse(Source("p.skel", text))
    assert not parsed.diagnostics, parsed.diagnostics
    return parsed.module


def only(text: str) -> ast.Statement:
    (statement,) = sound(text).statements
    return statement


def same(left: str, right: str) -> bool:
    return sound(left) == sound(right)


def written(literal: str) -> ast.Value:
    command = only(f"modify(a = {literal});")
    assert isinstance(command, ast.Modify)
    return command.value


def target(path: str) -> tuple[ast.Root, list[str]]:
    command = only(f"remove({path});")
    assert isinstance(command, ast.Remove)
    return command.path.root, [_short(step) for step in command.path.steps]


def _short(step: ast.Step) -> str:
    match step:
        case ast.Key(name=name):
            return name
        case ast.Index(value=value):
            return f"[{value}]"
        case _:
            return type(step).__name__


@pytest.mark.parametrize(
    "word", ["exists", "in", "rule", "when", "define", "import", "param", "contains", "not", "and"]
)
def test_keywords_are_names_too(word: str) -> None:
    assert target(word) == (ast.ObjectRoot(), [word])
    assert target(f"spec.{word}") == (ast.ObjectRoot(), ["spec", word])
    assert same(f'remove({word} == "yes", {word});', f'remove( {word}=="yes" ,{word} ) ;')


@pytest.mark.parametrize("name", ["existsfoo", "podSpecx", "trueish", "nullable", "true-ish", "_a", "a-b", "Null"])
def test_names_that_begin_like_others(name: str) -> None:
    assert target(name) == (ast.ObjectRoot(), [name])


def test_in_beside_in() -> None:
    assert same('delete(in in ["a"]);', 'delete(in   in["a"]);')


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("spec.1a", ["spec", "1a"]),
        ("l.-", ["l", "-"]),
        ("containers.0.image", ["containers", "0", "image"]),
        ("a[01]", ["a", "[1]"]),
        ("a[-1]", ["a", "[-1]"]),
        ("a[ * ]", ["a", "Each"]),
        ('"a"."b/c"["d.e"]', ["a", "b/c", "d.e"]),
        ("a.*.b", ["a", "AnyKey", "b"]),
        ("a.**.b", ["a", "Deep", "b"]),
        ("**.b", ["Deep", "b"]),
        ('a[?(@.n == "x")]', ["a", "Filter"]),
        ('"status"', ["status"]),
    ],
)
def test_paths(path: str, steps: list[str]) -> None:
    assert target(path) == (ast.ObjectRoot(), steps)


def test_roots() -> None:
    assert target("podSpec.containers")[0] == ast.PodRoot(template=False)
    assert target("podTemplate")[0] == ast.PodRoot(template=True)
    assert target('"podSpec"')[0] == ast.ObjectRoot()


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("007", 7),
        ("-5", -5),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        ("2.5e-1", 0.25),
        ("18446744073709551615", 2**64 - 1),
        ("-9223372036854775808", -(2**63)),
        ("TRUE", True),
        ("fAlse", False),
        ("null", None),
        ('"a  b "', "a  b "),
        ('"a#b;c"', "a#b;c"),
        ('"a\nb"', "a\nb"),
        (r'"a\nb\t\\"', r"a\nb\t\\"),
        (r'"say \"hi\""', 'say "hi"'),
        (r'"C:\"', "C:\\"),
        (r"'a\nb\t\\'", "a\nb\t\\"),
        (r"'\u00e9\ud83d\ude00\/\''", "é😀/'"),
        ("'a\"b'", 'a"b'),
        ('"é日本"', "é日本"),
    ],
)
def test_literals(literal: str, value: ast.Scalar) -> None:
    found = written(literal)
    assert isinstance(found, ast.Literal)
    assert (type(found.value), found.value) == (type(value), value)


@pytest.mark.parametrize("text", ["10m", "500m", "2Gi", "1h30m", "1.5s", "-10m", "1.25.3", "1E"])
def test_numbers_with_units(text: str) -> None:
    assert written(text) == ast.Suffixed(text, written(text).span)


def test_maps_and_lists() -> None:
    assert same('modify(a = {"x": 1, y: [1, b.c, {}]});', "modify(a={'x':1,\"y\":[1,b.c,{},],});")


def test_precedence() -> None:
    assert same("delete(a == 1 || b == 1 && !c == 1);", "delete(a == 1 || (b == 1 && (!(c == 1))));")
    assert not same("delete(a == 1 || b == 1 && c == 1);", "delete((a == 1 || b == 1) && c == 1);")


def test_the_test_of_a_variable_is_one_term() -> None:
    command = only("remove($x := a | exists($x) && b == 1, $x);")
    assert isinstance(command, ast.Remove)
    assert isinstance(command.selector, ast.And)
    first, second = command.selector.terms
    assert isinstance(first, ast.Bind)
    assert isinstance(second, ast.Compare)


def test_selector_is_optional() -> None:
    assert same("remove(a);", "remove(*, a);")
    assert same('append(a, "b");', 'append(*, a, "b");')
    assert same('deny("m");', 'deny(*, "m");')


def test_a_string_on_the_left_is_a_path() -> None:
    command = only('delete("metadata"."name" == "a" && "kind" == "Pod");')
    assert isinstance(command, ast.Delete)
    assert isinstance(command.selector, ast.And)
    assert [type(term.left) for term in command.selector.terms if isinstance(term, ast.Compare)] == [ast.Path, ast.Path]


@pytest.mark.parametrize(
    ("test", "seconds", "relative"),
    [("@t >= 10m", 600, True), ("@t == 1709241485", 1709241485, False), ("@t<1h30m", 5400, True), ("@t > 0s", 0, True)],
)
def test_time(test: str, seconds: float, relative: bool) -> None:
    command = only(f"drop({test});")
    assert isinstance(command, ast.Drop)
    assert isinstance(command.selector, ast.TimeTest)
    assert (command.selector.seconds, command.selector.relative) == (seconds, relative)


def test_target_keeps_its_digits() -> None:
    command = only('when target("kubernetes") >= 1.30 {}')
    assert isinstance(command, ast.When)
    assert isinstance(command.selector, ast.TargetTest)
    assert command.selector.version == "1.30"


def test_field_of_a_call() -> None:
    value = written("image(p).tag")
    assert isinstance(value, ast.Call)
    assert (value.function, value.field) == ("image", "tag")


def test_blanks_and_comments() -> None:
    text = "remove( # one\n kind\t==\r\n 'A' # two\n , a # three\n) # four\n; # five"
    parsed = parse(Source("p.skel", text))
    assert [comment.text for comment in parsed.comments] == ["# one", "# two", "# three", "# four", "# five"]
    assert parsed.module == sound("remove(kind=='A',a);")


@pytest.mark.parametrize("text", ["", " \t\r\n", "# only", "\ufeff", "\ufeff# x\n"])
def test_empty_programs(text: str) -> None:
    assert sound(text).statements == ()


def test_spans() -> None:
    command = only("  remove(kind == 1, spec.x );")
    assert isinstance(command, ast.Remove)
    assert command.span.text == "remove(kind == 1, spec.x );"
    assert command.selector.span.text == "kind == 1"
    assert command.path.span.text == "spec.x"
    assert [step.span.text for step in command.path.steps] == ["spec", "x"]
