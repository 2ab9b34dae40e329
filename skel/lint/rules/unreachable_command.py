"""SK112 unreachable-command: what stands before leaves nothing for a command.

An earlier command deletes every object that this one selects, or gives another value to what it tests: behind
`modify(kind == "CronJob" && apiVersion == "batch/v1beta1", apiVersion = "batch/v1")` no CronJob is a v1beta1 any more.
What still needs the old value must stand before, or in a `when`, whose selector is tested once.
"""

from __future__ import annotations

from skel.language.codes import Code
from skel.language.diagnostic import Label, Severity
from skel.lint.file import File
from skel.lint.logic import impossible
from skel.lint.rule import Bad, Found
from skel.lint.sequence import MOST_STEPS, leaves_nothing
from skel.lint.step import first_line

CODE, NAME = Code("SK112", Severity.WARNING), "unreachable-command"
OK = (
    'delete(kind == "Pod");\ndelete(kind == "Job");',
    'delete(kind == "Pod");\nmodify(kind == "Job", kind = "Pod");\nremove(kind == "Pod", status);',
    'when apiVersion == "a/v1" { modify(apiVersion = "a/v2"); remove(spec.old); }',
    'remove(apiVersion == "a/v1", spec.old);\nmodify(apiVersion == "a/v1", apiVersion = "a/v2");',
    "remove(status);\nremove(status.phase);",
    'modify(apiVersion == "a/v1", apiVersion = "a/v2");\nmodify(apiVersion == "a/v2", apiVersion = "a/v3");',
)
BAD = (
    Bad("delete(*);\nremove(status);", at="remove(status);"),
    Bad(
        'delete(kind == "Pod");\nremove(kind == "Pod" && metadata.name == "a", status);',
        at='remove(kind == "Pod" && metadata.name == "a", status);',
    ),
    Bad('delete(kind in ["Pod", "Job"]);\nremove(kind == "Job", status);', at='remove(kind == "Job", status);'),
    Bad(
        'modify(apiVersion == "a/v1", apiVersion = "a/v2");\nremove(apiVersion == "a/v1", spec.old);',
        at='remove(apiVersion == "a/v1", spec.old);',
    ),
    Bad("remove(status);\nremove(exists(status.phase), spec.a);", at="remove(exists(status.phase), spec.a);"),
)


def check(file: File) -> Found:
    for steps in file.sequences:
        for late, step in enumerate(steps):
            if not step.is_own or impossible(step.held) is not None:
                continue
            before = range(late - 1, max(-1, late - MOST_STEPS), -1)
            early = next((number for number in before if leaves_nothing(steps, number, late)), None)
            if early is not None:
                labels = (Label(first_line(steps[early].span), "this leaves none of its objects"),)
                yield CODE.at(first_line(step.span), "this command has nothing to do", "it never runs", labels=labels)
