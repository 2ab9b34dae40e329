"""Streams of documents: what is an object, where it stands, and what is said of the rest."""

from __future__ import annotations

import json

import pytest

from skel.manifests import limits
from tests.manifests.kubectl import kubectl_reads
from tests.manifests.reading import names, objects, pod, read, said


def test_documents_are_read_in_order_with_their_lines() -> None:
    found = read(f"# head\n{pod('a')}---\n{pod('b')}--- # third\n# about c\n\n{pod('c')}")
    assert names(found) == ["a", "b", "c"]
    assert [(it.number, it.line, it.file) for it in found.documents] == [
        (1, 2, "standard input"),
        (2, 6, "standard input"),
        (3, 12, "standard input"),
    ]
    assert not found.problems
    assert found.files == 1


@pytest.mark.parametrize(
    "text",
    [
        pod("a").replace("\n", "\r\n"),
        "\ufeff" + pod("a"),
        "%YAML 1.1\n---\n" + pod("a"),
        "---\n---\n\n# nothing\n---\n" + pod("a") + "---\n---\n",
        "\n\n--- \n" + pod("a") + "...\n",
        '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}',
        "{apiVersion: v1, kind: Pod, metadata: {name: a}}",
        ' \n{\n\t"apiVersion": "v1",\n\t"kind": "Pod",\n\t"metadata": {"name": "a"}}\n',
    ],
)
def test_each_of_these_is_one_pod(text: str) -> None:
    found = read(text)
    assert names(found) == ["a"]
    assert not found.problems
    assert found.documents[0].number == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read_by_its_mark(encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"
    assert names(read((mark + pod("ü")).encode(encoding))) == ["ü"]


def test_nothing_is_no_problem() -> None:
    for text in ("", "\n", "# only a comment\n", "---\n---\n", "\ufeff"):
        assert not read(text).documents
        assert not read(text).problems


def test_a_list_is_taken_apart_and_its_items_keep_their_places() -> None:
    found = read(
        "apiVersion: v1\nkind: List\nitems:\n"
        "- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n"
        "- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Pod, metadata: {name: b}}\n"
        "- null\n"
    )
    assert names(found) == ["a", "b"]
    assert [(it.path, it.line) for it in found.documents] == [(("items", 0), 4), (("items", 1, "items", 0), 7)]
    assert said(found) == ["standard input:1: error: items[2] of this list is no object"]


def test_items_of_a_typed_list_are_what_the_list_says() -> None:
    text = "apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- metadata: {name: a}\n"
    found = read(text)
    assert objects(found) == [{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}}]
    assert found.documents[0].implied


def test_empty_lists_and_kinds_that_only_sound_like_lists() -> None:
    assert not read("apiVersion: v1\nkind: List\nitems: []\n").documents
    assert not read("apiVersion: v1\nkind: PodList\nitems:\n").problems
    assert names(read("apiVersion: x/v1\nkind: AllowList\nmetadata: {name: a}\nspec: {items: [1]}\n")) == ["a"]


def test_what_kubectl_prints_as_json_is_read_with_lines() -> None:
    items = [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}} for name in "ab"]
    text = json.dumps({"apiVersion": "v1", "items": items, "kind": "List"}, indent=4)
    found = read(text)
    assert names(found) == ["a", "b"]
    assert [text.splitlines()[it.line - 1] for it in found.documents] == ["        {", "        {"]
    assert [it.line for it in found.documents] == [4, 11]


def test_json_documents_stand_one_behind_the_other() -> None:
    one, two = ({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "n": 1.0} for name in "ab")
    found = read(json.dumps(one) + "\n" + json.dumps(two) + "\n{broken")
    assert names(found) == ["a", "b"]
    assert objects(found)[0]["n"] == 1
    assert said(found) == [
        "standard input:3:2: error: this is not JSON: expecting property name enclosed in double quotes"
    ]


def test_a_broken_document_among_others_is_one_problem() -> None:
    good = [pod(f"p{number}") for number in range(1000)]
    text = "---\n".join([*good[:500], "apiVersion: v1\nkind: Pod\n  metadata: {}\n", *good[500:]])
    found = read(text)
    assert len(found.documents) == 1000
    [problem] = found.problems
    assert problem.is_error
    assert (problem.location.line, problem.location.column) == (2003, 11)
    assert "indented" in problem.message


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a: b: c", "1:5", "a `:` where none is expected"),
        ("a:\n\tb: c", "2:1", "a tab: YAML is indented with spaces"),
        ("a: @b", "1:4", "a value can't begin with `@`: put it in quotes"),
        ("a: [1,\n", "1:7", "something is not closed"),
        ("a: [1\nb: 2", "1:4", "the closing `]` of this list is missing"),
        ('a: "b\n', "1:4", "a quote is not closed"),
        ("a: *b", "1:4", "nothing before it has the anchor `&b`"),
        ("a: &x [*x]", "1:8", "stands inside of what `&x` names"),
        ("a: {[b]: c}", "1:5", "can't be a key"),
        ("a: {~: c}", "1:5", "put it in quotes"),
        ("a: .inf", "1:4", "no number that JSON has"),
        ("a: x\x07", "1:5", "control character"),
        ("a: !!int x", "1:4", "can't be read as `!!int`"),
        ("a: !!binary '*'", "1:4", "needs base64"),
        ("<<: [1]", "1:6", "takes a map"),
        ("a: !!python/object/apply:os.system [ls]", "1:4", "asks for a Python object: nothing is built"),
        ("a: !!python/name:os.system x", "1:4", "asks for a Python object: nothing is built"),
        ("a: " + "[" * 300, "1:", "nested deeper than 200 levels"),
        ("a: " + "{b: " * 250 + "}" * 250, "1:", "nested deeper than 200 levels"),
        ("a: ü\udce4", "1:5", "0xe4 is no UTF-8"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, place: str, message: str) -> None:
    found = read(("kind: Pod\napiVersion: v1\n" + text).encode("utf-8", "surrogateescape"))
    [problem] = said(found)
    line, column = place.split(":")
    assert problem.startswith(f"standard input:{int(line) + 2}:{column}")
    assert "error: " in problem
    assert message in problem
    assert not found.documents


