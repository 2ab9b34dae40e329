"""ConfigMaps and Secrets."""

from __future__ import annotations

import json
from base64 import b64decode

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, Key, invalid, required, too_long
from skel.replay.dry.metadata import complaints
from skel.replay.dry.names import config_key

LIMIT = 1024 * 1024
_ACCOUNT = "kubernetes.io/service-account.name"


def config_map(found: Json, minor: int) -> Causes:
    del minor
    data, binary = found.get("data") or {}, found.get("binaryData") or {}
    for name, entries in (("data", data), ("binaryData", binary)):
        for key in entries:
            yield from complaints(key, config_key(key), name, Key(key))
    for key in data.keys() & binary.keys():
        yield invalid("data", Key(key), value=key, detail="duplicate of key present in binaryData")
    size = sum(len(value.encode("utf-8", "replace")) for value in data.values())
    if size + sum(map(decoded_size, binary.values())) > LIMIT:
        yield too_long("", limit=LIMIT)


def decoded_size(text: str) -> int:
    """The bytes behind base64."""
    return len(text.replace("\n", "").rstrip("=")) * 3 // 4


def secret(found: Json, minor: int) -> Causes:
    del minor
    # What `stringData` holds is put into `data` as it arrives.
    plain, data = found.get("stringData") or {}, found.get("data") or {}
    for key in {**data, **plain}:
        yield from complaints(key, config_key(key), "data", Key(key))
    size = sum(len(value.encode("utf-8", "replace")) for value in plain.values())
    if size + sum(decoded_size(value) for key, value in data.items() if key not in plain) > LIMIT:
        yield too_long("data", limit=LIMIT)
    yield from _by_type(found, data, plain)


def _by_type(found: Json, data: Json, plain: Json) -> Causes:
    def needed(key: str) -> Causes:
        if key not in data and key not in plain:
            yield required("data", Key(key))

    match found.get("type", ""):
        case "kubernetes.io/service-account-token":
            annotations = (found.get("metadata") or {}).get("annotations") or {}
            if not annotations.get(_ACCOUNT):
                yield required("metadata", "annotations", Key(_ACCOUNT))
        case "kubernetes.io/dockercfg":
            yield from _json_at(".dockercfg", data, plain)
        case "kubernetes.io/dockerconfigjson":
            yield from _json_at(".dockerconfigjson", data, plain)
        case "kubernetes.io/basic-auth":
            if not {"username", "password"} & {*data, *plain}:
                yield from (*needed("username"), *needed("password"))
        case "kubernetes.io/ssh-auth":
            if not data.get("ssh-privatekey") and not plain.get("ssh-privatekey"):
                yield required("data", Key("ssh-privatekey"))
        case "kubernetes.io/tls":
            yield from (*needed("tls.crt"), *needed("tls.key"))


def _json_at(key: str, data: Json, plain: Json) -> Causes:
    if key not in data and key not in plain:
        yield required("data", Key(key))
        return
    text = plain[key] if key in plain else b64decode(data[key])
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = False
    if not isinstance(value, dict) and value is not None:
        yield invalid("data", Key(key), value="<secret contents redacted>", detail="invalid character")
