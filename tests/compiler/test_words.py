from __future__ import annotations

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

import skel
from skel.compiler.program import build
from skel.compiler.words import command_choices, finder, longest_text, rarest, selector_choices
from skel.engine.run import apply
from skel.language import ast
from tests.engine.making import thing, trace


def selector(text: str) -> ast.Term:
    (rule,) = skel.compile(f"delete({text});").rules
    (command,) = rule.commands
    assert isinstance(command, ast.Delete)
    return command.selector


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('spec.nodeName == "worker-17"', {"worker-17"}),
        ('spec.nodeName in ["worker-1", "worker-2"]', {"worker-1", "worker-2"}),
        ("exists(spec.scaleTargetRef)", {"scaleTargetRef"}),
        ('podSpec.containers[*].image startswith "k8s.gcr.io/"', {"k8s.gcr.io/"}),
        (r'podSpec.containers[*].image =~ "^k8s\.gcr\.io/"', {"k8s.gcr.io/"}),
        ('$r := spec.targetRef | $r.kind == "DaemonSet"', {"targetRef"}),
        ("exists(spec.scaleTargetRef) || exists(spec.jobTemplate)", {"scaleTargetRef", "jobTemplate"}),
        ('spec.volumes[?(@.glusterfs.path != "x")].name == "a"', {"glusterfs"}),
        ("exists(spec.scaleTargetRef) || @t > 5m", None),
        ("!exists(spec.scaleTargetRef)", None),
        ('spec.scaleTargetRef !== "x"', None),
        ("exists(metadata.name)", None),
        ('quantity(spec.scaleTargetRef) > "1"', None),
    ],
)
def test_the_rarest_words_of_a_selector(text: str, words: set[str] | None) -> None:
    found = rarest(selector_choices(selector(text)))
    assert (None if found is None else {word.decode() for word in found}) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('rekey(metadata.labels, "old-name", "new");', {"old-name"}),
        (r'replace(**.image, "k8s\.gcr\.io", "x");', {"k8s.gcr.io"}),
        ("remove(spec.nodeSelector);", {"nodeSelector"}),
        ("modify(spec.nodeSelector.a = 1);", None),
    ],
)
def test_the_rarest_words_of_a_command(text: str, words: set[str] | None) -> None:
    (command,) = skel.compile(text).rules[0].commands
    assert isinstance(command, ast.ObjectCommand)
    found = rarest(command_choices(command))
    assert (None if found is None else {word.decode() for word in found}) == words


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^abc", "abc"),
        ("ab?cd", "cd"),
        (r"^(CRON_)?TZ=[A-Z|]+\s", "TZ="),
        ("a(b(c|d)e)fgh", "fgh"),
        (r"x\(y|z", ""),
        (r"x[(]yz", "yz"),
        (r"a\.b", "a.b"),
        (r"a\dbc", "bc"),
        ("a|b", ""),
        ("(?i)a", ""),
        ("ab+c", "ab"),
        ("a{2}", ""),
    ],
)
def test_the_longest_text_of_a_pattern(pattern: str, text: str) -> None:
    assert longest_text(pattern) == text


@given(st.text("ab.\\|?*+{}2()[]^$d", max_size=8), st.text("ab.2", max_size=8))
def test_each_match_holds_it(pattern: str, text: str) -> None:
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error:
        return
    if compiled.search(text):
        assert longest_text(pattern) in text


@given(st.lists(st.binary(min_size=4, max_size=6), min_size=1, max_size=5), st.binary(max_size=40))
def test_finding_is_finding_bytes(words: list[bytes], data: bytes) -> None:
    assert bool(finder(frozenset(words))(data)) == any(word in data for word in words)


def test_looking_for_words_is_given_up_where_most_objects_have_them() -> None:
    objects = [thing(name=f"a{number}", spec={"nodeName": "worker-1"}) for number in range(300)]
    program = skel.compile('modify(spec.nodeName == "worker-1", spec.nodeName = "worker-2");')
    new, changes = program.apply(trace(*((number, [one], []) for number, one in enumerate(objects))), workers=1)
    assert changes.summary.changed == 300
    assert len(new.events) == 300


def test_rules_that_hold_for_all_are_counted_though_nothing_is_left_to_do() -> None:
    text = """
        modify(kind == "CronJob" && apiVersion == "batch/v1beta1", apiVersion = "batch/v1");
        replace(podSpec.containers[*].image, "^k8s[.]gcr[.]io/", "registry.k8s.io/");
        remove(spec.someRareField);
    """
    objects = [thing("CronJob", f"a{number}", "batch/v1beta1", spec={}) for number in range(3)]
    module = skel.compile(text).module
    counts = []
    for prefilter in (True, False):
        _, changes = apply(build(module, prefilter=prefilter), trace((0, objects, [])), workers=1)
        counts.append([rule.matched for rule in changes.summary.rules])
    assert counts == [[3, 3, 3], [3, 3, 3]]
