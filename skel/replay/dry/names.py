"""The syntax of names, labels and keys. Each check gives what is wrong as sentences, none if the text is fine.

The rules and their words are those of `k8s.io/apimachinery/pkg/util/validation`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

Complaints = tuple[str, ...]
NameCheck = Callable[[str], Complaints]

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_ALPHANUMERIC = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?"
_REMEMBERED = 16384


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.ASCII)


_DNS_LABEL = _pattern(_LABEL)
_DNS_SUBDOMAIN = _pattern(rf"{_LABEL}(?:\.{_LABEL})*")
_WILDCARD = _pattern(rf"\*\.{_LABEL}(?:\.{_LABEL})*")
_DNS_1035 = _pattern(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
_QUALIFIED = _pattern(_ALPHANUMERIC)
_ENV_NAME = _pattern(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_PRINTABLE = _pattern(r"[ -<>-~]+")
_CONFIG_KEY = _pattern(r"[-._a-zA-Z0-9]+")
_HEADER = _pattern(r"[-A-Za-z0-9]+")
_PORT_CHARACTERS = _pattern(r"[-a-z0-9]+")
_PERCENT = _pattern(r"[0-9]+%")
_DOMAIN_PATH = _pattern(r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+")

LABEL_LIMIT, SUBDOMAIN_LIMIT, KEY_LIMIT = 63, 253, 253

_LABEL_WORDS = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_SUBDOMAIN_WORDS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_1035_WORDS = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')"
)
_QUALIFIED_WORDS = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_VALUE_WORDS = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_EMPTY = "must be non-empty"


def _checked(text: str, limit: int, pattern: re.Pattern[str], words: str) -> Complaints:
    fits = pattern.fullmatch(text)
    # What fits is ASCII.
    long = (len(text) if fits else len(text.encode("utf-8", "replace"))) > limit
    if fits and not long:
        return ()
    return (*((f"must be no more than {limit} characters",) if long else ()), *(() if fits else (words,)))


@lru_cache(_REMEMBERED)
def dns_label(text: str) -> Complaints:
    """RFC 1123 label, such as a namespace or a container."""
    return _checked(text, LABEL_LIMIT, _DNS_LABEL, _LABEL_WORDS)


@lru_cache(_REMEMBERED)
def dns_subdomain(text: str) -> Complaints:
    """RFC 1123 subdomain: the names of most objects."""
    return _checked(text, SUBDOMAIN_LIMIT, _DNS_SUBDOMAIN, _SUBDOMAIN_WORDS)


@lru_cache(_REMEMBERED)
def dns_1035_label(text: str) -> Complaints:
    """RFC 1035 label: the names of Services."""
    return _checked(text, LABEL_LIMIT, _DNS_1035, _1035_WORDS)


@lru_cache(_REMEMBERED)
def wildcard_subdomain(text: str) -> Complaints:
    """`*.example.com`."""
    words = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain"
    return _checked(text, SUBDOMAIN_LIMIT, _WILDCARD, words)


@lru_cache(_REMEMBERED)
def qualified_name(text: str) -> Complaints:
    """`name` or `example.com/name`: keys of labels, annotations and taints."""
    prefix, slash, name = text.rpartition("/")
    if "/" in prefix:
        return ("a qualified name " + _QUALIFIED_WORDS + " with an optional DNS subdomain prefix and '/'",)
    before: Complaints = ()
    if slash:
        before = tuple(f"prefix part {words}" for words in (dns_subdomain(prefix) if prefix else (_EMPTY,)))
    here = _checked(name, LABEL_LIMIT, _QUALIFIED, _QUALIFIED_WORDS) if name else (_EMPTY, _QUALIFIED_WORDS)
    return (*before, *(f"name part {words}" for words in here))


@lru_cache(_REMEMBERED)
def label_value(text: str) -> Complaints:
    return _checked(text, LABEL_LIMIT, _QUALIFIED, _VALUE_WORDS) if text else ()


@lru_cache(_REMEMBERED)
def environment_name(text: str, *, relaxed: bool) -> Complaints:
    """The name of a variable; since 1.32 (`relaxed`) any printable text without `=`."""
    if relaxed:
        return (
            ()
            if _PRINTABLE.fullmatch(text)
            else ("a valid environment variable name must consist only of printable ASCII characters other than '='",)
        )
    if not _ENV_NAME.fullmatch(text):
        return (
            "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', "
            "and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used "
            "for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')",
        )
    return _no_dots(text)


@lru_cache(_REMEMBERED)
def config_key(text: str) -> Complaints:
    """A key of a ConfigMap or Secret."""
    words = (
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME', "
        " or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
    )
    return (*_checked(text, KEY_LIMIT, _CONFIG_KEY, words), *_no_dots(text))


def _no_dots(text: str) -> Complaints:
    if text == ".":
        return ("must not be '.'",)
    if text == "..":
        return ("must not be '..'",)
    return ("must not start with '..'",) if text.startswith("..") else ()


@lru_cache(_REMEMBERED)
def path_segment(text: str) -> Complaints:
    """Anything that may stand between two slashes of a URL: names of roles, kinds of references."""
    if text in {".", ".."}:
        return (f"may not be '{text}'",)
    return tuple(f"may not contain '{bad}'" for bad in "/%" if bad in text)


@lru_cache(_REMEMBERED)
def port_name(text: str) -> Complaints:
    """The name of a port (RFC 6335): at most 15 lower case characters, one of them a letter."""
    found = []
    if len(text) > 15:
        found.append("must be no more than 15 characters")
    if not _PORT_CHARACTERS.fullmatch(text):
        found.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not any("a" <= letter <= "z" for letter in text):
        found.append("must contain at least one letter (a-z)")
    if "--" in text:
        found.append("must not contain consecutive hyphens")
    if text and (text[0] == "-" or text[-1] == "-"):
        found.append("must not begin or end with a hyphen")
    return tuple(found)


def port_number(port: int) -> Complaints:
    return () if 1 <= port <= 65535 else ("must be between 1 and 65535, inclusive",)


def user_id(number: int) -> Complaints:
    return () if 0 <= number <= 2**31 - 1 else ("must be between 0 and 2147483647, inclusive",)


def header_name(text: str) -> Complaints:
    return () if _HEADER.fullmatch(text) else ("a valid HTTP header must consist of alphanumeric characters or '-'",)


def percent(text: str) -> Complaints:
    words = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%', or '93%')"
    return () if _PERCENT.fullmatch(text) else (words,)


def domain_prefixed_path(text: str) -> Complaints:
    """`example.com/path`, as controllers of ingress classes and key usages are named."""
    host, slash, path = text.partition("/")
    if not slash or not host or not path:
        return ('must be a domain-prefixed path (such as "acme.io/foo")',)
    return (*dns_subdomain(host), *(() if _DOMAIN_PATH.fullmatch(path) else ("Invalid path",)))


def fully_qualified(text: str) -> Complaints:
    """A domain of at least three parts, as webhooks are named."""
    few = ("should be a domain with at least three segments separated by dots",) if text.count(".") < 2 else ()
    return dns_subdomain(text) or few


def is_prefix_of_name(text: str, check: NameCheck) -> Complaints:
    """`generateName`: what is generated hides a dash at its end."""
    return check(f"{text[:-1]}a" if len(text) > 1 and text.endswith("-") else text)


def service_name(minor: int) -> NameCheck:
    """Since 1.36 names of Services may begin with a digit."""
    return dns_label if minor >= _SERVICES_LIKE_OTHERS else dns_1035_label


_SERVICES_LIKE_OTHERS = 36
_OBJECT_NAMES: Mapping[tuple[str, str], NameCheck] = MappingProxyType(
    {
        ("", "Event"): path_segment,
        ("", "Namespace"): dns_label,
        ("apiregistration.k8s.io", "APIService"): path_segment,
        ("policy", "PodDisruptionBudget"): path_segment,
        ("rbac.authorization.k8s.io", "Role"): path_segment,
        ("rbac.authorization.k8s.io", "ClusterRole"): path_segment,
        ("rbac.authorization.k8s.io", "RoleBinding"): path_segment,
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"): path_segment,
    }
)


def object_name(group: str, kind: str, minor: int) -> NameCheck:
    """The check for the names of a kind in a minor."""
    if (group, kind) == ("", "Service"):
        return service_name(minor)
    return _OBJECT_NAMES.get((group, kind), dns_subdomain)
