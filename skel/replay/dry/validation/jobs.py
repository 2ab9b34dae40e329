"""Jobs and CronJobs."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, at, duplicate, each, invalid, required, too_many, unsupported
from skel.replay.dry.metadata import choice, complaints, nonnegative, selector, selects
from skel.replay.dry.names import Complaints, dns_label, qualified_name
from skel.replay.dry.validation.cron import schedule_problem
from skel.replay.dry.validation.pods import template

_NUMBERS = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)


def job(found: Json, minor: int) -> Causes:
    spec, meta = found.get("spec") or {}, found.get("metadata") or {}
    yield from at(_job_spec(spec, minor), "spec")
    yield from _job_selector(spec)
    if spec.get("completionMode") == "Indexed" and spec.get("completions", 0) > 0 and meta.get("name"):
        host = f"{meta['name']}-{spec['completions'] - 1}"
        yield from complaints(meta["name"], dns_label(host), "metadata", "name")


def _job_selector(spec: Json) -> Causes:
    """A selector is made by the server, or by hand where `manualSelector` says so."""
    wanted = spec.get("selector")
    if not spec.get("manualSelector"):
        # The server asks for its own labels with an identity that nobody can know beforehand.
        if wanted is not None:
            yield invalid("spec", "selector", value=wanted, detail="`selector` not auto-generated")
        return
    if wanted is None:
        yield required("spec", "selector")
        return
    yield from selector(wanted, "spec", "selector")
    given = ((spec.get("template") or {}).get("metadata") or {}).get("labels")
    if not selects(wanted, given):
        detail = "`selector` does not match template `labels`"
        yield invalid("spec", "template", "metadata", "labels", value=given, detail=detail)


def _job_spec(spec: Json, minor: int) -> Causes:
    yield from nonnegative(spec, *_NUMBERS)
    yield from _completion(spec)
    pods = spec.get("template") or {}
    policy = (pods.get("spec") or {}).get("restartPolicy") or "Always"
    failure = spec.get("podFailurePolicy")
    yield from at(template(pods, minor), "template")
    if policy == "Always":
        detail = 'valid values: "OnFailure", "Never"'
        yield required("template", "spec", "restartPolicy", detail=detail)
    elif policy not in {"OnFailure", "Never"}:
        yield unsupported("template", "spec", "restartPolicy", value=policy, known=("OnFailure", "Never"))
    elif failure is not None and policy != "Never":
        detail = 'only "Never" is supported when podFailurePolicy is specified'
        yield invalid("template", "spec", "restartPolicy", value=policy, detail=detail)
    if failure is not None:
        inner = pods.get("spec") or {}
        names = {
            container.get("name") for kind in ("containers", "initContainers") for container in inner.get(kind) or ()
        }
        yield from at(_failure_policy(failure, names), "podFailurePolicy")
    yield from choice(spec, "podReplacementPolicy", ("TerminatingOrFailed", "Failed"))


def _completion(spec: Json) -> Causes:
    mode = spec.get("completionMode", "NonIndexed")
    if mode not in {"NonIndexed", "Indexed"}:
        yield unsupported("completionMode", value=mode, known=("NonIndexed", "Indexed"))
    # Only `Indexed` demands a number; without parallelism the other mode counts one.
    if mode == "Indexed" and "completions" not in spec and "parallelism" in spec:
        yield required("completions", detail="when completion mode is Indexed")
    if mode == "Indexed" and spec.get("parallelism", 0) > 100_000:
        detail = "must be less than or equal to 100000 when completion mode is Indexed"
        yield invalid("parallelism", value=spec["parallelism"], detail=detail)
    if mode != "Indexed" and "backoffLimitPerIndex" in spec:
        detail = "requires indexed completion mode"
        yield invalid("backoffLimitPerIndex", value=spec["backoffLimitPerIndex"], detail=detail)


def _failure_policy(policy: Json, names: set[str | None]) -> Causes:
    rules = policy.get("rules") or ()
    if len(rules) > 20:
        yield too_many("rules", count=len(rules), limit=20)
    yield from each("rules", rules, lambda rule: _failure_rule(rule, names))


def _failure_rule(rule: Json, names: set[str | None]) -> Causes:
    action, codes, conditions = rule.get("action", ""), rule.get("onExitCodes"), rule.get("onPodConditions") or ()
    known = ("Count", "FailJob", "Ignore", "FailIndex")
    if not action:
        yield required("action", detail='valid values: ["Count" "FailJob" "Ignore"]')
    elif action not in known:
        yield unsupported("action", value=action, known=known)
    if codes is not None:
        yield from at(_exit_codes(codes, names), "onExitCodes")
    yield from each("onPodConditions", conditions, _pod_condition)
    if codes is not None and conditions:
        yield invalid(value=rule, detail="specifying both OnExitCodes and OnPodConditions is not supported")
    if codes is None and not conditions:
        yield invalid(value=rule, detail="specifying one of OnExitCodes and OnPodConditions is required")


def _exit_codes(codes: Json, names: set[str | None]) -> Causes:
    operator, values = codes.get("operator", ""), codes.get("values") or []
    if not operator:
        yield required("operator", detail='valid values: ["In" "NotIn"]')
    yield from choice(codes, "operator", ("In", "NotIn"))
    if "containerName" in codes and codes["containerName"] not in names:
        detail = "must be one of the container or initContainer names in the pod template"
        yield invalid("containerName", value=codes["containerName"], detail=detail)
    if not values:
        yield invalid("values", value=values, detail="at least one value is required")
    elif len(values) > 255:
        yield too_many("values", count=len(values), limit=255)
    yield from _ordered(values, no_zero=operator == "In")


def _ordered(values: list[int], *, no_zero: bool) -> Causes:
    for number, value in enumerate(values):
        if no_zero and value == 0:
            yield invalid("values", number, value=value, detail="must not be 0 for the In operator")
        if value in values[:number]:
            yield duplicate("values", number, value=value)
    if values != sorted(values):
        yield invalid("values", value=values, detail="must be ordered")


def _pod_condition(pattern: Json) -> Causes:
    kind = pattern.get("type", "")
    yield from complaints(kind, qualified_name(kind), "type")
    if pattern.get("status") == "":
        yield required("status", detail='valid values: ["False" "True" "Unknown"]')
    yield from choice(pattern, "status", ("False", "True", "Unknown"))


def cron_job(found: Json, minor: int) -> Causes:
    name = (found.get("metadata") or {}).get("name", "")
    if len(name) > 52:
        yield invalid("metadata", "name", value=name, detail="must be no more than 52 characters")
    yield from at(_cron_job(found.get("spec") or {}, minor), "spec")


def _cron_job(spec: Json, minor: int) -> Causes:
    schedule, zone = spec.get("schedule"), spec.get("timeZone")
    if not schedule:
        yield required("schedule")
    else:
        yield from _schedule(schedule, zone, minor)
    if zone is not None:
        yield from complaints(zone, _zone_problem(zone), "timeZone")
    yield from nonnegative(spec, "startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit")
    yield from choice(spec, "concurrencyPolicy", ("Allow", "Forbid", "Replace"))
    yield from at(job_template(spec.get("jobTemplate") or {}, minor), "jobTemplate")


def job_template(found: Json, minor: int) -> Causes:
    spec = found.get("spec") or {}
    yield from at(_job_spec(spec, minor), "spec")
    if spec.get("selector") is not None:
        yield invalid("spec", "selector", value=spec["selector"], detail="`selector` will be auto-generated")
    if spec.get("manualSelector"):
        yield unsupported("spec", "manualSelector", value=True, known=("nil", "false"))


def _schedule(schedule: str, zone: str | None, minor: int) -> Causes:
    if problem := schedule_problem(schedule) or _location_problem(schedule):
        yield invalid("schedule", value=schedule, detail=problem)
    if "TZ" in schedule and zone is not None:
        detail = "cannot use both timeZone field and TZ or CRON_TZ in schedule"
        yield invalid("schedule", value=schedule, detail=detail)
    elif "TZ" in schedule and minor >= 29:
        detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        yield invalid("schedule", value=schedule, detail=detail)


def _location_problem(schedule: str) -> str:
    prefix, equals, rest = schedule.partition("=")
    name = rest.partition(" ")[0]
    if prefix not in {"TZ", "CRON_TZ"} or not equals or is_zone(name) or name in {"", "Local"}:
        return ""
    return f"provided bad location {name}: unknown time zone {name}"


def _zone_problem(zone: str) -> Complaints:
    if not zone:
        return ("timeZone must be nil or non-empty string",)
    if zone.lower() == "local":
        return ("timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones",)
    return () if is_zone(zone) else (f"unknown time zone {zone}",)


def is_zone(name: str) -> bool:
    """Whether a name is in the database of time zones."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return name == "UTC"
    return True
