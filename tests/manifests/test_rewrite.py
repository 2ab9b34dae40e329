"""Changes in files as people write them: what a person sees in the diff, and nothing else."""

from __future__ import annotations

import difflib
import json

import pytest

from skel.manifests.errors import RewriteError
from skel.manifests.rewrite import Patches, rewrite, rewrite_what_can_be
from skel.patch.operations import Add, Copy, Move, Operation, Remove, Replace
from skel.patch.pointer import Pointer, parse_pointer

CRONJOB = """\
# Nightly clean-up.
apiVersion: batch/v1beta1   # since 2019
kind: CronJob

metadata:
  # what people call it
  name: cleanup
  labels: {app: cleanup, "tier": 'back'}
  annotations: {}

spec:
  schedule: '0 3 * * *'
  # stopped for the audit
  suspend: false  # ask Ada

  # -- jobs --

  jobTemplate:
    spec:
      template:
        spec:
          containers:
          # the only one
          - name: main   # first
            image: "registry/cleanup:1"
            args: ["--all", "--force"]
            env:
            - {name: A, value: "1"}
            - name: B
              value: |
                one
                two
          - name: side
            image: side:1
          restartPolicy: Never
# the end
"""
CONTAINERS = "/spec/jobTemplate/spec/template/spec/containers"

INGRESS = """\
apiVersion: networking.k8s.io/v1beta1
kind: Ingress
metadata:
    name: web
spec:
    rules:
      - host: a.example.com
        http:
            paths:
              # everything
              - path: /   # root
                backend:
                    serviceName: web   # the service
                    servicePort: 80
"""
PATH = "/spec/rules/0/http/paths/0"


def at(text: str) -> Pointer:
    return parse_pointer(text)


def add(path: str, value: object) -> Operation:
    return Add(at(path), value)


def remove(path: str) -> Operation:
    return Remove(at(path))


def replace(path: str, value: object) -> Operation:
    return Replace(at(path), value)


def move(source: str, path: str) -> Operation:
    return Move(at(source), at(path))


def diff(before: str, after: str) -> str:
    """The changed lines alone."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


CASES: dict[str, tuple[str, list[Operation], str]] = {
    "a plain word": (CRONJOB, [replace("/apiVersion", "batch/v1")], """\
