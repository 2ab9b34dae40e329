"""SKEL: rehearse a Kubernetes upgrade on a recorded trace.

>>> import skel
>>> program = skel.compile('modify(kind == "CronJob", apiVersion = "batch/v1");')
>>> trace, changes = program.apply(skel.Trace.open("cronjob.sktrace"))
>>> trace.save("out.sktrace")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skel import upgrade
    from skel.engine.change import Change, Changes, ObjectChange
    from skel.engine.summary import Summary
    from skel.language.diagnostic import Diagnostic, SkelError
    from skel.program import Program, compile  # noqa: A004
    from skel.tools.anonymise.run import anonymise
    from skel.tools.secrets import find_secrets
    from skel.trace.differing import diff_traces
    from skel.trace.errors import TraceError
    from skel.trace.merging import merge_traces
    from skel.trace.model import Trace
    from skel.trace.slicing import slice_trace
    from skel.trace.statistics import statistics

__version__ = "0.1.0"

__all__ = [
    "Change",
    "Changes",
    "Diagnostic",
    "ObjectChange",
    "Program",
    "SkelError",
    "Summary",
    "Trace",
    "TraceError",
    "anonymise",
    "compile",
    "diff_traces",
    "find_secrets",
    "merge_traces",
    "slice_trace",
    "statistics",
    "upgrade",
]

_HOMES = {
    "Change": "skel.engine.change",
    "Changes": "skel.engine.change",
    "Diagnostic": "skel.language.diagnostic",
    "ObjectChange": "skel.engine.change",
    "Program": "skel.program",
    "SkelError": "skel.language.diagnostic",
    "Summary": "skel.engine.summary",
    "Trace": "skel.trace.model",
    "TraceError": "skel.trace.errors",
    "anonymise": "skel.tools.anonymise.run",
    "compile": "skel.program",
    "diff_traces": "skel.trace.differing",
    "find_secrets": "skel.tools.secrets",
    "merge_traces": "skel.trace.merging",
    "slice_trace": "skel.trace.slicing",
    "statistics": "skel.trace.statistics",
}


def __getattr__(name: str) -> Any:
    """Names are imported when first used, so that `import skel` and small commands start at once."""
    if name == "upgrade":
        return import_module("skel.upgrade")
    if name not in _HOMES:
        raise AttributeError(f"module 'skel' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
