"""What obstore says -> one sentence with the place and a way out. Its own words hold requests, and their secrets."""

from __future__ import annotations

import re

from skel.storage.errors import TraceError
from skel.storage.place import Bucket

_STATUS = re.compile(r"status code: (\d{3})(?: ([A-Z][A-Za-z ]*))?")
_CODE = re.compile(r"<Code>([A-Za-z0-9]+)</Code>")
_KIND = re.compile(r"kind: (Connect|Timeout|Interrupted|Request|Decode)\b")
_QUERY = re.compile(r"\?\S+")
_METADATA = "//169.254."
"""Where machines of a cloud ask for their own credentials."""
_NO_KEYS = (
    _METADATA,
    "MissingAccessKeyId",
    "MissingAccount",
    "MissingSecretAccessKey",
    "TokenRequest",
    "token request",
)
_KEYS = {
    "AWS": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the role of the machine",
    "GOOGLE": "GOOGLE_SERVICE_ACCOUNT, the path of a key file, or the account of the machine",
    "AZURE": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or the identity of the machine",
}
_ENDPOINTS = {"AWS": "AWS_ENDPOINT", "GOOGLE": "the endpoint", "AZURE": "AZURE_ENDPOINT"}
_PASSING = frozenset({"408", "409", "425", "429"})
"""What is our fault by its number, and yet may be gone the next time."""
_KINDS = {
    "Connect": "nobody answers there",
    "Timeout": "no answer came in time",
    "Interrupted": "the connection broke",
    "Request": "the connection broke",
    "Decode": "the connection broke in the middle of the answer",
}


def explained(error: BaseException, bucket: Bucket, verb: str) -> TraceError:
    """The error of an operation; `verb` is opened, read, written or listed."""
    text = str(error)
    code = found[1] if (found := _CODE.search(text)) else ""
    name = type(error).__name__
    if isinstance(error, FileNotFoundError) or name == "NotFoundError":
        return _absent(bucket, code, verb)
    if name in {"PermissionDeniedError", "UnauthenticatedError"} or _is_about_keys(text):
        return _refused(bucket, code, text, verb)
    if name == "PreconditionError":
        return TraceError(f"{bucket} changed while it was {verb}", "run the command again")
    if isinstance(error, ValueError):
        return TraceError(f"{bucket} is no name of an object: {_short(text)}", "check the URL")
    return _failed(bucket, code, text, verb)


def _absent(bucket: Bucket, code: str, verb: str) -> TraceError:
    if code == "NoSuchBucket" or verb == "written" or bucket.is_prefix:
        return TraceError(f"{bucket} can't be {verb}: there is no bucket {bucket.root}", "check its name and region")
    return TraceError(f"{bucket} does not exist", "check the URL")


def _is_about_keys(text: str) -> bool:
    words = (
        _METADATA,
        "MissingAccessKeyId",
        "MissingAccount",
        "MissingSecretAccessKey",
        "token request",
        "TokenRequest",
    )
    return any(word in text for word in words) or "credential" in text.partition("\n")[0].lower()


def _refused(bucket: Bucket, code: str, text: str, verb: str) -> TraceError:
    status = _STATUS.search(text)
    said = f" ({code})" if code else ""
    is_known = status and _METADATA not in text and "oken" not in text[:80]
    reason = "access is refused" if is_known else "there are no credentials"
    return TraceError(f"{bucket} can't be {verb}: {reason}{said}", f"check {_KEYS[bucket.cloud]}")


def _failed(bucket: Bucket, code: str, text: str, verb: str) -> TraceError:
    status = _STATUS.search(text)
    kind = _KIND.search(text)
    if status:
        words = f" {found.strip()}" if (found := status[2]) else ""
        reason = f"the server answers {status[1]}{words}{f' ({code})' if code else ''}"
        if status[1].startswith("4") and status[1] not in _PASSING:
            return TraceError(f"{bucket} can't be {verb}: {reason}", "check the URL")
        return TraceError(f"{bucket} could not be {verb}: {reason}, after several tries", "try again later")
    if "BadScheme" in text:
        allow = f"{bucket.cloud}_ALLOW_HTTP=true allows it on a network that you trust"
        return TraceError(f"{bucket} can't be {verb}: its endpoint is http, without encryption", allow)
    if kind or "body error" in text:
        way_out = f"check the network, and {_ENDPOINTS[bucket.cloud]} if it is set"
        return TraceError(f"{bucket} could not be {verb}: {_KINDS[kind[1] if kind else 'Decode']}", way_out)
    return TraceError(f"{bucket} could not be {verb}: {_short(text)}")


def _short(text: str) -> str:
    """The first sentence, without the queries of URLs, which may be signed."""
    line = text.partition("\n")[0].partition(": <?xml")[0].strip()
    return _QUERY.sub("?...", line)[:200]