-apiVersion: batch/v1beta1   # since 2019
+apiVersion: batch/v1   # since 2019"""),
    "quotes stay what they are": (CRONJOB, [
        replace("/spec/schedule", "it's 4"),
        replace(f"{CONTAINERS}/0/image", "registry/cleanup:2"),
        replace("/metadata/labels/tier", "front"),
    ], """\
-  labels: {app: cleanup, "tier": 'back'}
+  labels: {app: cleanup, "tier": 'front'}
-  schedule: '0 3 * * *'
+  schedule: 'it''s 4'
-            image: "registry/cleanup:1"
+            image: "registry/cleanup:2\""""),
    "a text that would read as something else gets quotes": (CRONJOB, [replace("/metadata/name", "on")], """\
-  name: cleanup
+  name: "on\""""),
    "another type": (CRONJOB, [replace("/spec/suspend", None), replace("/spec/schedule", 5)], """\
-  schedule: '0 3 * * *'
+  schedule: 5
-  suspend: false  # ask Ada
+  suspend: null  # ask Ada"""),
    "a key goes with its comments, but not with those of others": (CRONJOB, [remove("/spec/suspend")], """\
-  # stopped for the audit
-  suspend: false  # ask Ada"""),
    "the first key of a map": (CRONJOB, [remove("/metadata/name")], """\
-  # what people call it
-  name: cleanup"""),
    "the first key of the document: the head stays": (CRONJOB, [remove("/apiVersion")], """\
-apiVersion: batch/v1beta1   # since 2019"""),
    "the last key, and the comment at the end stays": (CRONJOB, [remove("/spec")], CRONJOB[
        CRONJOB.index("\nspec:\n") : CRONJOB.index("# the end")
    ]),
    "a key at the end of a map": (CRONJOB, [add("/spec/timeZone", "Etc/UTC"), add("/metadata/namespace", "a")], """\
+  namespace: a
+  timeZone: Etc/UTC"""),
    "maps and lists in the manner of the file": (CRONJOB, [
        add(f"{CONTAINERS}/1/ports", [{"name": "http", "containerPort": 80}, {"name": "x", "list": ["a: b", []]}]),
        add("/metadata/annotations/note", "two\nlines"),
    ], """\
-  annotations: {}
+  annotations:
+    note: |-
+      two
+      lines
+            ports:
+            - name: http
+              containerPort: 80
+            - name: x
+              list:
+              - "a: b"
+              - []"""),
    "into an empty map, as a whole": (CRONJOB, [replace("/metadata/annotations", {"a": "b", "c": "d"})], """\
-  annotations: {}
+  annotations:
+    a: b
+    c: d"""),
    "a text of several lines": (CRONJOB, [replace(f"{CONTAINERS}/0/env/1/value", "one\n\n  three\n")], """\
-                two
+
+                  three"""),
    "a map in flow style": (CRONJOB, [
        remove("/metadata/labels/app"), add("/metadata/labels/new", "x, y"),
        move("/metadata/labels/tier", "/metadata/labels/t"),
    ], """\
-  labels: {app: cleanup, "tier": 'back'}
+  labels: {"t": 'back', new: "x, y"}"""),
    "a list in flow style": (CRONJOB, [remove(f"{CONTAINERS}/0/args/0"), add(f"{CONTAINERS}/0/args/-", "--dry")], """\
-            args: ["--all", "--force"]
+            args: ["--force", "--dry"]"""),
    "nothing is left": (CRONJOB, [
        remove("/metadata/name"), remove("/metadata/labels"), remove("/metadata/annotations"),
        remove(f"{CONTAINERS}/0"), remove(f"{CONTAINERS}/0"),
    ], """\
-metadata:
-  # what people call it
-  name: cleanup
-  labels: {app: cleanup, "tier": 'back'}
-  annotations: {}
+metadata: {}
-          containers:
-          # the only one
-          - name: main   # first
-            image: "registry/cleanup:1"
-            args: ["--all", "--force"]
-            env:
-            - {name: A, value: "1"}
-            - name: B
-              value: |
-                one
-                two
-          - name: side
-            image: side:1
+          containers: []"""),
    "a renamed key keeps its place and all below it": (CRONJOB, [move("/spec/jobTemplate", "/spec/template")], """\
-  jobTemplate:
+  template:"""),
    "the first key of an item": (CRONJOB, [remove(f"{CONTAINERS}/0/name")], """\
-          - name: main   # first
-            image: "registry/cleanup:1"
+          - image: "registry/cleanup:1\""""),
    "an item in between": (CRONJOB, [add(f"{CONTAINERS}/1", {"name": "new", "image": "a:1"})], """\
+          - name: new
+            image: a:1"""),
    "an item at the front": (CRONJOB, [add(f"{CONTAINERS}/0/env/0", {"name": "Z"})], """\
+            - name: Z"""),
    "an item in flow style among others": (CRONJOB, [replace(f"{CONTAINERS}/0/env/0/value", "2")], """\
-            - {name: A, value: "1"}
+            - {name: A, value: "2"}"""),
    "a block becomes a word": (CRONJOB, [replace("/spec/jobTemplate", "x")], "-  jobTemplate:\n" + "\n".join(
        f"-{line}" for line in CRONJOB.splitlines()[18:-1]) + "\n+  jobTemplate: x"),
    "a word becomes a block, and its comment stays": (CRONJOB, [replace("/spec/suspend", {"a": {"b": 1}})], """\
-  suspend: false  # ask Ada
+  suspend: # ask Ada
+    a:
+      b: 1"""),
    "a whole list is written, of which much is the same": (INGRESS, [
        replace("/spec/rules", [{"host": "a.example.com", "http": {"paths": []}}, {"host": "b.example.com"}])
    ], """\
-            paths:
-              # everything
-              - path: /   # root
-                backend:
-                    serviceName: web   # the service
-                    servicePort: 80
+            paths: []
+      - host: b.example.com"""),
    "what moves takes its comment along": (INGRESS, [
        replace("/apiVersion", "networking.k8s.io/v1"),
        add(f"{PATH}/pathType", "ImplementationSpecific"),
        add(f"{PATH}/backend/service", {}),
        move(f"{PATH}/backend/serviceName", f"{PATH}/backend/service/name"),
        add(f"{PATH}/backend/service/port", {}),
        move(f"{PATH}/backend/servicePort", f"{PATH}/backend/service/port/number"),
    ], """\
-apiVersion: networking.k8s.io/v1beta1
+apiVersion: networking.k8s.io/v1
-                    serviceName: web   # the service
-                    servicePort: 80
+                    service:
+                      name: web   # the service
+                      port:
+                        number: 80
+                pathType: ImplementationSpecific"""),
    "a list that is indented": (INGRESS, [add("/spec/tls", [{"hosts": ["a.example.com"]}])], """\
+    tls:
+      - hosts:
+          - a.example.com"""),
    "a copy": (INGRESS, [Copy(at("/metadata"), at("/spec/meta"))], """\
+    meta:
+      name: web"""),
}  # fmt: skip


