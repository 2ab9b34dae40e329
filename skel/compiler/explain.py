"""The plan of a program, told before any trace is seen."""

from __future__ import annotations

from collections.abc import Iterator

from skel.compiler.plan import ObjectPhase, Open, Plan, Step, TracePhase
from skel.language import ast
from skel.patch.values import Json

SCHEMA_VERSION = 1

_OPERATIONS: dict[type, str] = {
    ast.Delete: "remove object",
    ast.Remove: "remove",
    ast.Modify: "add or replace",
    ast.Append: "add",
    ast.Merge: "add, replace, remove",
    ast.Rename: "move",
    ast.Rekey: "move",
    ast.Replace: "replace",
    ast.Transfer: "remove, add or replace",
    ast.Require: "finding",
    ast.Deny: "finding",
    Open: "open block",
    ast.Insert: "insert object",
    ast.Drop: "drop events",
    ast.Shift: "shift times",
    ast.Scale: "scale times",
    ast.Clone: "clone objects",
}


def plan_json(plan: Plan) -> dict[str, Json]:
    """The plan as data: rules, and for each its steps with kinds, reads, writes and operations.

    `segment` counts up after each step that may change `apiVersion` or `kind`: what stands in a later segment is
    looked up again for the new kind.
    """
    rules: list[dict[str, Json]] = [
        {
            "id": rule.id,
            "at": str(rule.span),
            "metadata": {entry.key: entry.value for entry in rule.metadata},
            "steps": [],
        }
        for rule in plan.rules
    ]
    for rule, step in _steps(plan):
        rules[rule]["steps"].append(step)
    return {"schemaVersion": SCHEMA_VERSION, "rules": rules}


def _steps(plan: Plan) -> Iterator[tuple[int, dict[str, Json]]]:
    segment = 1
    for phase in plan.phases:
        match phase:
            case TracePhase():
                segment += 1
                yield (
                    phase.rule,
                    {"segment": segment, "command": phase.command.span.text, "operation": _operation(phase)},
                )
                segment += 1
            case ObjectPhase():
                for step in phase.steps:
                    yield step.rule, _step(step, segment)
                    segment += step.footprint.writes_header


def _operation(thing: TracePhase | Step) -> str:
    command = thing.command
    if isinstance(command, ast.Transfer) and command.keep:
        return "add or replace"
    return _OPERATIONS[type(command)]


def _step(step: Step, segment: int) -> dict[str, Json]:
    seen = step.footprint
    return {
        "segment": segment,
        "selector": "*" if isinstance(step.selector, ast.Everything) else step.selector.span.text,
        "operation": _operation(step),
        "kinds": sorted(seen.kinds) if seen.kinds is not None else None,
        "apiVersions": sorted(seen.api_versions) if seen.api_versions is not None else None,
        "reads": list(seen.reads),
        "writes": list(seen.writes),
        "block": step.guard,
    }


def plan_lines(plan: Plan) -> Iterator[str]:
    """The same for people."""
    for rule in plan_json(plan)["rules"]:
        title = rule["metadata"].get("title")
        yield f"{rule['id']}  {title}" if title else rule["id"]
        for number, step in enumerate(rule["steps"], 1):
            yield f"  {number}. {step['operation']}" + (f"  (segment {step['segment']})" if step["segment"] > 1 else "")
            yield from _details(step)
        yield ""


def _details(step: dict[str, Json]) -> Iterator[str]:
    if "command" in step:
        yield f"     {step['command']}"
        return
    yield f"     when    {' '.join(step['selector'].split())}"
    kinds = ", ".join(step["kinds"] or ["any kind"])
    versions = f" in {', '.join(step['apiVersions'])}" if step["apiVersions"] else ""
    yield f"     kinds   {kinds}{versions}"
    for word in ("reads", "writes"):
        if step[word]:
            yield f"     {word:<7} {', '.join(step[word])}"
