"""Parts of broken uploads on S3: they are invisible and cost money until somebody takes them back.

obstore does so when an upload fails, but a part that is on its way at that moment may arrive afterwards and bring the
upload back to life; S3 asks for looking again. The requests are signed by obstore, so that every way to credentials
that it knows works here too.
"""

from __future__ import annotations

import re
from contextlib import suppress
from html import unescape
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlencode

from skel.storage.place import Bucket

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_SECONDS = 10.0
_PAUSES = (0.0, 0.3, 0.6)
"""Seconds between looks: what was on its way arrives meanwhile."""
_LARGEST_ANSWER = 4 << 20
_UPLOAD = re.compile(r"<Upload>(.*?)</Upload>", re.DOTALL)
_ID = re.compile(r"<UploadId>([^<]+)</UploadId>")
_KEY = re.compile(r"<Key>([^<]+)</Key>")


async def uploads(store: ObjectStore, bucket: Bucket) -> frozenset[str] | None:
    """The ids of the unfinished uploads of an object; None if nobody tells."""
    import asyncio

    if bucket.cloud != "AWS":
        return None
    try:
        return await asyncio.to_thread(_uploads, store, bucket)
    except (OSError, ValueError):
        return None


async def sweep(store: ObjectStore, bucket: Bucket, before: frozenset[str] | None) -> None:
    """Take back what an upload of the object left behind: all that was not there `before` it."""
    import asyncio

    if before is None:
        return
    for pause in _PAUSES:
        await asyncio.sleep(pause)
        found = await uploads(store, bucket)
        if found is None:
            return
        for upload in sorted(found - before):
            with suppress(OSError, ValueError):
                await asyncio.to_thread(_request, _signed(store, bucket, "DELETE", bucket.key, {"uploadId": upload}))


def _uploads(store: ObjectStore, bucket: Bucket) -> frozenset[str]:
    answer = _request(_signed(store, bucket, "GET", "", {"uploads": "", "prefix": bucket.key}))
    found = [(_KEY.search(upload), _ID.search(upload)) for upload in _UPLOAD.findall(answer)]
    return frozenset(number[1] for key, number in found if key and number and unescape(key[1]) == bucket.key)


Method = Literal["GET", "DELETE"]
Signed = tuple[Method, str]
"""Method and URL."""


def _signed(store: Any, bucket: Bucket, method: Method, key: str, query: dict[str, str]) -> Signed:
    """A request with a query, which obstore can't sign: an endpoint that ends with the query makes it do so.

    What it appends as the name of an object becomes the value of a parameter that no server knows.
    """
    from datetime import timedelta

    import obstore
    from obstore.store import S3Store

    soon = timedelta(seconds=60)
    # `sign` knows what the settings make of bucket and region; the name is cut off again.
    whole = obstore.sign(store, "GET", "x", soon).partition("?")[0]
    place = whole.removesuffix("x") + quote(key)
    odd = S3Store(
        bucket.root.partition("://")[2],
        config={"endpoint": f"{place.rstrip('/')}?{urlencode(query)}&x=", "virtual_hosted_style_request": True},
        client_options={"allow_http": True},
    )
    return method, obstore.sign(odd, method, "x", soon)


def _request(signed: Signed) -> str:
    import urllib.request

    method, url = signed
    request = urllib.request.Request(url, method=method)  # noqa: S310  (obstore made it)
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
        text: bytes = answer.read(_LARGEST_ANSWER)
    return text.decode("utf-8", "replace")