@pytest.mark.parametrize(("before", "operations", "changed"), CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_diff_shows_only_what_changes(before: str, operations: list[Operation], changed: str, end: str) -> None:
    text = before.replace("\n", end)
    after = rewrite(text, {(1, ()): operations})
    assert after.count("\r") == (after.count("\n") if end == "\r\n" else 0)
    if not changed.startswith(("-", "+")):
        changed = "\n".join(f"-{line}" for line in changed.splitlines())
    assert diff(before, after.replace(end, "\n")) == changed


LIST = """\
kind: List
apiVersion: v1
items:
# first item
- apiVersion: v1
  kind: Pod
  metadata:
    name: a # it
- {apiVersion: v1, kind: Pod}
-   kind: Pod
    apiVersion: v1
"""
STREAM = f"# all of it\n---\n{CRONJOB}---\n# second\n{INGRESS}--- # third\n{LIST}"


def test_other_documents_keep_their_bytes() -> None:
    after = rewrite(STREAM, {(2, ()): [replace("/metadata/name", "new")]})
    assert diff(STREAM, after) == "-    name: web\n+    name: new"


def test_objects_in_a_list_are_changed_in_the_list() -> None:
    patches: Patches = {
        (3, ("items", 0)): [replace("/metadata/name", "b")],
        (3, ("items", 1)): [replace("/apiVersion", "v2"), add("/metadata", {"name": "c"})],
        (3, ("items", 2)): [add("/metadata", {"name": "d"})],
    }
    assert diff(STREAM, rewrite(STREAM, patches)).splitlines() == [
        "-    name: a # it",
        "-- {apiVersion: v1, kind: Pod}",
        "+    name: b # it",
        "+- {apiVersion: v2, kind: Pod, metadata: {name: c}}",
        "+    metadata:",
        "+      name: d",
    ]


def test_objects_are_taken_out() -> None:
    after = rewrite(STREAM, {(1, ()): None, (3, ("items", 0)): None, (3, ("items", 2)): None})
    rest = LIST[: LIST.index("# first")] + "- {apiVersion: v1, kind: Pod}\n"
    assert after == f"---\n# second\n{INGRESS}--- # third\n{rest}"


def test_rewriting_again_changes_nothing() -> None:
    wanted: Patches = {(1, ()): [replace("/apiVersion", "batch/v1"), replace("/spec/suspend", True)]}
    once = rewrite(STREAM, wanted)
    assert rewrite(once, wanted) == once
    assert rewrite(STREAM, {}) == STREAM
    assert rewrite(STREAM, {(1, ()): [replace("/kind", "CronJob")]}) == STREAM


SHARED = """\
base: &base
  image: a:1 # shared
  pull: Always
one: *base
two:
  <<: *base
  name: two
tag: &tag v1
label: *tag
"""


def test_what_is_shared_changes_once_if_all_of_it_changes() -> None:
    places = ("/base/image", "/one/image", "/two/image")
    after = rewrite(SHARED, {(1, ()): [replace(place, "a:2") for place in places]})
    assert diff(SHARED, after) == "-  image: a:1 # shared\n+  image: a:2 # shared"


def test_a_shared_word_is_written_out_where_it_differs() -> None:
    after = rewrite(SHARED, {(1, ()): [replace("/label", "v2")]})
    assert diff(SHARED, after) == "-label: *tag\n+label: v2"


def test_what_a_merge_key_gives_is_overridden_in_its_map() -> None:
    after = rewrite(SHARED, {(1, ()): [replace("/two/image", "a:2")]})
    assert diff(SHARED, after) == "+  image: a:2"


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        ([replace("/one/image", "a:2")], "line 4: `*base` and what it stands for would become different"),
        ([replace("/base/image", "a:2")], "line 4: `*base` and what it stands for would become different"),
        ([remove("/two/pull")], "line 6: `pull` comes from a merge key"),
        ([remove("/base"), remove("/two")], "line 1: the change does not fit into the layout"),
        ([remove("/nothing")], "line 1: the change does not fit what stands here: there is nothing at /nothing"),
    ],
)
def test_what_can_not_be_written_is_an_error_with_a_way_out(operations: list[Operation], message: str) -> None:
    with pytest.raises(RewriteError) as error:
        rewrite(SHARED, {(1, ()): operations})
    assert str(error.value).startswith(message)
    assert error.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "a: &x [*x]\nb: 1\n",
        "a: !!python/name:x y\nb: 1\n",
        "&k b: &x 1\na: *k\n",
        "a: " + "{c: " * 190 + "1" + "}" * 190 + "\nb: 1\n",
    ],
)
def test_what_can_not_be_read_is_not_rewritten(text: str) -> None:
    done = rewrite_what_can_be(text, {(1, ()): [replace("/b", 2), Replace(("a", *["c"] * 190), 2)]})
    assert list(done.errors) == [1]
    assert done.text == text


