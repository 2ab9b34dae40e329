"""What a step of a scenario does: one frozen class an action, its `word` is the key in the file.

`is_legal` says whether a correct API server and network could do it. What is illegal needs `--illegal` and marks the
verdict. `is_fault` tells faults, which are lifted at the end, from what users do. The first field is the one that the
short form sets: `hold: pods` is `hold: {resource: pods}`. Annotations are the sentences of the JSON Schema.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from skel.patch.values import Json

EVERY = "*"
"""A resource that stands for all of them."""
DURATION = "duration"
Seconds = Annotated[float, DURATION]
"""Written as `301s`, `5m` or `24h`."""


@dataclass(frozen=True, slots=True)
class _Fault:
    is_legal: ClassVar[bool] = True
    is_fault: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class _Illegal:
    is_legal: ClassVar[bool] = False
    is_fault: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class _Use:
    """What a user or a neighbour of the component may do at any time."""

    is_legal: ClassVar[bool] = True
    is_fault: ClassVar[bool] = False


# --- watch streams


@dataclass(frozen=True, slots=True)
class Hold(_Fault):
    """Deliver nothing more on the watches of a resource, in order, until `release`; new watches are held as well."""

    word: ClassVar[str] = "hold"
    resource: Annotated[str, "plural name, `pods`; `*` for all"]
    agent: Annotated[str, "only streams whose User-Agent contains this"] = ""


@dataclass(frozen=True, slots=True)
class Release(_Fault):
    """Deliver what was held, in order, and hold no more."""

    word: ClassVar[str] = "release"
    resource: Annotated[str, "plural name; `*` for all"]


@dataclass(frozen=True, slots=True)
class Credit(_Fault):
    """Let some held frames through and keep holding: a slow watch, not a dead one."""

    word: ClassVar[str] = "credit"
    resource: Annotated[str, "plural name"]
    frames: Annotated[int, "how many"] = 1


@dataclass(frozen=True, slots=True)
class Delay(_Fault):
    """Deliver each frame of a resource only once so many later ones have come: a watch that lags behind."""

    word: ClassVar[str] = "delay"
    resource: Annotated[str, "plural name"]
    frames: Annotated[int, "how far it lags, in frames"] = 1


@dataclass(frozen=True, slots=True)
class Disconnect(_Fault):
    """End the watches of a resource; the component watches again from where it was."""

    word: ClassVar[str] = "disconnect"
    resource: Annotated[str, "plural name; `*` for all"]


@dataclass(frozen=True, slots=True)
class Expire(_Fault):
    """Answer the next watch of a resource with 410 Gone: the component has to list again."""

    word: ClassVar[str] = "expire"
    resource: Annotated[str, "plural name"]


@dataclass(frozen=True, slots=True)
class StaleList(_Fault):
    """Answer lists of a resource at resourceVersion 0 with the state at this moment, as a lagging watch cache may."""

    word: ClassVar[str] = "staleList"
    resource: Annotated[str, "plural name"]


# --- requests


@dataclass(frozen=True, slots=True)
class Lose(_Fault):
    """The server does it, the answer is lost: the component gets an error for what was done."""

    word: ClassVar[str] = "lose"
    resource: Annotated[str, "plural name, or `pods/status`"]
    verb: Annotated[str, "method"] = "POST"
    times: Annotated[int, "how many of the next ones"] = 1
    status: Annotated[int, "what the component gets instead; 0 for a broken connection"] = 504


@dataclass(frozen=True, slots=True)
class Fail(_Fault):
    """The request never comes to the server: the component gets this answer."""

    word: ClassVar[str] = "fail"
    resource: Annotated[str, "plural name, or `pods/status`"]
    verb: Annotated[str, "method; `*` for all"] = "POST"
    times: Annotated[int, "how many of the next ones"] = 1
    status: Annotated[int, "429, 500, 503..., or 0 for a broken connection"] = 503
    retry_after: Annotated[int, "seconds of the header Retry-After; 0 for none"] = 0


@dataclass(frozen=True, slots=True)
class SlowBody(_Fault):
    """Send half of the next answer to a list, and the rest after the next step."""

    word: ClassVar[str] = "slowBody"
    resource: Annotated[str, "plural name"]


# --- the component and its clock


@dataclass(frozen=True, slots=True)
class Advance(_Fault):
    """Move the clock of a component on; its timers fire at once. For `*` time passes for all, which is no fault."""

    word: ClassVar[str] = "advance"
    seconds: Annotated[Seconds, "how far: `301s`, `5m`, `24h`"]
    component: Annotated[str, "whose; empty for the target, `*` for all"] = ""


@dataclass(frozen=True, slots=True)
class Rate(_Fault):
    """Let the clock of the component run faster or slower."""

    word: ClassVar[str] = "rate"
    factor: Annotated[float, "1 is real time"]


@dataclass(frozen=True, slots=True)
class Pause(_Fault):
    """Stop the process (SIGSTOP) until `resume`."""

    word: ClassVar[str] = "pause"
    component: Annotated[str, "whom; empty for the target"] = ""


@dataclass(frozen=True, slots=True)
class Resume(_Fault):
    """Let a paused process go on."""

    word: ClassVar[str] = "resume"
    component: Annotated[str, "whom; empty for the target"] = ""


@dataclass(frozen=True, slots=True)
class Kill(_Fault):
    """End the process without warning (SIGKILL); `restart` starts it again, and so does the end of the steps."""

    word: ClassVar[str] = "kill"
    component: Annotated[str, "whom; empty for the target"] = ""


@dataclass(frozen=True, slots=True)
class Restart(_Fault):
    """End the process if it runs, and start it again with an empty cache."""

    word: ClassVar[str] = "restart"
    component: Annotated[str, "whom; empty for the target"] = ""


# --- what a correct server can't do


@dataclass(frozen=True, slots=True)
class Drop(_Illegal):
    """Lose frames inside of a stream that goes on."""

    word: ClassVar[str] = "drop"
    resource: Annotated[str, "plural name"]
    frames: Annotated[int, "how many of the next ones"] = 1


@dataclass(frozen=True, slots=True)
class Reorder(_Illegal):
    """Deliver the next frames in reverse."""

    word: ClassVar[str] = "reorder"
    resource: Annotated[str, "plural name"]
    frames: Annotated[int, "how many of the next ones"] = 2


# --- what users do; all objects are those of the trial's namespace, or of the cluster


@dataclass(frozen=True, slots=True)
class Touch(_Use):
    """Change an annotation, so that controllers look at the object. Without a name: all of that kind."""

    word: ClassVar[str] = "touch"
    kind: Annotated[str, "`ReplicaSet`"]
    name: Annotated[str, "empty for all of that kind"] = ""


@dataclass(frozen=True, slots=True)
class Scale(_Use):
    """Write `spec.replicas`."""

    word: ClassVar[str] = "scale"
    kind: Annotated[str, "`ReplicaSet`"]
    name: Annotated[str, "of the object"]
    replicas: Annotated[int, "new `spec.replicas`"]


@dataclass(frozen=True, slots=True)
class Apply(_Use):
    """Create the object, or change what of it is named here (merge patch, JSON Merge Patch of RFC 7396)."""

    word: ClassVar[str] = "apply"
    manifest: Annotated[Json, "an object with apiVersion, kind and metadata.name"]
    subresource: Annotated[str, "`status` to write there"] = ""


@dataclass(frozen=True, slots=True)
class Delete(_Use):
    """Delete an object."""

    word: ClassVar[str] = "delete"
    kind: Annotated[str, "`ReplicaSet`"]
    name: Annotated[str, "of the object"]
    propagation: Annotated[str, "Background, Foreground or Orphan"] = "Background"


@dataclass(frozen=True, slots=True)
class DeletePod(_Use):
    """Delete a pod at once (grace period 0), named by owner and ordinal of creation: `ReplicaSet/rs#1` is the first."""

    word: ClassVar[str] = "deletePod"
    owner: Annotated[str, "`ReplicaSet/rs`"]
    ordinal: Annotated[int, "from 1, in the order of creation; of those that still exist"] = 1


@dataclass(frozen=True, slots=True)
class Evict(_Use):
    """Ask for the eviction of a pod, which its disruption budget may refuse."""

    word: ClassVar[str] = "evict"
    owner: Annotated[str, "`ReplicaSet/rs`"]
    ordinal: Annotated[int, "from 1, in the order of creation; of those that still exist"] = 1


@dataclass(frozen=True, slots=True)
class SetPhase(_Use):
    """Write the phase of a pod, as its kubelet would; for worlds without one."""

    word: ClassVar[str] = "setPhase"
    owner: Annotated[str, "`Job/work`"]
    phase: Annotated[str, "Running (and ready), Succeeded or Failed"] = "Succeeded"
    ordinal: Annotated[int, "from 1, in the order of creation; 0 for all that exist"] = 0


@dataclass(frozen=True, slots=True)
class Settle(_Use):
    """Do nothing but wait until the component has come to rest."""

    word: ClassVar[str] = "settle"


Action = (
    Hold
    | Release
    | Credit
    | Delay
    | Disconnect
    | Expire
    | StaleList
    | Lose
    | Fail
    | SlowBody
    | Advance
    | Rate
    | Pause
    | Resume
    | Kill
    | Restart
    | Drop
    | Reorder
    | Touch
    | Scale
    | Apply
    | Delete
    | DeletePod
    | Evict
    | SetPhase
    | Settle
)
ACTIONS: tuple[type[Action], ...] = (
    *(Hold, Release, Credit, Delay, Disconnect, Expire, StaleList, Lose, Fail, SlowBody),
    *(Advance, Rate, Pause, Resume, Kill, Restart, Drop, Reorder),
    *(Touch, Scale, Apply, Delete, DeletePod, Evict, SetPhase, Settle),
)
"""In the order of the docs."""
