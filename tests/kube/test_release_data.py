"""The generated data: made from its sources, byte for byte, and nothing else."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.kube import tables
from skel.kube.generate import __main__ as generate
from skel.kube.generate import data, lifecycle, sources
from skel.kube.generate.defaults import on_by_default
from skel.kube.generate.facts import KindFact, MinorFacts, NotUnderstood
from skel.kube.generate.openapi import read
from skel.kube.generate.pack import pack_fields, pack_kinds, spans, unpack
from tests.conftest import SHARED

OPENAPI = SHARED / "facts" / "openapi"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the data that may be changed."""
    copy = tmp_path / "data"
    shutil.copytree(tables.FOLDER, copy)
    monkeypatch.setattr(data, "FOLDER", copy)
    monkeypatch.setattr(generate, "FOLDER", copy)
    return copy


def test_data_is_its_own_repetition() -> None:
    assert data.differing(data.texts_of(data.stored())) == []


def test_data_is_small() -> None:
    assert sum(file.stat().st_size for file in tables.FOLDER.iterdir()) < 600_000


@pytest.mark.shared
def test_data_is_what_the_documents_say(capsys: pytest.CaptureFixture[str]) -> None:
    if not OPENAPI.is_dir():
        pytest.skip("the OpenAPI documents (../shared/facts) are not on this machine")
    markers = SHARED / "facts" / "lifecycle.json"
    assert generate.main(["--openapi", str(OPENAPI), "--lifecycle", str(markers)]) == 0
    assert f"compared with {len(list(OPENAPI.glob('1.*')))} OpenAPI documents" in capsys.readouterr().out


