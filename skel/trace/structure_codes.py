"""The codes of what contradicts itself in a trace: stable, never used for anything else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

NO_EVENTS, BACK_IN_TIME, NO_OBJECT, NEVER_THERE = "TR101", "TR102", "TR103", "TR104"
OTHER_HASH, NOT_INDEXED, WITHOUT_OBJECT = "TR110", "TR111", "TR112"
ENDS_BEFORE, OWNER_UNKNOWN, LIFETIME_ALONE = "TR120", "TR121", "TR122"
UNTRACKED = "TR130"

_PAGES = {
    NO_EVENTS: (
        "no-events",
        "The trace has no events",
        "There is nothing to replay, and not even a time. The recording was broken off before its first event, or\n"
        "a program dropped all of them.",
    ),
    BACK_IN_TIME: (
        "back-in-time",
        "An event is earlier than the one before it",
        "A replay goes from event to event, and waits as long as lies between them. The clock of the recorder was\n"
        "set back, or events of several traces were put behind each other: `skel trace merge` sorts them.",
    ),
    NO_OBJECT: (
        "no-object",
        "What was recorded is no object of Kubernetes",
        "It is no map, or has no apiVersion or kind that is a text. No API server takes it.",
    ),
    NEVER_THERE: (
        "never-there",
        "An object is deleted that is not there",
        "No event before applies it, or it was deleted already. A replay sends the request all the same, and gets\n"
        "a 404 for an answer. Often the event that applied it is cut off; `skel trace slice` keeps what was there\n"
        "at its start.",
    ),
    OTHER_HASH: (
        "other-hash",
        "The index has another hash than the last spec",
        "The index holds the hash of the last spec that the recorder saw. That may be one that came after the\n"
        "last event; or the objects were changed by a tool that does not know of the index.",
    ),
    NOT_INDEXED: (
        "not-indexed",
        "A tracked object is not in the index",
        "Exports by other tools choose the recorded lifetimes of pods by the index, so those of this object would\n"
        "be lost. Any program that changes the trace with `skel transform` keeps the index; recording again makes\n"
        "a new one.",
    ),
    WITHOUT_OBJECT: (
        "without-object",
        "The index names objects that no event has",
        "They were there while the trace was recorded, and a filter left them out. Nothing depends on them, but\n"
        "their names are in the file.",
    ),
    ENDS_BEFORE: (
        "ends-before",
        "A pod ends before it begins",
        "A recorded lifetime has an end that lies before its start. In a replay such a pod ends at once.",
    ),
    OWNER_UNKNOWN: (
        "owner-unknown",
        "Lifetimes of pods whose owner no event has",
        "Recorded lifetimes are found by the owner of the pods: group, version, kind, namespace and name. Nobody\n"
        "will ask for these. The owner was left out by a filter, or renamed by a tool that does not know of the\n"
        "lifetimes.",
    ),
    LIFETIME_ALONE: (
        "lifetime-alone",
        "A pod begins while its owner is not there",
        "The owner comes later, or was deleted before. The pods of a replay begin when their owner does, so they\n"
        "live at other times than the recorded ones.",
    ),
    UNTRACKED: (
        "untracked",
        "A kind is in the events, but not among the tracked ones",
        "`config.trackedObjects` says where pod templates are and whether lifetimes are recorded. For a kind\n"
        "without an entry there nothing of that is known. Kinds whose pods are at a usual place are recognised\n"
        "all the same.",
    ),
}

NAMES: Mapping[str, str] = MappingProxyType({code: name for code, (name, _, _) in _PAGES.items()})
TITLES: Mapping[str, str] = MappingProxyType({code: title for code, (_, title, _) in _PAGES.items()})


def meaning(code: str) -> str:
    """What a code of this room means, "" for any other."""
    return _PAGES.get(code.upper(), ("", "", ""))[2]
