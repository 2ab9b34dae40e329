"""What a PodDisruptionBudget promises: no eviction is allowed that leaves fewer healthy pods than it wants."""

from __future__ import annotations

from typing import ClassVar

from skel.faults import objects
from skel.faults.oracles.oracle import Broken, Found, Oracle
from skel.faults.oracles.owned_pods import share
from skel.faults.oracles.state import Change, State
from skel.patch.values import Json


class DisruptionBudget(Oracle):
    """The API server writes each eviction that it allows into the status of the budget: that is when it is asked."""

    name: ClassVar[str] = "disruption-budget"
    about: ClassVar[str] = "no eviction leaves fewer healthy pods than a PodDisruptionBudget wants"

    def see(self, change: Change, state: State) -> Found:
        if change.kind != "PodDisruptionBudget" or change.before is None:
            return
        budget = change.object
        allowed = _disrupted(budget) - _disrupted(change.before)
        if not allowed:
            return
        pods = [pod for pod in state.all("Pod") if selects(budget, pod)]
        healthy = sum(_counts(pod, _disrupted(budget)) for pod in pods)
        wanted = _wanted(budget, max(len(pods), objects.status(budget).get("expectedPods", 0)))
        if healthy < wanted:
            yield Broken(
                budget, f"an eviction is allowed that leaves {healthy} healthy pods, where {wanted} are wanted"
            )


def _disrupted(budget: Json) -> set[str]:
    return set(objects.status(budget).get("disruptedPods") or ())


def _counts(pod: Json, disrupted: set[str]) -> bool:
    return objects.is_active(pod) and objects.is_ready(pod) and objects.name(pod) not in disrupted


def _wanted(budget: Json, expected: int) -> int:
    said = objects.spec(budget)
    if "maxUnavailable" in said:
        return max(expected - share(said["maxUnavailable"], expected, up=True), 0)
    return share(said.get("minAvailable", 1), expected, up=True)


def selects(budget: Json, pod: Json) -> bool:
    """Whether the labels of a pod fit the selector of a budget."""
    selector = objects.section(budget, "spec", "selector")
    labels = objects.section(pod, "metadata", "labels")
    wanted = selector.get("matchLabels") or {}
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _fits(labels.get(term.get("key")), term) for term in selector.get("matchExpressions") or ()
    )


def _fits(value: str | None, term: Json) -> bool:
    values = term.get("values") or ()
    match term.get("operator"):
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case _:
            return value is None
