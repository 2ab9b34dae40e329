"""One HTML file that needs nothing else: style and script stand inside it, and no others are run by the browser."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from skel.report.findings.words import CODE

TEMPLATES = Path(__file__).resolve().parent / "templates"


def offline_page(
    template: str, content: Mapping[str, Any], *, styles: tuple[str, ...], scripts: tuple[str, ...] = ()
) -> str:
    """Fill a template. `styles` and `scripts` are names of files beside it, the latter on top of what every page does;
    the template puts `style` and `script` where they belong, and their hashes into the policy that forbids all others.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup, escape

    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    environment.filters["prose"] = lambda text: Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704
    style = "".join((TEMPLATES / name).read_text("utf-8") for name in styles)
    code = "".join((TEMPLATES / name).read_text("utf-8") for name in ("page.js", *scripts))
    return environment.get_template(template).render(
        **content,
        style=Markup(style),  # noqa: S704  (our own file)
        script=Markup(code),  # noqa: S704
        style_hash=_hash(style),
        script_hash=_hash(code),
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