def test_a_key_that_stands_twice_is_a_warning_and_the_last_one_counts() -> None:
    found = read(pod("a", spec="{x: 1, x: 2}") + "kind: Pod\n")
    assert objects(found)[0]["spec"] == {"x": 2}
    last = "as for kubectl, the last one counts"
    assert said(found) == [
        f"standard input:4:14: warning: `x` stands twice in one map, first in line 4; {last}",
        f"standard input:5:1: warning: `kind` stands twice in one map, first in line 2; {last}",
    ]


def test_a_key_that_stands_twice_in_json() -> None:
    found = read('{"apiVersion": "v1", "kind": "Pod",\n"metadata": {"name": "a"},\n"metadata": {"name": "b"}}')
    assert names(found) == ["b"]
    assert [it.location.line for it in found.problems] == [3]
    assert not found.problems[0].is_error


SAME_AS_KUBECTL = [
    ("base: &b {x: 1, z: 2}\nspec: *b", {"x": 1, "z": 2}),
    ("base: &b {x: 1, z: 2}\nspec: {<<: *b, x: 3}", {"x": 3, "z": 2}),
    # What stands later counts, the merge key as well: so does go-yaml v2, and kubectl with it.
    ("base: &b {x: 1, z: 2}\nspec: {x: 3, <<: *b}", {"x": 1, "z": 2}),
    ("b: &b {x: 1}\nc: &c {x: 2, z: 2}\nspec: {<<: [*b, *c]}", {"x": 1, "z": 2}),
    ("spec: {'<<': 1}", {"<<": 1}),
    ("spec: [&a x, *a, &a z, *a]", ["x", "x", "z", "z"]),
    ("spec: {a: !!str 12, b: ! 12, c: !!int '12', d: !!float 3, e: !!binary aGk=, f: !foo x, g: !!null ''}",
     {"a": "12", "b": "12", "c": 12, "d": 3, "e": "hi", "f": "x", "g": None}),
    ("spec: !!set {a, b}", {"a": None, "b": None}),
    ("spec: {1: a, on: b, 1.5: c}", {"1": "a", "true": "b", "1.5": "c"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), SAME_AS_KUBECTL)
def test_anchors_tags_and_odd_keys_mean_what_they_mean_for_kubectl(text: str, value: object) -> None:
    found = read(pod("a") + text)
    assert objects(found)[0]["spec"] == value
    assert not found.problems


@pytest.mark.parametrize(("text", "value"), SAME_AS_KUBECTL)
def test_kubectl_agrees(text: str, value: object) -> None:
    assert kubectl_reads(pod("a").replace("Pod", "ConfigMap") + text)["spec"] == value


def test_aliases_that_would_fill_the_memory_are_refused() -> None:
    lines = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    found = read(pod("a") + "a0: &a0 [x, x]\n" + "\n".join(lines))
    assert not found.documents
    assert f"more than {limits.ALIASED} values" in found.problems[0].message


def test_aliases_do_not_nest_deeper_than_the_limit() -> None:
    deep = "[" * 150
    found = read(pod("a") + f"a: &a {deep}{deep.replace('[', ']')}\nb: {deep}*a{deep.replace('[', ']')}\n")
    assert "nested deeper" in found.problems[0].message


def test_what_is_no_object_is_counted_and_said_quietly() -> None:
    found = read("replicas: 3\n---\n- op: add\n---\njust text\n---\napiVersion: v2\nname: chart\n")
    assert not found.documents
    assert not found.problems
    [note] = found.not_checked
    assert (note.what, note.count) == ("other documents", 4)


def test_an_object_without_kind_is_a_warning() -> None:
    found = read("apiVersion: v1\nmetadata: {name: a}\n---\nkind: Pod\nmetadata: {name: b}\n")
    assert said(found) == [
        "standard input:1: warning: has no `kind`, so it is not checked",
        "standard input:4: warning: has no `apiVersion`, so it is not checked",
    ]


def test_a_kustomization_is_not_for_the_cluster() -> None:
    found = read("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n")
    assert not found.documents
    assert [(it.what, it.count) for it in found.not_checked] == [("kustomizations", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n",
        "{{- if .Values.on }}\napiVersion: v1\nkind: Pod\n{{- end }}\n",
        'apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    {{- include "a.labels" . | nindent 4 }}\n',
        "apiVersion: v1\nkind: Pod\nargs:\n- {{ .Values.arg }}\n- x: {{ y }}: z\n",
    ],
)
def test_a_template_is_told_to_be_rendered_first(text: str) -> None:
    found = read(text + "---\n" + pod("b"))
    assert names(found) == ["b"]
    assert not found.problems
    [note] = found.not_checked
    assert (note.what, note.count) == ("Helm templates", 1)
    assert "helm template" in note.reason


def test_braces_in_a_text_do_not_excuse_a_broken_document() -> None:
    found = read(pod("a", text="'{{ $labels.instance }} is down'") + "  broken: true\n")
    assert len(found.problems) == 1
    assert not found.not_checked


def test_an_object_beyond_what_messagepack_holds_is_a_problem() -> None:
    found = read('{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "\\ud800"}}')
    assert not found.documents
    assert len(found.problems) == 1