def test_without_documents_the_checksums_are_compared(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--openapi", str(folder / "nowhere"), "--lifecycle", str(folder / "nowhere.json")]) == 0
    assert "its own checksums only, for want of OpenAPI documents" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("kinds.json", '"cronjobs"', '"cronjobz"'),
        ("fields.json", '"image": "string"', '"image": "boolean"'),
        ("lifecycle.json", '"removed": "1.25"', '"removed": "1.26"'),
        ("origin.json", '"checked": "20', '"checked": "19'),
    ],
)
def test_an_edit_is_noticed(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")
    changed_date = name == "origin.json"
    assert generate.main([]) == (0 if changed_date else 1)


def test_spelling_is_noticed_and_repaired(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    (folder / "kinds.json").write_text((folder / "kinds.json").read_text("utf-8").replace(", ", ","), "utf-8")
    assert generate.main([]) == 1
    assert "differs: kinds.json" in capsys.readouterr().out
    assert generate.main(["--write", "--date", checked(folder)]) == 0
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def checked(folder: Path) -> str:
    found = json.loads((folder / "origin.json").read_text("utf-8"))["checked"]
    assert isinstance(found, str)
    return found


def test_the_date_changes_only_with_the_data(folder: Path, tmp_path: Path) -> None:
    before = checked(folder)
    assert generate.main(["--write", "--date", "2099-01-01"]) == 0
    assert checked(folder) == before
    assert generate.main(["--openapi", str(write_document(tmp_path, "1.99")), "--write", "--date", "2099-01-01"]) == 2
    assert (
        generate.main(["--openapi", str(write_document(tmp_path, next_minor())), "--write", "--date", "2099-01-01"])
        == 0
    )
    assert checked(folder) == "2099-01-01"


def next_minor() -> str:
    return f"1.{sources.minor_number(tables.minor_names()[-1]) + 1}"


def write_document(tmp_path: Path, minor: str) -> Path:
    folder = tmp_path / f"openapi-{minor}"
    folder.mkdir()
    (folder / f"{minor}.json.gz").write_bytes(gzip.compress(json.dumps(document()).encode()))
    return folder


def document() -> dict[str, Any]:
    """A small document with every form that the reader knows."""
    found = json.loads((Path(__file__).parent / "toys.json").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def test_reading_kinds() -> None:
    assert read(document()).kinds == {
        ("toys.k8s.io/v1", "Scale"): KindFact("*/scale", True, ""),
        ("toys.k8s.io/v1beta1", "Widget"): KindFact("widgets", True, "toys.v1beta1.Widget"),
        ("v1", "Crate"): KindFact("crates", False, ""),
        ("v1", "CrateProxy"): KindFact("crates/proxy", False, ""),
    }


def test_reading_definitions() -> None:
    assert read(document()).definitions == {
        "meta.v1.ObjectMeta": {"since": "time"},
        "toys.v1beta1.Widget": {"metadata": "@meta.v1.ObjectMeta", "spec": "@toys.v1beta1.WidgetSpec required"},
        "toys.v1beta1.WidgetSpec": {
            "anything": "any",
            "names": "{}[]string",
            "parts": "[]@toys.v1beta1.WidgetSpec list=map:a,b patch=merge,retainKeys:a",
            "port": "int-or-string",
            "raw": "{}any",
            "size": "quantity",
        },
    }


def test_what_was_never_seen_is_refused() -> None:
    unknown = document()
    unknown["definitions"]["io.k8s.api.toys.v1beta1.WidgetSpec"]["properties"]["odd"] = {"type": "file"}
    with pytest.raises(NotUnderstood, match="the type file of format None"):
        read(unknown)


def test_spans() -> None:
    minors = ("1.1", "1.2", "1.3", "1.4", "1.5")
    assert spans(["1.1", "1.2", "1.4"], minors) == "1.1-1.2 1.4"
    assert spans(["1.3", "1.5"], minors) == "1.3 1.5-"
    assert spans(minors, minors) == "1.1-"
    assert spans([], minors) == ""


MINORS = ("1.13", "1.14", "1.15", "1.16")
TEXTS = st.sampled_from(["string", "string required", "[]@a.v1.B list=map:x,y", "{}{}any", "@a.v1.A"])
DEFINITIONS = st.dictionaries(st.sampled_from("AB"), st.dictionaries(st.sampled_from("xyz"), TEXTS))
KINDS = {("a/v1", "A"): KindFact("as", True, "A"), ("a/v1beta1", "B"): KindFact("bs", False, "")}
SERVED = st.sets(st.sampled_from(list(KINDS))).map(lambda gvks: {gvk: KINDS[gvk] for gvk in gvks})
FACT = st.builds(MinorFacts, SERVED, DEFINITIONS)
FACTS = st.tuples(*(FACT for _ in MINORS)).map(lambda found: dict(zip(MINORS, found, strict=True)))


@given(FACTS)
def test_packed_facts_come_out_as_they_went_in(facts: dict[str, MinorFacts]) -> None:
    kinds, fields = pack_kinds(facts), pack_fields(facts)
    found = unpack(kinds, fields, MINORS)
    assert found == facts
    assert (pack_kinds(found), pack_fields(found)) == (kinds, fields)


def test_a_kind_that_changes_its_resource_is_refused() -> None:
    facts = {
        "1.13": MinorFacts({("a/v1", "A"): KindFact("as", True, "")}, {}),
        "1.14": MinorFacts({("a/v1", "A"): KindFact("as", False, "")}, {}),
    }
    with pytest.raises(NotUnderstood, match=r"a/v1\.A"):
        pack_kinds(facts)


def test_betas_are_on_if_they_are_old() -> None:
    assert on_by_default("a/v1", "as", 30, 30)
    assert on_by_default("a/v1beta1", "as", 23, 30)
    assert not on_by_default("a/v1beta1", "as", 24, 30)
    assert not on_by_default("a/v1alpha1", "as", 13, 30)


GO_FILE = """
func (in *Widget) APILifecycleIntroduced() (major, minor int) {
\treturn 1, 8
}
func (in *Widget) APILifecycleDeprecated() (major, minor int) {
\treturn 1, 21
}
func (in *Widget) APILifecycleReplacement() schema.GroupVersionKind {
\treturn schema.GroupVersionKind{Group: "", Version: "v1", Kind: "Crate"}
}
func (in *Widget) APILifecycleRemoved() (major, minor int) {
\treturn 1, 25
}
func (in *WidgetList) APILifecycleIntroduced() (major, minor int) {
\treturn 1, 8
}
"""
WIDGET = ("toys.k8s.io/v1beta1", "Widget")


def test_markers_of_a_module(tmp_path: Path) -> None:
    write_markers(tmp_path)
    found = lifecycle.from_module(tmp_path, "k8s.io/api 0.36", [(WIDGET, "toys.v1beta1.Widget"), (("v1", "Crate"), "")])
    assert found == {
        WIDGET: {
            "introduced": "1.8",
            "deprecated": "1.21",
            "removed": "1.25",
            "replacement": ["v1", "Crate"],
            "source": "k8s.io/api 0.36",
        }
    }


def write_markers(folder: Path) -> None:
    package = folder / "toys" / "v1beta1"
    package.mkdir(parents=True)
    (package / lifecycle.FILE_NAME).write_text(GO_FILE, "utf-8")


def test_newer_markers_win_if_they_differ() -> None:
    def row(removed: str, version: str) -> lifecycle.Row:
        return {"removed": removed, "source": f"k8s.io/api {version}"}

    old, same, new = row("1.25", "0.9"), row("1.25", "0.21"), row("1.26", "0.21")
    assert lifecycle.merge({WIDGET: old}, {WIDGET: new}) == {WIDGET: new}
    assert lifecycle.merge({WIDGET: new}, {WIDGET: old}) == {WIDGET: new}
    assert lifecycle.merge({WIDGET: old}, {WIDGET: same}) == {WIDGET: old}
    assert lifecycle.merge({}, {WIDGET: old}) == {WIDGET: old}


# Fetching, with a `go` that only plays one.


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the `go` of this test serves as modules: `k8s.io/kubernetes@v1.37.0` and so on."""
    served = tmp_path / "modules"
    served.mkdir()
    program = tmp_path / "bin" / "go"
    program.parent.mkdir()
    program.write_text(
        f"""#!/bin/sh
query="$4"
if [ -d "{served}/$query" ]; then
    echo "{{\\"Version\\": \\"${{query#*@}}\\", \\"Dir\\": \\"{served}/$query\\"}}"
else
    echo "{{\\"Error\\": \\"no matching versions for $query\\"}}"
    exit 1
fi
""",
        "utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda _: str(program))
    return served


def test_a_fetched_minor_joins_the_others(folder: Path, modules: Path) -> None:
    minor = next_minor()
    write_module(modules, minor)
    assert generate.main(["--fetch", minor]) == 1
    assert generate.main(["--fetch", minor, "--write"]) == 0
    found = data.stored()
    assert list(found.facts)[-1] == minor
    assert found.origins[minor]["version"] == f"v{minor}.0"
    assert found.facts[minor].kinds[WIDGET] == KindFact("widgets", True, "toys.v1beta1.Widget")
    assert found.markers[WIDGET]["removed"] == "1.25"
    assert {m: found.facts[m] for m in tables.minor_names()} == {m: f for m, f in found.facts.items() if m != minor}
    assert generate.main(["--fetch", minor]) == 0
    assert generate.main([]) == 0


def write_module(modules: Path, minor: str) -> None:
    swagger = modules / f"k8s.io/kubernetes@v{minor}.0" / sources.OPENAPI_IN_MODULE
    swagger.parent.mkdir(parents=True)
    swagger.write_text(json.dumps(document()), "utf-8")
    for name in sources.MARKER_MODULES:
        (modules / f"{name}@v0.{sources.minor_number(minor)}.0").mkdir(parents=True)
    write_markers(modules / f"{sources.MARKER_MODULES[0]}@v0.{sources.minor_number(minor)}.0")


def test_what_can_not_be_fetched(folder: Path, modules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert generate.main(["--fetch", "1.99", "--write"]) == 2
    assert "no matching versions for k8s.io/kubernetes@v1.99.0" in capsys.readouterr().err
    assert generate.main(["--fetch", "latest", "--write"]) == 2
    assert "'latest' is not a release such as 1.37" in capsys.readouterr().err
    write_module(modules, "1.99")
    assert generate.main(["--fetch", "1.99", "--write"]) == 2
    assert f"{next_minor()} is missing" in capsys.readouterr().err
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_without_go(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert generate.main(["--fetch", "1.37"]) == 2
    assert "the `go` command is needed" in capsys.readouterr().err
