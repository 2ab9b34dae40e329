"""What `skel pack new` makes is complete at once, and `skel pack verify` sees whatever is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.packs.errors import PackError
from skel.packs.loading import load_strictly
from skel.packs.manifest import Kind
from skel.packs.scaffold import create, prefix
from skel.packs.verify import exit_code, tidy, verify
from tests.packs.making import CASES, MANIFEST, RULE, add_rule, make_pack


def complaints(folder: Path) -> list[str]:
    _, problems = verify(folder)
    return [f"{item.span}: {item.code}: {item.message}".replace(f"{folder}/", "") for item in problems]


def code(folder: Path) -> int:
    return exit_code(*verify(folder))


def test_a_new_pack_is_complete(tmp_path: Path) -> None:
    files = create(tmp_path / "my-pack")
    assert all(file.is_file() for file in files)
    result, problems = verify(tmp_path / "my-pack")
    assert problems == ()
    assert exit_code(result, problems) == 0
    assert sum(result.counts.values()) == 2
    pack = load_strictly(tmp_path / "my-pack")
    assert (pack.name, pack.prefix, pack.kind) == ("my-pack", "MP", Kind.TRANSFORM)
    assert tidy(tmp_path / "my-pack") == ()


@given(st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True))
def test_any_name_will_do(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.mktemp("new") / name
    create(folder)
    assert load_strictly(folder).name == name
    assert 2 <= len(prefix(name)) <= 3


@pytest.mark.parametrize("name", ["My Pack", "-x", "x_y", "ä", ""])
def test_names_that_are_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "sub" / name if name else Path("/")
    with pytest.raises(PackError, match="is no name for a pack"):
        create(folder)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "keep").write_text("me", "utf-8")
    with pytest.raises(PackError, match="is not empty"):
        create(tmp_path / "x")
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(PackError, match="is there already"):
        create(tmp_path / "file")
    create(tmp_path / "deep" / "down" / "pack")


def test_a_good_pack(tmp_path: Path) -> None:
    assert complaints(make_pack(tmp_path)) == []
    assert code(tmp_path) == 0


@pytest.mark.parametrize(
    ("rule", "complaint", "exit_with"),
    [
        (RULE.replace("    code", "  code"), "cronjob-batch-v1.skel:1:1: PK008: this is not formatted", 1),
        (RULE + "\nremove(status);\n", "cronjob-batch-v1.skel:13:1: PK004: a command stands outside of the rule", 2),
        (RULE + '\nrule "other" {\n    remove(status);\n}\n', "PK004: a rule file holds exactly one rule", 2),
        (
            RULE.replace('    title "CronJob batch/v1beta1 is not served";\n', "").replace(
                "}\n", '    title "late";\n}\n'
            ),
            "needs `title`",
            2,
        ),
        (
            RULE.replace("}\n", '    url "https://example.com";\n}\n'),
            "cronjob-batch-v1.skel:11:5: PK004: `url` stands behind",
            2,
        ),
        (RULE.replace('severity "error"', 'severity "bad"'), "SK049: this is no `severity`", 2),
        (
            RULE.replace('"CronJob" &&', '"CronJob" && spec == "" &&').replace('"batch/v1");', '"batch/v1", x);'),
            "SK",
            2,
        ),
        (RULE.replace("    modify(", "    modfy("), "SK020", 2),
        (f'import "./nothing";\n\n{RULE}', "SK027", 2),
        (
            f'import "./cronjob-batch-v1";\n\n{RULE}',
            "cronjob-batch-v1.skel:1:1: SK028: `./cronjob-batch-v1` imports this file",
            2,
        ),
    ],
)
def test_mistakes_in_a_rule(tmp_path: Path, rule: str, complaint: str, exit_with: int) -> None:
    lines = complaints(make_pack(tmp_path, rule=rule))
    assert any(complaint in line for line in lines), lines
    assert code(tmp_path) == exit_with


def test_a_warning_of_the_compiler_is_a_complaint(tmp_path: Path) -> None:
    make_pack(tmp_path, rule=RULE.replace('"batch/v1beta1"', "a"))
    assert [line.split(": ")[1] for line in complaints(tmp_path)][:1] == ["SK061"] or code(tmp_path) != 0


def test_packs_that_import_each_other(tmp_path: Path) -> None:
    make_pack(tmp_path, rule=f'import "./a";\n\n{RULE}')
    add_rule(tmp_path, "a", 'import "./b";\n')
    add_rule(tmp_path, "b", 'import "./a";\n')
    assert any("`./a` imports this file, directly or not" in line for line in complaints(tmp_path))
    assert code(tmp_path) == 2


@pytest.mark.parametrize(
    ("cases", "complaint", "exit_with"),
    [
        ("[]\n", "PK007: no cases", 1),
        (CASES[: CASES.index("- name: it stays")], "PK007: no `unchanged` case", 1),
        (CASES[CASES.index("- name: it stays") :], "PK007: no case in which it does something", 1),
        (CASES.replace("unchanged: true", "after: {kind: A}"), "", 1),
        (CASES.replace("unchanged: true", "unchanged: maybe"), "PK005: `unchanged` must be true or false", 2),
    ],
)
def test_mistakes_in_cases(tmp_path: Path, cases: str, complaint: str, exit_with: int) -> None:
    lines = complaints(make_pack(tmp_path, cases=cases))
    assert not complaint or any(complaint in line for line in lines), lines
    assert code(tmp_path) == exit_with


def test_rules_that_are_not_listed(tmp_path: Path) -> None:
    make_pack(tmp_path)
    add_rule(tmp_path, "stray", RULE.replace("cronjob-batch-v1", "stray").replace("SH101", "SH102"), CASES)
    assert complaints(tmp_path) == ["stray.skel:1:1: PK006: the rule is not listed in pack.yaml, so nobody runs it"]
    assert code(tmp_path) == 1


def test_cases_without_a_rule(tmp_path: Path) -> None:
    make_pack(tmp_path)
    (tmp_path / "gone.cases.yaml").write_text(CASES, "utf-8")
    assert complaints(tmp_path) == ["gone.cases.yaml:1:1: PK006: there is no rule beside these cases"]


def test_tidy_puts_form_and_pages_right(tmp_path: Path) -> None:
    make_pack(tmp_path, rule=RULE.replace("    code", "  code"))
    (tmp_path / "docs").mkdir()
    assert [line.split(": ", 1)[0] for line in complaints(tmp_path)] == [
        "cronjob-batch-v1.skel:1:1",
        "docs/index.md:1:1",
        "docs/cronjob-batch-v1.md:1:1",
    ]
    assert [file.name for file in tidy(tmp_path)] == ["cronjob-batch-v1.skel", "index.md", "cronjob-batch-v1.md"]
    assert complaints(tmp_path) == []
    make_pack(tmp_path, MANIFEST.replace("Rules of the shop", "Rules of another shop"))
    assert complaints(tmp_path) == ["docs/index.md:1:1: PK008: this page is out of date"]


def test_a_folder_without_a_pack(tmp_path: Path) -> None:
    assert "no such file" in complaints(tmp_path)[0]
    assert code(tmp_path) == 2
