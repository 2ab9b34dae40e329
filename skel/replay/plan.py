"""What is to be replayed, and how: everything that a person decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from skel.replay.hooks import Hooks
from skel.replay.house import Rooms
from skel.replay.namespaces import PREFIX
from skel.replay.pod_marks import Delays
from skel.replay.retry import Patience
from skel.replay.schedule import Window
from skel.trace.model import Trace

AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Choice:
    """Which objects are played: of these namespaces (all, if there are none), and with these labels."""

    namespaces: tuple[str, ...] = ()
    selector: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """`inputs` are what is replayed as the user named it: a trace, or manifests.

    `simulation` names the root object and stands in a label of everything that the run makes. `at_once`: requests under
    way. `known_cluster`: a cluster is written to without a mark. `cluster` is the one of our own that was asked for by
    name. `source`: the release that the trace is of, if that is known. `choice` is which part of the inputs the trace
    is, `delays` what pods take in simulated time, `interval` simulated seconds between two looks at metrics. `tool` is
    the version of this program, for the record.
    """

    trace: Trace
    simulation: str
    inputs: tuple[str, ...] = ("TRACE",)
    manifests: bool = False
    window: Window = field(default_factory=Window)
    repeat: int = 1
    prefix: str = PREFIX
    at_once: int = AT_ONCE
    fail_fast: bool = False
    keep: bool = False
    known_cluster: bool = False
    cluster: str = ""
    source: str = ""
    choice: Choice = field(default_factory=Choice)
    delays: Delays = field(default_factory=Delays)
    interval: float = 15.0
    hooks: Hooks = field(default_factory=dict)
    hook_files: tuple[str, ...] = ()
    tool: str = ""
    patience: Patience = field(default_factory=Patience)
    rooms: Rooms = field(default_factory=Rooms)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run is: seconds of the trace, of the whole of it, and of the delay; objects done and rejected."""

    time: float
    length: float
    behind: float
    steps: int
    rejected: int
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class Voice:
    """How a run speaks: `tell` for sentences, `show` for progress, called as often as something is done;
    None if nobody looks.
    """

    tell: Callable[[str], None] = lambda _: None
    show: Callable[[Progress], None] | None = None
