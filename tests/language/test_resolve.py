"""Names: scopes, parameters, definitions, imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from skel.language import ast
from skel.language.analyse import analyse, analyse_all
from skel.language.diagnostic import SkelError
from skel.language.imports import FileLoader, ImportFailure
from skel.language.parameters import Parameters
from skel.language.text import Source


def codes_of(text: str, **parameters: str | int) -> list[str]:
    return [found.code for found in analyse_all(Source("p.skel", text), parameters=parameters).diagnostics]


def commands(text: str, parameters: Parameters | None = None) -> list[ast.Command]:
    module = analyse(Source("p.skel", text), parameters=parameters or {})
    return [command for rule in module.rules for command in rule.commands]


def same(left: str, right: str) -> bool:
    return commands(left) == commands(right)


# ---- variables -------------------------------------------------------------------------------------------------------


def test_each_bind_has_its_slot() -> None:
    module = analyse(
        Source("p.skel", "remove($x := a | exists($x), $x); remove($x := b | exists($x) && $xy := c, $xy);")
    )
    assert module.slots == 3
    first, second = (rule.commands[0] for rule in module.rules)
    assert isinstance(first, ast.Remove)
    assert isinstance(second, ast.Remove)
    assert (first.path.root, second.path.root) == (ast.VariableRoot("x", 0), ast.VariableRoot("xy", 2))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("remove(($x := a && b == 1) && c == 1, $x);", []),
        ("when $x := a { remove($x); when $y := $x.b { remove($y); } }", []),
        ("when $x := a { remove($x); } remove($x);", ["SK021"]),
        ("remove($x := a, $x); remove($x);", ["SK021"]),
        ("remove(exists($x) && $x := a, $x);", ["SK021"]),
        ("remove(!($x := a), b);", ["SK035"]),
        ("remove($x := a || $y := b, c);", ["SK035", "SK035"]),
        ("remove($x := a | exists($y) , b);", ["SK021"]),
        ("remove($x := $x.b, b);", ["SK021"]),
        ("require($x := a, $y := $x.b | $y == 1, 'm');", []),
        ("require($x := a, $y := $x.b | $y == 1, 'm'); remove($y);", ["SK021"]),
        ("remove(a[?(@.b == 1)]);", []),
        ("remove(a[?(@.b == 1)].c[?(exists(@.d[?(@.e == 1)]))]);", []),
        ("remove(a == @.b, c);", ["SK057"]),
    ],
)
def test_scopes(text: str, codes: list[str]) -> None:
    assert codes_of(text) == codes


# ---- definitions -----------------------------------------------------------------------------------------------------


def test_definitions_are_put_in_place() -> None:
    text = 'define f($p, $k, $v) { modify($p.labels[$k] = $v); remove($p); } f(metadata, "a", lower(kind));'
    assert same(text, 'modify(metadata.labels["a"] = lower(kind)); remove(metadata);')


def test_variables_do_not_meet_those_of_the_caller() -> None:
    text = "define f($p) { remove($c := other[*] | exists($c.x), $p.y); } when $c := own[*] { f($c); }"
    (when,) = commands(text)
    assert isinstance(when, ast.When)
    (remove,) = when.commands
    assert isinstance(when.selector, ast.Bind)
    assert isinstance(remove, ast.Remove)
    assert remove.path.root == when.selector.variable


def test_definitions_do_not_see_the_caller() -> None:
    assert codes_of("define f() { remove($c); } when $c := own[*] { f(); }") == ["SK021"]


def test_constants_are_computed() -> None:
    text = 'param $r = "a"; replace(**.image, "x", concat(upper($r), "/", format("{}{{}}", 1)));'
    (replace,) = commands(text)
    assert isinstance(replace, ast.Replace)
    assert isinstance(replace.replacement, ast.Literal)
    assert replace.replacement.value == "A/1{}"


def test_parameters_in_special_tests() -> None:
    text = 'define f($t, $v) { drop(@t >= $t); delete(target("k") >= $v); } f(10m, 1.30);'
    assert same(text, 'drop(@t >= 10m); delete(target("k") >= 1.30);')
    assert codes_of('define f($t) { drop(@t >= $t); } f("10m");') == ["SK041"]


def test_mistakes_in_unused_definitions() -> None:
    assert codes_of("define f($a) { remove($b); modify(c = lowr($a)); rename(d, $a); }") == ["SK021", "SK022"]


def test_a_mistake_in_a_definition_is_told_once() -> None:
    assert codes_of("define f($a) { modify($a = lowr(b)); } f(x); f(y); f(z);") == ["SK022"]


# ---- rules -----------------------------------------------------------------------------------------------------------


def test_names_of_bare_commands() -> None:
    module = analyse(Source("some/upgrade.skel", '\nremove(a); remove(b);\nrule "r" { remove(c); }\nremove(d);'))
    assert [rule.id for rule in module.rules] == ["upgrade.skel:2", "upgrade.skel:2:12", "r", "upgrade.skel:4"]


# ---- parameters ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("default", "given", "value"),
    [
        ('= "a"', "b", "b"),
        ("", "3", "3"),
        ("= 1", "3", 3),
        ("= 1", 3, 3),
        ("= 1", "2.5", 2.5),
        ("= true", "FALSE", False),
        ('= "a"', "", ""),
        ('= "a"', 'x"; delete(*); "', 'x"; delete(*); "'),
    ],
)
def test_parameters_from_outside(default: str, given: str | int, value: ast.Scalar) -> None:
    (modify,) = commands(f"param $p {default}; modify(a = $p);", {"p": given})
    assert isinstance(modify, ast.Modify)
    assert isinstance(modify.value, ast.Literal)
    assert modify.value.value == value
    assert type(modify.value.value) is type(value)


def test_lists_and_units_from_outside() -> None:
    (modify,) = commands("param $p = []; modify(a = $p);", {"p": ["a", 1]})
    assert isinstance(modify, ast.Modify)
    assert isinstance(modify.value, ast.ListValue)
    (delete,) = commands("param $p = 1Gi; delete(quantity(a) > $p);", {"p": "500m"})
    assert isinstance(delete, ast.Delete)
    assert isinstance(delete.selector, ast.Compare)
    assert isinstance(delete.selector.right, ast.Suffixed)


def test_parameters_that_do_not_fit() -> None:
    assert codes_of("param $p = 1; modify(a = $p);", p="many") == ["SK024"]
    assert codes_of("param $p = 1; modify(a = $p);", p="1); delete(*") == ["SK024"]
    assert codes_of("param $p; modify(a = $p);") == ["SK024"]
    assert codes_of("param $p = 1; modify(a = $p);", q="1") == ["SK023"]


def test_defaults_may_use_earlier_parameters() -> None:
    assert same('param $a = "x"; param $b = concat($a, "y"); modify(c = $b);', 'modify(c = concat("x", "y"));')


# ---- imports ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "lib/labels.skel": 'import "./deep"; param $owner = "ann"; define label($k) { set($k, $owner); } remove(a);',
        "lib/deep.skel": "define set($k, $v) { modify(metadata.labels[$k] = $v); }",
        "lib/ring.skel": 'import "../ring";',
        "ring.skel": 'import "./lib/ring";',
        "std/pack/x.skel": "define clean() { remove(status); }",
        "broken.skel": "define f() { remove(a b); }",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def imported(folder: Path, text: str, **parameters: str) -> list[str]:
    source = Source(str(folder / "main.skel"), text)
    return [
        found.code
        for found in analyse_all(source, parameters=parameters, loader=FileLoader(folder / "std")).diagnostics
    ]


def test_imports(folder: Path) -> None:
    source = Source(str(folder / "main.skel"), 'import "./lib/labels"; label("team"); modify(b = $owner);')
    module = analyse(source, parameters={"owner": "bob"})
    found = [command for rule in module.rules for command in rule.commands]
    assert found == commands('modify(metadata.labels["team"] = "bob"); modify(b = "bob");')


def test_names_of_imports_stay_theirs(folder: Path) -> None:
    assert imported(folder, 'import "./lib/labels"; set("a", "b");') == ["SK020"]


def test_standard_library(folder: Path) -> None:
    assert imported(folder, 'import "pack/x"; clean();') == []
    assert imported(folder, 'import "pack/x.skel"; import "pack/x"; clean();') == []
    assert imported(folder, 'import "pack/y"; clean();') == ["SK027"]
    assert imported(folder, 'import "/etc/passwd";') == ["SK027"]
    assert imported(folder, 'import "pack/../../main";') == ["SK027"]


def test_import_problems(folder: Path) -> None:
    assert imported(folder, 'import "./ring"; remove(a);') == ["SK028"]
    assert imported(folder, 'import "./main"; remove(a);') == ["SK028"]
    assert imported(folder, 'import "./broken"; remove(a);') == ["SK010"]
    assert imported(folder, 'import "./lib/labels"; define label($k) { remove($k); } label(a);') == ["SK025"]


def test_only_skel_files(folder: Path) -> None:
    (folder / "secret.txt").write_text("x", "utf-8")
    with pytest.raises(ImportFailure):
        FileLoader().read(FileLoader().locate("./secret.txt", Source(str(folder / "main.skel"), "")))


# ---- the whole -------------------------------------------------------------------------------------------------------


def test_errors_come_all_at_once() -> None:
    with pytest.raises(SkelError) as caught:
        analyse(Source("p.skel", "remove(a b);\nremove($x);\nmodify(metadata.labels.a = 1);\nremove(kind == Pod, a);"))
    assert [found.code for found in caught.value.diagnostics] == ["SK010", "SK021", "SK046", "SK061"]


def test_warnings_do_not_stop() -> None:
    analysis = analyse_all(Source("p.skel", "remove(kind == Pod, a);"))
    assert [found.code for found in analysis.warnings] == ["SK061"]
    assert not analysis.errors
