"""The configuration file: `skel.toml`, or `[tool.skel]` of `pyproject.toml`, in this folder or one above it.

An option on the command line goes before an environment variable, and that before the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from skel.findings.ignore import Ignore

NONE = "none"
"""Instead of the name of a file: read none."""
VERBS = ("check", "compare", "fleet.check", "lint", "migrate", "rehearse", "trace.validate")
"""Verbs that may have a table of their own: `[check]`, `[trace.validate]`."""
FORMS = ("text", "wide", "json", "yaml", "csv", "markdown", "junit", "sarif", "github", "html")
"""Forms of reports; a verb may have some of them."""
SHARED = ("baseline", "color", "exit-zero", "fail-on", "from", "output", "to")
"""Options that may stand above the tables; a verb without such an option passes over it."""

# These make sense for one run alone.
_ONE_RUN = frozenset({"config", "help", "ignore", "output-file", "write-baseline"})


@dataclass(frozen=True, slots=True)
class Config:
    """What the file says for one verb. `name` is the file as messages name it, empty if there is none."""

    name: str = ""
    folder: Path = field(default_factory=Path)
    shared: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, Any] = field(default_factory=dict)
    ignores: tuple[Ignore, ...] = ()


def config_callback(ctx: click.Context, _: click.Parameter, value: str | None) -> Config:
    """Read the file and make its settings the defaults of the verb."""
    file = find_config(Path.cwd()) if value is None else None if value == NONE else Path(value)
    if file is None:
        return Config()
    config = load_config(file, verb_of(ctx))
    ctx.default_map = {**(ctx.default_map or {}), **defaults(ctx, config)}
    return config


def verb_of(ctx: click.Context) -> str:
    """`check`, `trace.validate`."""
    names = []
    while ctx.parent is not None:
        names.append(ctx.info_name or "")
        ctx = ctx.parent
    return ".".join(reversed(names))


def find_config(start: Path) -> Path | None:
    """The nearest file, searched upwards; `skel.toml` before `pyproject.toml`, which counts only with `[tool.skel]`."""
    for folder in (start, *start.parents):
        if (folder / "skel.toml").is_file():
            return folder / "skel.toml"
        project = folder / "pyproject.toml"
        if project.is_file() and "skel" in _read(project).get("tool", {}):
            return project
    return None


def load_config(file: Path, verb: str) -> Config:
    """What the file says for the verb. Raises click's errors, which name the file."""
    content = _read(file)
    if file.name == "pyproject.toml":
        content = content.get("tool", {}).get("skel", {})
    name = _shown(file)
    own = _table(content, verb, name)
    shared = {key: value for key, value in content.items() if not _is_table(key)}
    for key in shared:
        if key not in SHARED:
            raise _unknown(name, key, (*SHARED, "ignore", *VERBS))
    settings = {key: value for key, value in own.items() if key != "ignore"}
    return Config(name, file.parent, shared, settings, tuple(_ignores(content, own, file)))


def _is_table(key: str) -> bool:
    return key == "ignore" or key in {verb.partition(".")[0] for verb in VERBS}


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise click.ClickException(f"{_shown(file)}: no such configuration file; `--config none` reads none") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{_shown(file)}: this is no TOML: {error}") from None


def _shown(file: Path) -> str:
    """Relative to the working directory where that is shorter."""
    return str(file.relative_to(Path.cwd())) if file.is_relative_to(Path.cwd()) else str(file)


def _table(content: Mapping[str, Any], verb: str, name: str) -> Mapping[str, Any]:
    found: Any = content
    for word in verb.split("."):
        found = found.get(word, {})
        if not isinstance(found, Mapping):
            raise click.ClickException(f"{name}: `{word}` must be a table: [{verb}]")
    return dict(found)


def _ignores(content: Mapping[str, Any], own: Mapping[str, Any], file: Path) -> Iterator[Ignore]:
    """Those for all verbs, then those of this one."""
    from skel.findings.errors import BadSettingError
    from skel.findings.ignore import read_ignore

    entries = [*_list(content, _shown(file)), *_list(own, _shown(file))]
    for number, entry in enumerate(entries, start=1):
        try:
            yield read_ignore(entry, origin=_shown(file), number=number, folder=file.parent)
        except BadSettingError as error:
            raise refusal(error) from None


def _list(table: Mapping[str, Any], name: str) -> list[object]:
    found = table.get("ignore", [])
    if not isinstance(found, list):
        raise click.ClickException(f"{name}: `ignore` must be a list of tables; write [[ignore]] above each")
    return found


def refusal(error: Any) -> click.ClickException:
    """A bad setting as the command line tells it."""
    return click.ClickException(f"{error.message}; {error.hint}" if error.hint else error.message)


def defaults(ctx: click.Context, config: Config) -> dict[str, Any]:
    """The settings by the names of the parameters. Raises click's errors for what the verb does not take."""
    options = _options(ctx.command)
    for key in config.own:
        if key not in options:
            raise _unknown(config.name, key, tuple(options))
    shared = {key: value for key, value in config.shared.items() if key in options and _is_meant(options[key], value)}
    return {
        str(options[key].name): _value(ctx, options[key], value, config)
        for key, value in {**shared, **config.own}.items()
    }


def _is_meant(option: click.Option, value: Any) -> bool:
    """Whether a setting for all verbs is one for this option: `output` may be a file here, or have fewer forms."""
    if option.name != "output":
        return True
    return isinstance(option.type, click.Choice) and (value not in FORMS or value in option.type.choices)


def _options(command: click.Command) -> dict[str, click.Option]:
    """By their long names, without the dashes."""
    found = {}
    for option in command.params:
        if isinstance(option, click.Option):
            found.update({name.removeprefix("--"): option for name in option.opts if name.startswith("--")})
    return {name: option for name, option in sorted(found.items()) if name not in _ONE_RUN}


def _value(ctx: click.Context, option: click.Option, value: Any, config: Config) -> Any:
    """A value that the option takes; a path is relative to the file that names it."""
    if isinstance(option.type, click.Path) and isinstance(value, str):
        value = str(config.folder / value)
    where = f"{config.name}: {option.opts[-1].removeprefix('--')}"
    if option.is_flag and not isinstance(value, bool):
        raise click.ClickException(f"{where} must be true or false, not {value!r}")
    try:
        option.type_cast_value(ctx, value)
    except click.BadParameter as error:
        raise click.ClickException(f"{where}: {error.message}") from None
    return value


def _unknown(name: str, key: str, known: tuple[str, ...]) -> click.ClickException:
    from skel.language.nearest import nearest

    near = nearest(key, known)
    way_out = f"did you mean `{near}`?" if near else f"known: {', '.join(known)}"
    return click.ClickException(f"{name}: there is no setting `{key}`; {way_out}")
