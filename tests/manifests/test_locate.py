"""Lines and columns of fields."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skel.manifests.locate import locate
from skel.manifests.reading import read_inputs
from skel.patch.pointer import Pointer, parse_pointer
from tests.manifests.reading import pod, read

TEXT = """\
# head
---
apiVersion: v1
kind: Pod
metadata:
  name: a
  annotations: {a/b: x, "c": y}
spec: &spec
  containers:
  - name: one
    env:
    -   name: A
        value: |
          text
  -
    # about two
    name: two
other: *spec
merged:
  <<: *spec
  name: last
  name: again
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
- {apiVersion: v1, kind: Pod, "metadata": {name: c}}
"""


@pytest.mark.parametrize(
    ("document", "pointer", "place"),
    [
        (0, "", (3, 1)),
        (0, "/kind", (4, 1)),
        (0, "/metadata/name", (6, 3)),
        (0, "/metadata/annotations/a~1b", (7, 17)),
        (0, "/metadata/annotations/c", (7, 25)),
        (0, "/spec/containers/0", (10, 5)),
        (0, "/spec/containers/0/env/0/value", (13, 9)),
        (0, "/spec/containers/1/name", (17, 5)),
        # What is not there stands where it would be.
        (0, "/spec/containers/0/image", (10, 5)),
        (0, "/metadata/labels/app", (5, 1)),
        (0, "/spec/containers/7", (9, 3)),
        # Behind an alias and a merge key: where it is written.
        (0, "/other/containers/0/name", (10, 5)),
        (0, "/merged/containers", (9, 3)),
        (0, "/merged/name", (22, 3)),
        (1, "", (27, 3)),
        (1, "/kind", (28, 3)),
        (2, "/metadata/name", (29, 44)),
    ],
)
def test_a_field_of_yaml(document: int, pointer: str, place: tuple[int, int]) -> None:
    found = read(TEXT)
    assert not [problem for problem in found.problems if problem.is_error]
    assert locate(found.documents[document], parse_pointer(pointer)) == place


@pytest.mark.parametrize(
    ("pointer", "shown"),
    [
        (("metadata", "name"), '"name"'),
        (("spec", "ports", 1), "{"),
        (("spec", "ports", 1, "x"), '"x"'),
        (("spec", "gone"), '"spec"'),
        (("spec", "ports", 9), '"ports"'),
        (("spec", "ports", "a"), '"ports"'),
        ((), "{"),
    ],
)
@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_a_field_of_json(pointer: Pointer, shown: str, indent: int | str | None) -> None:
    pods = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "spec": {'a\\"😀': "{", "ports": [1, {"x": []}]},
            "metadata": {"name": name},
        }
        for name in "ab"
    ]  # fmt: skip
    text = json.dumps({"kind": "List", "apiVersion": "v1", "items": pods}, indent=indent)
    line, column = locate(read(text).documents[1], pointer)
    assert text.splitlines()[line - 1][column - 1 :].startswith(shown)


def test_a_file_that_changed_or_went_since(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(pod("a", spec="{a: 1}"))
    [document] = read_inputs([str(file)]).documents
    assert locate(document, ("spec",)) == (4, 1)
    file.write_text("# more\n" + pod("a", spec="{a: 1}"))
    assert locate(document, ("spec",)) == (5, 1)
    file.write_text("a: [")
    assert locate(document, ("spec",)) == (1, 1)
    file.unlink()
    assert locate(document, ("spec",)) == (1, 1)
