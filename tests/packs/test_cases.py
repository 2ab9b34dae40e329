"""Files of cases: what they may say, and every mistake at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from skel.packs.cases import Case, read_cases

BEFORE = "before: {kind: Pod, metadata: {name: a}}"


def write(folder: Path, text: str) -> Path:
    file = folder / "x.cases.yaml"
    file.write_text(text, "utf-8")
    return file


def cases(folder: Path, text: str) -> tuple[Case, ...]:
    found, problems = read_cases(write(folder, text))
    assert not problems
    return found


def complaints(folder: Path, text: str) -> list[str]:
    _, problems = read_cases(write(folder, text))
    return [f"{item.span}: {item.code}: {item.message}. {item.hint}".removeprefix(f"{folder}/") for item in problems]


def test_everything_that_a_case_says(tmp_path: Path) -> None:
    (case,) = cases(
        tmp_path,
        f"""
        - name: a case
          {BEFORE}
          after: {{kind: Pod, spec: {{n: 1}}}}
          finding: look
          target: 1.30
          parameters: {{registry: local, count: 3, on: true}}
          others: [{{kind: Secret}}]
          repeatable: false
        """,
    )
    assert case.name == "a case"
    assert case.before == {"kind": "Pod", "metadata": {"name": "a"}}
    assert case.expected.after == ({"kind": "Pod", "spec": {"n": 1}},)
    assert (case.expected.finding, case.expected.error, case.expected.is_whole) == ("look", "", False)
    assert case.target == "1.30"
    assert case.parameters == {"registry": "local", "count": 3, "on": True}
    assert case.others == ({"kind": "Secret"},)
    assert not case.repeatable
    assert not case.is_quiet


@pytest.mark.parametrize(
    ("ending", "after", "is_whole"),
    [
        ("unchanged: true", None, False),
        ("after: null", (), False),
        ("after: ~", (), False),
        ("after: []", (), True),
        ("after: [{kind: Pod}, {kind: Pod}]", ({"kind": "Pod"}, {"kind": "Pod"}), True),
    ],
)
def test_what_may_come_out(tmp_path: Path, ending: str, after: object, is_whole: bool) -> None:
    (case,) = cases(tmp_path, f"- name: a\n  {BEFORE}\n  {ending}\n")
    assert case.expected.after == after
    assert case.expected.is_whole == is_whole
    assert case.is_quiet == (after is None)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            f"- name: a\n  {BEFORE}\n  unchangd: true\n",
            "x.cases.yaml:3:3: PK005: a case has no `unchangd`. did you mean",
        ),
        (f"- name: a\n  {BEFORE}\n", "1:3: PK005: a case needs one of `after`, `unchanged`, `finding`, `error`"),
        (f"- {BEFORE}\n  unchanged: true\n", "1:3: PK005: a case needs `name`"),
        ("- name: a\n  unchanged: true\n", "1:3: PK005: a case needs `before`. the object that the rule meets"),
        (f"- name: a\n  {BEFORE}\n  unchanged: false\n", "3:14: PK005: `unchanged` can only be true. write `after`"),
        (f"- name: a\n  {BEFORE}\n  unchanged: true\n  finding: x\n", "4:12: PK005: `unchanged` and `finding` exclude"),
        (f"- name: a\n  {BEFORE}\n  after: {{kind: A}}\n  error: x\n", "`after` and `error` exclude each other"),
        (f"- name: a\n  {BEFORE}\n  after: word\n", "3:10: PK005: `after` must be an object"),
        ("- name: a\n  before: []\n  unchanged: true\n", "2:11: PK005: `before` must be an object"),
        (f"- name: a\n  {BEFORE}\n  unchanged: true\n  target: latest\n", "4:11: PK005: `target` must be a version"),
        (f"- name: a\n  {BEFORE}\n  unchanged: true\n  parameters: [a]\n", "`parameters` must be a map"),
        (f"- name: a\n  {BEFORE}\n  unchanged: true\n  parameters: {{a: []}}\n", "the parameter `a` must be a text"),
        (f"- name: a\n  {BEFORE}\n  unchanged: true\n  repeatable: maybe\n", "`repeatable` must be true or false"),
        (f"- name: a\n  {BEFORE}\n  unchanged: true\n  others: {{kind: A}}\n", "`others` must be a list"),
        ("name: a\n", "1:1: PK005: cases are a list"),
        ("", "1:1: PK005: cases are a list"),
        ("- a\n", "1:3: PK005: a case is a map"),
        ("- name: a\n  before: {1: 2}\n  unchanged: true\n", "2:12: PK001: the key `1` is no text"),
        ("- name: a\n  name: b\n", "2:3: PK001: the key `name` stands twice"),
        ("- !!python/object:os.system {}\n", "1:3: PK001: the tag `!!python/object:os.system` is refused"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, complaint: str) -> None:
    lines = complaints(tmp_path, text)
    assert any(complaint in line for line in lines), lines


def test_names_are_unique_and_good_cases_stay(tmp_path: Path) -> None:
    text = f"- name: a\n  {BEFORE}\n  unchanged: true\n- name: a\n  {BEFORE}\n  unchanged: true\n- name: b\n"
    found, problems = read_cases(write(tmp_path, text))
    assert [case.name for case in found] == ["a", "a"]
    assert "the name `a` is used twice" in [problem.message for problem in problems]
    assert len(problems) == 3


def test_no_file_no_cases(tmp_path: Path) -> None:
    assert read_cases(tmp_path / "none.cases.yaml") == ((), ())
