"""A pack is read with everything that is wrong with it, each at its place."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.findings.severity import Safety, Severity
from skel.language.diagnostic import Diagnostic, SkelError
from skel.packs.loading import load, load_strictly
from skel.packs.manifest import KEYS, Kind
from tests.packs.making import MANIFEST, RULE, add_rule, make_pack


def said(found: tuple[Diagnostic, ...], folder: Path) -> list[str]:
    lines = [f"{item.span}: {item.code}: {item.message}. {item.hint}".strip() for item in found]
    return [line.replace(f"{folder}/", "") for line in lines]


def complaints(folder: Path) -> list[str]:
    return said(load(folder)[1], folder)


def test_everything_that_a_pack_says(tmp_path: Path) -> None:
    pack = load_strictly(make_pack(tmp_path))
    assert (pack.name, pack.version, pack.component, pack.kind) == ("shop", "1.0.0", "kubernetes", Kind.UPGRADE)
    assert (pack.prefix, pack.oldest, pack.newest, pack.groups) == ("SH", "1.20", "1.30", ())
    (rule,) = pack.rules
    assert (rule.id, rule.path, rule.code) == ("cronjob-batch-v1", "cronjob-batch-v1", "SH101")
    assert (rule.since, rule.deprecated, rule.category) == ("1.25", "1.21", "removal")
    assert (rule.severity, rule.safety) == (Severity.ERROR, Safety.SAFE)
    assert rule.source.text == RULE
    assert rule.cases_file == tmp_path / "cronjob-batch-v1.cases.yaml"
    assert pack.rule("sh101") is pack.rule("cronjob-batch-v1") is rule


def test_versions_without_quotes_keep_their_zeros(tmp_path: Path) -> None:
    manifest = MANIFEST.replace('"1.20"', "1.20").replace('"1.30"', "1.30").replace("1.0.0", "1.10")
    pack = load_strictly(make_pack(tmp_path, manifest))
    assert (pack.version, pack.oldest, pack.newest) == ("1.10", "1.20", "1.30")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("title:", "titel:", "pack.yaml:4:1: PK002: a manifest has no `titel`. did you mean `title`?"),
        ("name: shop\n", "", "pack.yaml:1:1: PK002: a manifest needs `name`."),
        ("kind: upgrade", "kind: upgrad", "PK002: `kind` must be one of upgrade, validate, transform. did you mean"),
        ("name: shop", "name: [shop]", "pack.yaml:1:7: PK002: `name` must be a text."),
        ("name: shop", "name: My Shop", "pack.yaml:1:7: PK002: `name` must be small letters, digits and `-`."),
        ("prefix: SH", "prefix: sh", "PK002: `prefix` must be two to four capitals"),
        ("version: 1.0.0", "version: newest", "PK002: `version` must be a version such as 1.25."),
        ("component: kubernetes\n", "", "PK002: a manifest needs `component`. the rules of an upgrade belong"),
        ("prefix: SH", "prefix: SK", "PK002: `prefix` must be two to four capitals, and not SK or PK."),
        (
            'to: "1.30"',
            "to: 1.24",
            "cronjob-batch-v1.skel:7:11: PK004: the rule is of 1.25, but the pack knows releases to",
        ),
        ("rules:\n- cronjob", "rules: cronjob", "PK002: `rules` must be a list."),
        ("- cronjob-batch-v1", "- {a: b}", "PK002: `rules` must be a list of texts."),
        ("- cronjob-batch-v1", "- cronjob-batch-v1.skel", "PK003: rules are listed without `.skel`. write `cronjob"),
        ("- cronjob-batch-v1", "- ../other", "PK003: a rule is listed by its path below the folder of the pack."),
        ("- cronjob-batch-v1", "- /etc/passwd", "PK003: a rule is listed by its path"),
        ("- cronjob-batch-v1", "- apis/nothing", "pack.yaml:10:3: PK003: there is no file `apis/nothing.skel`."),
        ("prefix: SH", "prefix: KU", "cronjob-batch-v1.skel:2:10: PK004: codes of the pack shop begin with KU."),
        ("title", "\ttitle", "PK001: this is no YAML"),
        ("name: shop", "name: !!python/name:os.system x", "PK001: the tag `!!python/name:os.system` is refused."),
    ],
)
def test_mistakes_in_a_manifest(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    assert old in MANIFEST
    lines = complaints(make_pack(tmp_path, MANIFEST.replace(old, new, 1)))
    assert any(complaint in line for line in lines), lines
    with pytest.raises(SkelError):
        load_strictly(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('"cronjob-batch-v1"', '"cronjob"', "cronjob-batch-v1.skel:1:1: PK004: the rule `cronjob` stands in"),
        ('    why "The fields are the same.";\n', "", "cronjob-batch-v1.skel:1:1: PK004: the rule needs `why`."),
        ('deprecated "1.21"', 'deprecated "1.26"', "the rule is of 1.25, and deprecated only in 1.26"),
        ('    deprecated "1.21";\n    since "1.25";\n', "", "a rule of an upgrade needs `since`, or `deprecated`"),
        ('    safety "safe";\n', "", "the rule needs `safety`"),
        ('title "C', "title C", "SK"),
        ("rule ", "rules ", "SK"),
    ],
)
def test_mistakes_in_a_rule(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    assert old in RULE
    lines = complaints(make_pack(tmp_path, rule=RULE.replace(old, new, 1)))
    assert any(complaint in line for line in lines), lines


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    manifest = MANIFEST.replace("kind: upgrade", "kind: up").replace("title:", "titel:") + "- cronjob-batch-v1\n"
    lines = complaints(make_pack(tmp_path, manifest))
    assert len(lines) == 4, lines
    assert lines[-1] == "pack.yaml:11:3: PK003: `cronjob-batch-v1` is listed twice. first in line 10"


def test_rules_stand_by_release(tmp_path: Path) -> None:
    make_pack(tmp_path, MANIFEST + "- old\n- new\n- same\n")
    for name, since, code in (("old", "1.9", "SH102"), ("new", "1.26", "SH103"), ("same", "1.26", "SH104")):
        rule = (
            RULE.replace("cronjob-batch-v1", name).replace("1.25", since).replace("1.21", "1.0").replace("SH101", code)
        )
        add_rule(tmp_path, name, rule)
    message = "pack.yaml:11:3: PK003: `old` is of 1.9 and stands behind `cronjob-batch-v1` of 1.25. "
    assert complaints(tmp_path) == [f"{message}rules stand by `since`, ascending"]


def test_other_packs_stand_as_they_like(tmp_path: Path) -> None:
    make_pack(tmp_path, MANIFEST.replace("kind: upgrade", "kind: validate") + "- old\n")
    rule = (
        RULE.replace("cronjob-batch-v1", "old").replace("1.25", "1.9").replace("1.21", "1.0").replace("SH101", "SH102")
    )
    add_rule(tmp_path, "old", rule.replace('    safety "safe";\n', ""))
    assert complaints(tmp_path) == []
    assert load_strictly(tmp_path).rules[1].safety is Safety.UNSAFE


def test_codes_and_ids_are_used_once(tmp_path: Path) -> None:
    make_pack(tmp_path, MANIFEST + "- b/other\n- b/cronjob-batch-v1\n")
    add_rule(tmp_path, "b/other", RULE.replace("cronjob-batch-v1", "other"))
    add_rule(tmp_path, "b/cronjob-batch-v1", RULE.replace("SH101", "SH102"))
    assert complaints(tmp_path) == [
        "b/cronjob-batch-v1.skel:1:1: PK004: the rule `cronjob-batch-v1` is used twice.",
        "b/other.skel:2:10: PK004: the code `SH101` is used twice.",
    ]


def test_a_broken_rule_leaves_the_others(tmp_path: Path) -> None:
    make_pack(tmp_path, MANIFEST + "- other\n")
    add_rule(tmp_path, "other", 'rule "other" {')
    pack, found = load(tmp_path)
    assert pack is not None
    assert [rule.id for rule in pack.rules] == ["cronjob-batch-v1"]
    assert found


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"x", b"\xff\xfe", b"a: [", b"rules:\nname:\n", b"name: " + b"x" * 1_100_000]
)
def test_no_manifest_is_no_crash(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pack.yaml").write_bytes(content)
    assert load(tmp_path)[1]


def test_files_that_are_not_there(tmp_path: Path) -> None:
    assert "no such file" in complaints(tmp_path)[0]
    make_pack(tmp_path)
    (tmp_path / "cronjob-batch-v1.skel").unlink()
    (tmp_path / "cronjob-batch-v1.skel").mkdir()
    assert "there is no file" in complaints(tmp_path)[0]


@given(
    st.lists(st.sampled_from([*KEYS, "nmae"]), unique=True),
    st.sampled_from(["x", "[]", "{a: b}", "", "1.30", "[a, [b]]"]),
)
def test_any_half_of_a_manifest(tmp_path_factory: pytest.TempPathFactory, keys: list[str], value: str) -> None:
    folder = tmp_path_factory.mktemp("pack")
    (folder / "pack.yaml").write_text("".join(f"{key}: {value}\n" for key in keys), "utf-8")
    _, found = load(folder)
    assert all(item.span.source.name.endswith("pack.yaml") for item in found)


def test_two_hundred_rules_are_read_in_a_blink(tmp_path: Path) -> None:
    """Nothing is compiled, so a check that needs three of them does not pay for the others."""
    names = [f"rule-{number}" for number in range(200)]
    make_pack(tmp_path, MANIFEST.replace("- cronjob-batch-v1\n", "".join(f"- {name}\n" for name in names)))
    body = "".join(f'    remove(kind == "A{line}" && spec.a.b == {line}, spec.c[*].d);\n' for line in range(40))
    for number, name in enumerate(names, 100):
        rule = (
            RULE.replace("cronjob-batch-v1", name)
            .replace("SH101", f"SH{number}")
            .replace("    modify", f"{body}    modify")
        )
        add_rule(tmp_path, name, f"# Why.\n\n{rule}")
    start = time.process_time()
    pack = load_strictly(tmp_path)
    assert time.process_time() - start < 0.25
    assert len(pack.rules) == 200
