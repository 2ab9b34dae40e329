"""Hypothesis strategies for objects and traces: small, like those of Kubernetes, and now and then odd.

The same few names, images and numbers come up again and again, so that the programs of `strategies_programs.py` hit
them.
"""

from __future__ import annotations

from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.oracle_functions import Json

T = TypeVar("T")

NAMES = ("a", "b", "web", "db-0", "héllo")
TEXTS = ("", "1", "a", "b", "web", "true", "500m", "2Gi", "30s", "v1.25.3", "A b", "日本", "a/b:1", "$1", "{}", "~1")
IMAGES = (
    "nginx",
    "nginx:1.25",
    "k8s.gcr.io/pause:3.9",
    "registry.k8s.io/pause@sha256:" + "0" * 64,
    "quay.io:443/x/y:v1",
)
NUMBERS: tuple[Json, ...] = (0, 1, 1.0, 2, -1, 1.5, 30, 300, 2**40)
ODD_KEYS = ("0", "1", "a/b", "x~y", "x~1y", "dotted.key", "é", "", "simkube.dev/foo", "kind", "name", "-")

HEADERS = (
    ("v1", "Pod"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("batch/v1beta1", "CronJob"),
    ("batch/v1", "Job"),
    ("v1", "Service"),
    ("v1", "ConfigMap"),
    ("networking.k8s.io/v1", "Ingress"),
    ("example.com/v1", "Fleet"),
    ("example.com/v1", "Job"),
)

TRACKED: dict[str, Json] = {
    "apps/v1.Deployment": {"podSpecTemplatePaths": ["/spec/template"]},
    "batch/v1beta1.CronJob": {"podSpecTemplatePaths": ["/spec/jobTemplate/spec/template"], "trackLifecycle": True},
    "example.com/v1.Fleet": {"podSpecTemplatePaths": ["/spec/template", "/spec/groups/*/template"]},
    "v1.Pod": {"podSpecTemplatePaths": [""], "trackLifecycle": True},
}
EVERYTHING_TRACKED: dict[str, Json] = {f"{version}.{kind}": {} for version, kind in HEADERS} | TRACKED

scalars: st.SearchStrategy[Json] = st.one_of(
    st.none(), st.booleans(), st.sampled_from(NUMBERS), st.sampled_from(TEXTS), st.sampled_from(NAMES)
)
keys = st.one_of(st.sampled_from(NAMES), st.sampled_from(ODD_KEYS))
odd_values: st.SearchStrategy[Json] = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=6,
)


def record(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[Json]:
    """A map that always has some keys and may have others."""
    return st.fixed_dictionaries(required, optional=optional)


def few(items: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.one_of(st.lists(items, min_size=1, max_size=3), st.just([]))


names = st.sampled_from(NAMES)
texts = st.sampled_from(TEXTS)
labels = record({"app": texts}, **{"tier": texts, "simkube.dev/foo": texts, "0": texts})
resources = record({"requests": record({"cpu": st.sampled_from(("500m", "1", 1, "x"))}, memory=texts)})
env = record({"name": names}, value=texts, valueFrom=st.just({"secretKeyRef": {"name": "a", "key": "k"}}))
containers = few(
    record(
        {"name": names, "image": st.sampled_from(IMAGES), "env": few(env)},
        args=few(texts),
        resources=resources,
        volumeMounts=few(record({"name": names})),
    )
)
pod_specs = record(
    {"containers": st.one_of(containers, containers, containers, scalars)},
    volumes=few(record({"name": names}, secret=st.just({"secretName": "a"}))),
    tolerations=few(record({"key": names}, operator=st.just("Exists"), tolerationSeconds=st.sampled_from(NUMBERS))),
    nodeSelector=labels,
    terminationGracePeriodSeconds=st.sampled_from(NUMBERS),
)
pod_templates = record({"spec": pod_specs}, metadata=record({}, labels=labels))
metadata = record({"name": names, "labels": labels}, namespace=names, annotations=st.one_of(labels, st.none()))
specs = record(
    {
        "template": pod_templates,
        "l": st.lists(odd_values, min_size=1, max_size=4),
        "m": st.dictionaries(keys, odd_values, min_size=1, max_size=3),
    },
    replicas=st.sampled_from(NUMBERS),
    paused=st.booleans(),
    schedule=texts,
    a=odd_values,
    b=odd_values,
    groups=few(record({"template": pod_templates})),
)


@st.composite
def usual_objects(draw: st.DrawFn) -> Json:
    api_version, kind = draw(st.sampled_from(HEADERS))
    made: Json = {"apiVersion": api_version, "kind": kind, "metadata": draw(metadata)}
    if kind == "CronJob":
        made["spec"] = {"schedule": draw(texts), "jobTemplate": {"spec": {"template": draw(pod_templates)}}}
    elif kind not in ("Service", "ConfigMap"):
        made["spec"] = draw(specs)
    if kind == "Pod":
        made["spec"] |= draw(pod_specs)
    if draw(st.booleans()):
        made["status"] = draw(odd_values)
    return made


@st.composite
def odd_objects(draw: st.DrawFn) -> Json:
    """An object with one thing wrong: a part missing, null or of another type, or a strange key more."""
    made = draw(usual_objects())
    place = draw(st.sampled_from((*made, "metadata", "kind", "extra", "0", "a/b", "")))
    if draw(st.booleans()):
        made.pop(place, None)
    else:
        made[place] = draw(odd_values)
    return made


objects = st.one_of(usual_objects(), usual_objects(), odd_objects())


@st.composite
def event_lists(draw: st.DrawFn, objects: st.SearchStrategy[Json] = objects) -> list[Json]:
    """A few events in order of time, markers without objects among them, some at the same second."""
    ts = 1000
    events: list[Json] = []
    for _ in range(draw(st.sampled_from((1, 2, 3, 0)))):
        applied = draw(st.one_of(st.just([]), st.lists(objects, min_size=1, max_size=2)))
        deleted = draw(st.lists(objects, max_size=1)) if draw(st.booleans()) else []
        events.append({"ts": ts, "applied_objs": applied, "deleted_objs": deleted})
        ts += draw(st.sampled_from((0, 1, 30, 600, 3600)))
    return events


@st.composite
def named_objects(draw: st.DrawFn) -> Json:
    """An object with a proper header and name, whose index entry is therefore known."""
    made = draw(usual_objects())
    made["metadata"]["namespace"] = draw(st.sampled_from(("default", "a")))
    return made


def first_examples(strategy: st.SearchStrategy[T], count: int) -> list[T]:
    """Examples of a strategy, the same ones each time, outside of a test."""
    found: list[T] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: T) -> None:
        found.append(value)

    collect()
    return found
