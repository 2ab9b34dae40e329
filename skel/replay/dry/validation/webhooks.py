"""Configurations of admission webhooks."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, at, duplicate, invalid, required, unsupported
from skel.replay.dry.metadata import choice, complaints, selector
from skel.replay.dry.names import dns_1035_label, fully_qualified, port_number

_OPERATIONS = frozenset({"*", "CREATE", "UPDATE", "DELETE", "CONNECT"})
_REVIEWS = frozenset({"v1", "v1beta1"})


def webhooks(found: Json, minor: int) -> Causes:
    """Mutating and validating configurations of admissionregistration.k8s.io/v1."""
    names: set[str] = set()
    for number, hook in enumerate(found.get("webhooks") or ()):
        for cause in (*_hook(hook, minor), *_unique(hook, names)):
            yield cause.under(("webhooks", number))


def _unique(hook: Json, names: set[str]) -> Causes:
    name = hook.get("name")
    if name in names:
        yield duplicate("name", value=name)
    elif name:
        names.add(name)


def _hook(hook: Json, minor: int) -> Causes:
    name = hook.get("name")
    if name:
        yield from complaints(name, fully_qualified(name), "name")
    else:
        yield required("name")
    for number, rule in enumerate(hook.get("rules") or ()):
        yield from at(_rule(rule), "rules", number)
    yield from choice(hook, "failurePolicy", ("Ignore", "Fail"), empty=False)
    yield from choice(hook, "matchPolicy", ("Exact", "Equivalent"), empty=False)
    yield from choice(hook, "reinvocationPolicy", ("Never", "IfNeeded"), empty=False)
    yield from _side_effects(hook)
    seconds = hook.get("timeoutSeconds", 10)
    if not 1 <= seconds <= 30:
        yield invalid("timeoutSeconds", value=seconds, detail="the timeout value must be between 1 and 30 seconds")
    for where in ("namespaceSelector", "objectSelector"):
        yield from selector(hook.get(where), where, values=minor >= 27)
    yield from at(client(hook.get("clientConfig") or {}), "clientConfig")
    yield from at(review_versions(hook.get("admissionReviewVersions") or ()), "admissionReviewVersions")


def _side_effects(hook: Json) -> Causes:
    if "sideEffects" not in hook:
        yield required("sideEffects", detail="must specify one of None, NoneOnDryRun")
    elif hook["sideEffects"] not in {"None", "NoneOnDryRun"}:
        yield unsupported("sideEffects", value=hook["sideEffects"], known=("None", "NoneOnDryRun"))


def _rule(rule: Json) -> Causes:
    operations = rule.get("operations") or ()
    if not operations:
        yield required("operations")
    if len(operations) > 1 and "*" in operations:
        yield invalid("operations", value=operations, detail="if '*' is present, must not specify other operations")
    for number, operation in enumerate(operations):
        if operation not in _OPERATIONS:
            yield unsupported("operations", number, value=operation, known=_OPERATIONS)
    for name in ("apiGroups", "apiVersions"):
        yield from _alone(rule.get(name) or (), name)
    if "" in (rule.get("apiVersions") or ()):
        yield required("apiVersions", 0)
    yield from at(_resources(rule.get("resources") or ()), "resources")
    yield from choice(rule, "scope", ("Cluster", "Namespaced", "*"), empty=False)


def _alone(values: Iterable[str], name: str) -> Causes:
    words = list(values)
    if not words:
        yield required(name)
    if len(words) > 1 and "*" in words:
        yield invalid(name, value=words, detail=f"if '*' is present, must not specify other {name}")


def _resources(resources: Iterable[str]) -> Causes:
    words = list(resources)
    if not words:
        yield required()
    if "" in words:
        yield required(words.index(""))
    if len(words) > 1 and "*/*" in words:
        yield invalid(value=words, detail="if '*/*' is present, must not specify other resources")
    plain = [word for word in words if word and "/" not in word]
    # The server remembers only whether the last plain name is a star.
    if "*" in plain and plain[-1] != "*":
        yield invalid(value=words, detail="if '*' is present, must not specify other resources without subresources")


def client(config: Json) -> Causes:
    """How a webhook is reached: by URL or by Service."""
    url, service = config.get("url"), config.get("service")
    if (url is None) == (service is None):
        yield required(detail="exactly one of url or service is required")
    elif url is not None:
        yield from at(_url(url), "url")
    else:
        yield from at(_service(service), "service")


def _url(text: str) -> Causes:
    try:
        url = urlsplit(text)
        host = url.hostname
    except ValueError:
        yield required(detail="url must be a valid URL")
        return
    if url.scheme != "https":
        yield invalid(value=text, detail="'https' is the only allowed URL scheme")
    if not host:
        yield invalid(value=text, detail="host must be specified")
    if url.username is not None:
        yield invalid(value=text, detail="user information is not permitted in the URL")
    if url.fragment:
        yield invalid(value=text, detail="fragments are not permitted in the URL")
    if url.query:
        yield invalid(value=text, detail="query parameters are not permitted in the URL")


def _service(service: Json) -> Causes:
    for name in ("name", "namespace"):
        if not service.get(name):
            yield required(name, detail=f"service {name} is required")
    port, path = service.get("port", 443), service.get("path")
    if port_number(port):
        yield invalid("port", value=port, detail="port is not valid: must be between 1 and 65535, inclusive")
    if path is None or path == "/":
        return
    if not path.startswith("/"):
        yield invalid("path", value=path, detail="must start with a '/'")
    elif any(not part for part in path[1:].removesuffix("/").split("/")):
        yield invalid("path", value=path, detail="segment may not be empty")


def review_versions(versions: Iterable[str]) -> Causes:
    words = list(versions)
    if not words:
        yield required(detail="must specify one of v1, v1beta1")
        return
    for number, word in enumerate(words):
        if word in words[:number]:
            yield invalid(number, value=word, detail="duplicate version")
        yield from complaints(word, dns_1035_label(word), number)
    if not _REVIEWS & set(words):
        yield invalid(value=words, detail="must include at least one of v1, v1beta1")
