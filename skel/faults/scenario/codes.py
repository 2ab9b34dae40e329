"""What can be wrong with a scenario: the codes of its complaints, in the form of those of the language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from skel.language.codes import Code
from skel.language.diagnostic import Severity

UNREADABLE = Code("FT001")
FORM = Code("FT002")
CLOCK_TRIGGER = Code("FT003")
ILLEGAL = Code("FT004")
UNKNOWN_RESOURCE = Code("FT005")
UNKNOWN_ORACLE = Code("FT006")
NEVER_RELEASED = Code("FT007", Severity.WARNING)
CANNOT_OCCUR = Code("FT008", Severity.WARNING)
NOTHING_HELD = Code("FT009", Severity.WARNING)
NO_TOUCH = Code("FT010", Severity.WARNING)
UNKNOWN_OBJECT = Code("FT011", Severity.WARNING)
NO_FAULT = Code("FT012", Severity.WARNING)

_PAGES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "FT001": (
            "a scenario can't be read",
            "A scenario is one document of plain YAML in UTF-8: no key twice, no merge keys, no tags that build\n"
            "objects.",
        ),
        "FT002": (
            "something is wrong in a scenario",
            "It has a name and steps, each with `do:` and one action, and perhaps `when:` with one trigger. The JSON\n"
            "Schema (`skel fault schema`) says what else there may be.",
        ),
        "FT003": (
            "a step waits for time",
            "Steps wait for what happens: an event on a watch, a request of the component, or the rest after the step\n"
            "before. What happens after five seconds differs from run to run and from machine to machine, so a run\n"
            "could never be repeated. To let time pass for the component, move its clock: `do: {advance: 5s}`.",
        ),
        "FT004": (
            "a fault that no correct server makes",
            "To drop or to reorder frames inside of a watch breaks what the API server promises. No controller has to\n"
            "survive it, so what it breaks is no defect of the controller. `--illegal` runs it, and marks the verdict.",
        ),
        "FT005": (
            "a resource that nobody serves",
            "Faults name resources by their plural: `pods`, `replicasets`. A fault on a name that does not exist\n"
            "never does anything, and the run passes for the wrong reason.",
        ),
        "FT006": ("an oracle that is not known", "`skel fault list --oracles` shows those that are."),
        "FT007": (
            "a hold that is never released",
            "Liveness is asked once all faults are lifted; the end of the steps does that by itself. A `release` as a\n"
            "step of its own shows in the history what the component does when it sees again what it had missed.",
        ),
        "FT008": (
            "a trigger that can't occur",
            "Nothing in the setup or in a step before makes such an event, or the resource is held already. The run\n"
            "would end as never triggered.",
        ),
        "FT009": ("nothing is held there", "A `release` or a `credit` needs a `hold` of the same resource before it."),
        "FT010": (
            "nothing looks at the object once time has passed",
            "Nothing requeues a ReplicaSet when its expectations expire: the clock moves, no event comes, the\n"
            "controller never looks, and the test passes falsely. A `touch`, a `credit` or another change has to\n"
            "follow an `advance`.",
        ),
        "FT011": (
            "an object that nobody makes",
            "Neither the setup nor a step before makes an object of that kind and name.",
        ),
        "FT012": ("a scenario without a fault", "It only shows what the component does on a good day: a control run."),
    }
)

TITLES: Mapping[str, str] = MappingProxyType({code: title for code, (title, _) in _PAGES.items()})


def meaning(code: str) -> str:
    """What a code of this room means, "" for any other."""
    return _PAGES.get(code.upper(), ("", ""))[1]