def test_an_entry_with_a_question_mark_is_left_alone() -> None:
    with pytest.raises(RewriteError, match="line 2: an entry that begins with `\\?`"):
        rewrite("a: 1\n? b\n: 2\n", {(1, ()): [replace("/a", 2)]})


@pytest.mark.parametrize(
    ("text", "operations", "after"),
    [
        ("a: 1", [add("/b", "x\ny\n")], "a: 1\nb: |\n  x\n  y\n"),
        ("a:\n  b: |\n    x", [add("/c", 1), add("/a/d", 2)], "a:\n  b: |-\n    x\n  d: 2\nc: 1"),
        ("a:\n  - b", [add("/a/-", "c")], "a:\n  - b\n  - c"),
        ("a:\nb:   # c\n", [replace("/a", 1), replace("/b", [1])], "a: 1\nb: # c\n  - 1\n"),
        ("{a: 1, b}", [replace("/b", {"c": []}), remove("/a")], "{b: {c: []}}"),
        ("{\n  a: 1, # x\n  b: 2,\n}\n", [add("/c", 3), remove("/a")], "{\n  b: 2,\n  c: 3,\n}\n"),
        ("a: [\n  1,\n  2\n]\n", [remove("/a/0"), add("/a/-", 3)], "a: [\n  2,\n  3\n]\n"),
        ("a: &x\n  b: 1\nc: *x\n", [replace("/a/b", 2), replace("/c/b", 2)], "a: &x\n  b: 2\nc: *x\n"),
        ("a: !!str 12\nb: &q c\nd: *q\n", [replace("/a", "13"), replace("/b", "e"), replace("/d", "e")],
         'a: "13"\nb: &q e\nd: *q\n'),
        ("- a\n- - b\n  - c\n- # d\n  e: f\n", [remove("/1/0"), remove("/0"), add("/1/g", 1)],
         "- - c\n- # d\n  e: f\n  g: 1\n"),
        ("a: >-\n  folded\n  text\nb: |+\n  kept\n\n", [replace("/a", "short"), add("/c", 1)],
         "a: short\nb: |+\n  kept\n\nc: 1\n"),
        ("a: 1\na: 2\nb: 3\n", [replace("/a", 5)], "a: 1\na: 5\nb: 3\n"),
        ("a: 1\na: 2\nb: 3\n", [remove("/a")], "b: 3\n"),
        ("a: ü # é\nb: 😀\n", [replace("/b", "💥"), replace("/a", "\x85")], 'a: "\\x85" # é\nb: 💥\n'),
        ("spec:\n# same column\n- a\n# b\n- b\n", [remove("/spec/0")], "spec:\n# b\n- b\n"),
    ],
)  # fmt: skip
def test_odd_layouts(text: str, operations: list[Operation], after: str) -> None:
    assert rewrite(text, {(1, ()): operations}) == after


@pytest.mark.parametrize("indent", [None, 2, 4, "\t"])
def test_json_keeps_its_indentation(indent: int | str | None) -> None:
    value = {"kind": "List", "items": [{"kind": "Pod", "a": "ü"}, {"kind": "Job"}]}
    text = json.dumps(value, indent=indent) + "\n"
    after = rewrite(text, {(1, ("items", 0)): [replace("/kind", "X")], (1, ("items", 1)): None}, is_json=True)
    assert after == json.dumps({"kind": "List", "items": [{"kind": "X", "a": "ü"}]}, indent=indent) + "\n"


def test_numbers_in_json_keep_their_digits() -> None:
    text = '{"a": 12345678901234567890, "b": 1.50, "c": 1}'
    assert rewrite(text, {(1, ()): [replace("/c", 2)]}) == '{"a": 12345678901234567890, "b": 1.5, "c": 2}'


def test_json_without_spaces_and_with_letters_as_they_are() -> None:
    text = '{"a":"ü","b":[1,2]}{"c":1}'
    assert rewrite(text, {(2, ()): [add("/d", "é")]}) == '{"a":"ü","b":[1,2]}{"c":1,"d":"\\u00e9"}'
    assert rewrite(text, {(1, ()): [remove("/b/0")]}) == '{"a":"ü","b":[2]}{"c":1}'
