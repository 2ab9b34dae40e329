"""What goes to an API server and what comes back, as plain data: nothing here touches the network."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from skel.patch.values import Json

JSON = "application/json"
APPLY = "application/apply-patch+yaml"
"""Server-side apply; JSON is YAML."""

UNKNOWN = 0
"""The status of an answer that a model of a server can't give: it does not know what a real one would say."""

Query = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `path` is absolute and already quoted; `query` is not quoted; a `body` of None sends none."""

    method: str
    path: str
    query: Query = ()
    body: Json = None
    content_type: str = JSON

    @property
    def target(self) -> str:
        """Path and query as they stand in the first line of the call."""
        words = "&".join(f"{key}={quote(value, safe='')}" for key, value in self.query)
        return f"{self.path}?{words}" if words else self.path

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. `warnings` are the texts of its Warning headers; `retry_after` is in seconds, None if not given.

    A status of UNKNOWN (0) has the reason why in the `message` of its body, a Status as for a rejection.
    """

    status: int
    body: Json
    warnings: tuple[str, ...] = ()
    retry_after: float | None = None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_unknown(self) -> bool:
        return self.status == UNKNOWN

    @property
    def reason(self) -> str:
        """The word of a Status that says what is wrong: "NotFound"; empty if there is none."""
        return self._text("reason")

    @property
    def message(self) -> str:
        """The sentence of a Status, empty if there is none."""
        return self._text("message")

    def _text(self, key: str) -> str:
        if self.is_success or not isinstance(self.body, dict):
            return ""
        value = self.body.get(key)
        return value if isinstance(value, str) else ""
