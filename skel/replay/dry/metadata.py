"""What is the same for all kinds: names, labels, annotations, owners, finalizers (apimachinery, `objectmeta.go`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from skel.patch.values import Json
from skel.replay.dry.cause import Cause, Causes, at, each, forbidden, invalid, required, too_long, unsupported
from skel.replay.dry.names import Complaints, NameCheck, dns_label, is_prefix_of_name, label_value, qualified_name

ANNOTATIONS_LIMIT = 256 * 1024
_STANDARD_FINALIZERS = frozenset({"kubernetes", "orphan", "foregroundDeletion"})


def metadata(meta: Json, check_name: NameCheck, *, namespaced: bool, core: bool = True) -> Causes:
    """Validate clean metadata. `core`: finalizers must be well known or qualified; custom resources are free."""
    prefix = meta.get("generateName")
    if prefix:
        yield from complaints(prefix, is_prefix_of_name(prefix, check_name), "generateName")
    name = meta.get("name")
    if name:
        yield from complaints(name, check_name(name), "name")
    elif not prefix:
        yield required("name", detail="name or generateName is required")
    yield from _namespace(meta.get("namespace"), namespaced=namespaced)
    yield from labels(meta.get("labels"), "labels")
    yield from annotation_map(meta.get("annotations"))
    yield from _owners(meta.get("ownerReferences") or ())
    yield from _finalizers(meta.get("finalizers") or (), core=core)


def complaints(value: Json, found: Complaints, *steps: str | int) -> Iterable[Cause]:
    """What is wrong with a text, as causes at its place."""
    return [invalid(*steps, value=value, detail=words) for words in found] if found else ()


def _namespace(namespace: str | None, *, namespaced: bool) -> Causes:
    if namespaced and not namespace:
        yield required("namespace")
    elif namespaced:
        yield from complaints(namespace, dns_label(namespace or ""), "namespace")
    elif namespace:
        yield forbidden("namespace", detail="not allowed on this type")


def labels(found: Json, *steps: str) -> Causes:
    """Validate a map of labels: also node selectors and selectors of Services."""
    for key, value in (found or {}).items():
        if bad := qualified_name(key):
            yield from complaints(key, bad, *steps)
        if bad := label_value(value):
            yield from complaints(value, bad, *steps)


def annotation_map(found: Json) -> Causes:
    if not found:
        return
    for key in found:
        yield from complaints(key, qualified_name(key.lower()), "annotations")
    if (
        sum(len(key.encode()) + len(value.encode("utf-8", "replace")) for key, value in found.items())
        > ANNOTATIONS_LIMIT
    ):
        yield too_long("annotations", limit=ANNOTATIONS_LIMIT)


def _owners(owners: Iterable[Json]) -> Causes:
    yield from each("ownerReferences", owners, _owner)
    controllers = [owner for owner in owners if owner.get("controller")]
    if len(controllers) > 1:
        detail = "Only one reference can have Controller set to true"
        yield invalid("ownerReferences", value=controllers, detail=detail)


def _owner(owner: Json) -> Causes:
    version = owner.get("apiVersion", "")
    if not version or version.count("/") > 1:
        yield invalid("apiVersion", value=version, detail="version must not be empty")
    for name in ("kind", "name", "uid"):
        if not owner.get(name):
            yield invalid(name, value="", detail=f"{name} must not be empty")
    if (version, owner.get("kind")) == ("v1", "Event"):
        yield invalid(value=owner, detail="/v1, Kind=Event is disallowed from being an owner")


def _finalizers(finalizers: Iterable[str], *, core: bool) -> Causes:
    for number, name in enumerate(finalizers):
        yield from complaints(name, qualified_name(name), "finalizers")
        if core and "/" not in name and name not in _STANDARD_FINALIZERS:
            detail = "name is neither a standard finalizer name nor is it fully qualified"
            yield invalid("finalizers", number, value=name, detail=detail)
    if {"orphan", "foregroundDeletion"} <= set(finalizers):
        yield invalid(
            "finalizers", value=list(finalizers), detail="finalizer orphan and foregroundDeletion cannot be both set"
        )


def selector(found: Json, *steps: str, values: bool = True) -> Causes:
    """Validate a label selector; none is fine. Before 1.27 most kinds did not look at the `values` of expressions."""
    if not found:
        return
    yield from at(labels(found.get("matchLabels"), "matchLabels"), *steps)
    for number, expression in enumerate(found.get("matchExpressions") or ()):
        yield from at(_expression(expression, looks_at_values=values), *steps, "matchExpressions", number)


def set_operator(expression: Json) -> Causes:
    """Validate the operator of an expression over keys and values, and whether it has values where it needs them."""
    values = expression.get("values")
    match expression.get("operator", ""):
        case "In" | "NotIn":
            if not values:
                yield required("values", detail="must be specified when `operator` is 'In' or 'NotIn'")
        case "Exists" | "DoesNotExist":
            if values:
                yield forbidden("values", detail="may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
        case operator:
            yield invalid("operator", value=operator, detail="not a valid selector operator")


def _expression(expression: Json, *, looks_at_values: bool) -> Causes:
    yield from set_operator(expression)
    key = expression.get("key", "")
    yield from complaints(key, qualified_name(key), "key")
    for number, value in enumerate((expression.get("values") or ()) if looks_at_values else ()):
        yield from complaints(value, label_value(value), "values", number)


def selects(found: Json, given: Json) -> bool:
    """Whether a label selector matches labels. An empty one matches all, none matches nothing."""
    if found is None:
        return False
    tags = given or {}
    wanted = found.get("matchLabels") or {}
    return all(tags.get(key) == value for key, value in wanted.items()) and all(
        _holds(expression, tags) for expression in found.get("matchExpressions") or ()
    )


def _holds(expression: Json, tags: Json) -> bool:
    key, values = expression.get("key", ""), expression.get("values") or ()
    match expression.get("operator"):
        case "In":
            return key in tags and tags[key] in values
        case "NotIn":
            return key not in tags or tags[key] not in values
        case "Exists":
            return key in tags
        case "DoesNotExist":
            return key not in tags
        case _:
            return True


def nonnegative(owner: Json, *names: str) -> Causes:
    """Numbers that must not be below zero, where they are given."""
    for name in names:
        value = owner.get(name)
        if value is not None and value < 0:
            yield invalid(name, value=value, detail="must be greater than or equal to 0")


def choice(owner: Json, name: str, known: Iterable[str], *, empty: bool = True) -> Causes:
    """A word that must be one of a few, where it is given; the empty one is as good as none unless `empty` is false."""
    value = owner.get(name)
    if (value or (value is not None and not empty)) and value not in known:
        yield unsupported(name, value=value, known=known)


def named(owner: Json, name: str, check: Callable[[str], Complaints]) -> Causes:
    """A text that must be there and follow a syntax."""
    value = owner.get(name)
    if value:
        yield from complaints(value, check(value), name)
    else:
        yield required(name)
