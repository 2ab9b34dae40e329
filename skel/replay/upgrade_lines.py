"""What `upgrade.json` in the directory of a run says: the upgrades in the middle of it, and what each changed.

Times are seconds: `t` of the trace since its beginning, `wall` of the run. Lists of objects name at most MOST of them,
counts count all. Namespaces are those of the trace.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct, field

from skel.replay.errors import ReplayError
from skel.storage.store import write_atomically
from skel.trace.errors import TraceError

FILE = "upgrade.json"
SCHEMA_VERSION = 1
MOST = 200


class Named(Struct, frozen=True, rename="camel", omit_defaults=True):
    """An object; what else is said of it depends on the list that it stands in."""

    kind: str
    name: str
    namespace: str = ""
    group: str = ""
    by: tuple[str, ...] = ()
    note: str = ""


class Group(Struct, frozen=True, rename="camel"):
    """Objects of one kind to which the same happened."""

    kind: str
    before: str
    after: str
    objects: int
    named: tuple[Named, ...] = ()


class Away(Struct, frozen=True, rename="camel"):
    """How long a component was away: from its end until the next one of its name answered."""

    component: str
    seconds: float


class Pods(Struct, frozen=True, rename="camel"):
    """What became of the pods of the replay that were there before."""

    before: int = 0
    same: int = 0
    moved: tuple[Named, ...] = ()
    restarted: tuple[Named, ...] = ()
    replaced: tuple[Named, ...] = ()


class Changes(Struct, frozen=True, rename="camel"):
    """What is different behind a hop. Objects of the cluster itself are counted by kind, those of the replay named.

    `read_back`: written in a version that is not served any more, read in another. `vanished`: kinds that are not
    served in any version, with the objects that are stranded in the store. `gone_versions`, `new_versions`: apiVersions
    of kinds that go on. `defaulted`: nobody wrote them, and yet they read differently. `touched`: written by
    somebody else than the replay, status apart.
    """

    read_back: tuple[Group, ...] = ()
    vanished: tuple[Group, ...] = ()
    gone_versions: tuple[Group, ...] = ()
    new_versions: tuple[Group, ...] = ()
    stored_anew: tuple[str, ...] = ()
    defaulted: tuple[Named, ...] = ()
    recreated: tuple[Named, ...] = ()
    touched: tuple[Named, ...] = ()
    lost: tuple[Named, ...] = ()
    status_only: dict[str, int] = field(default_factory=dict)
    of_the_cluster: dict[str, int] = field(default_factory=dict)
    more: int = 0
    pods: Pods = field(default_factory=Pods)
    unread: tuple[str, ...] = ()


class HopLine(Struct, frozen=True, rename="camel", kw_only=True):
    """One upgrade. `asked` is the time of the trace at which it was to begin. In seconds of the run: `gone` is when the
    old API server ended, `answered` when the new one answered, None if they did not. `refused` counts requests
    that found no server in between, and were asked again.
    """

    source: str
    target: str
    asked: float
    t: float
    wall: float
    seconds: float = 0.0
    gone: float | None = None
    answered: float | None = None
    away: tuple[Away, ...] = ()
    refused: int = 0
    changes: Changes | None = None
    error: str = ""


class Warned(Struct, frozen=True, rename="camel"):
    """A warning of the server. `is_new`: no release before sent it."""

    text: str
    times: int
    is_new: bool


class Refusal(Struct, frozen=True, rename="camel"):
    """Requests that one release rejected for one reason, and the rule that explains it."""

    api_version: str
    kind: str
    status: int
    reason: str
    message: str
    requests: int
    is_new: bool
    rule: str | None = None
    fix: str | None = None


class Leg(Struct, frozen=True, rename="camel"):
    """The requests that one release answered."""

    kubernetes: str
    start: float
    end: float | None
    accepted: int = 0
    rejected: int = 0
    unknown: int = 0
    repeated: int = 0
    warnings: tuple[Warned, ...] = ()
    refusals: tuple[Refusal, ...] = ()


class Upgrade(Struct, frozen=True, rename="camel"):
    """The file. `planned` are the hops that were asked for; fewer `hops` than that: the run ended before."""

    planned: tuple[tuple[float, str], ...] = ()
    hops: tuple[HopLine, ...] = ()
    legs: tuple[Leg, ...] = ()
    schema_version: int = SCHEMA_VERSION


def write_upgrade(folder: Path, upgrade: Upgrade) -> None:
    """Whole or not at all. Raises ReplayError."""
    text = msgspec.json.format(msgspec.json.encode(upgrade), indent=2) + b"\n"
    try:
        write_atomically(str(folder / FILE), lambda file: file.writelines([text]))
    except TraceError as error:
        raise ReplayError(error.message, error.hint) from None


def read_upgrade(folder: Path) -> Upgrade | None:
    """What a run says of its upgrades, None if it had none. Raises ReplayError for a damaged file."""
    file = folder / FILE
    try:
        upgrade = msgspec.json.decode(file.read_bytes(), type=Upgrade)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError, ValueError) as error:
        raise ReplayError(f"{file} can't be read: {error}", "was it written by `skel replay`?") from None
    if upgrade.schema_version > SCHEMA_VERSION:
        raise ReplayError(f"{file} has schema version {upgrade.schema_version}; this skel knows {SCHEMA_VERSION}")
    return upgrade
