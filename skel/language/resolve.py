"""From the file as written to a program that stands by itself: imports read, definitions in place, names replaced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from skel.language import ast, codes
from skel.language.diagnostic import Diagnostic, Label
from skel.language.imports import FileLoader, ImportFailure, Loader
from skel.language.nearest import nearest
from skel.language.parameters import Parameters, outside_value
from skel.language.parser import parse
from skel.language.scope import Given, Scope, Unknown
from skel.language.substitute import Definition, Namespace, Substitution, TooLarge
from skel.language.text import Source, Span

NO_PARAMETERS: Parameters = {}


@dataclass(frozen=True, slots=True)
class Resolution:
    """`drafts` are the definitions of this file with their parameters left open: there to be checked, not to be run."""

    module: ast.ResolvedModule
    drafts: tuple[ast.ResolvedRule, ...]
    diagnostics: tuple[Diagnostic, ...]


def resolve(
    module: ast.Module, *, parameters: Parameters = NO_PARAMETERS, loader: Loader | None = None
) -> tuple[ast.ResolvedModule, tuple[Diagnostic, ...]]:
    """The program without imports, definitions, parameters and names; see `resolve_fully`."""
    resolution = resolve_fully(module, parameters=parameters, loader=loader)
    return resolution.module, resolution.diagnostics


def resolve_fully(
    module: ast.Module, *, parameters: Parameters = NO_PARAMETERS, loader: Loader | None = None
) -> Resolution:
    """Resolve a module. Never raises: what can't be resolved is reported and left out.

    `parameters` are the values from outside, by name without `$`. `loader` reads imports; without one, files and the
    standard library.
    """
    return _Resolver(parameters, loader or FileLoader()).resolve(module)


class _Resolver:
    def __init__(self, parameters: Parameters, loader: Loader) -> None:
        self.outside = parameters
        self.loader = loader
        self.work = Substitution()
        self.read: dict[str, Namespace | None] = {}
        self.declared: set[str] = set()

    def resolve(self, module: ast.Module) -> Resolution:
        source = module.span.source
        rules: list[ast.ResolvedRule] = []
        drafts: list[ast.ResolvedRule] = []
        self.read[source.name] = None
        home = self.namespace(module)
        self.check_outside(module)
        try:
            drafts = [self.draft(item, home) for item in module.statements if isinstance(item, ast.Define)]
            rules = list(self.rules(module, home))
        except TooLarge:
            pass
        self.check_ids(rules)
        found = sorted(self.work.found.values(), key=lambda diagnostic: _order(diagnostic, source))
        resolved = ast.ResolvedModule(tuple(rules), self.work.slots, module.span)
        return Resolution(resolved, tuple(drafts), tuple(found))

    # ---- rules -------------------------------------------------------------------------------------------------------

    def rules(self, module: ast.Module, home: Namespace) -> Iterable[ast.ResolvedRule]:
        names = _Names(module.span.source)
        for statement in module.statements:
            match statement:
                case ast.Rule():
                    commands = self.work.commands(statement.commands, self.scope(home), home)
                    yield ast.ResolvedRule(statement.id, statement.metadata, commands, statement.span)
                case ast.Define() | ast.Import() | ast.Param():
                    pass
                case _:
                    commands = self.work.commands((statement,), self.scope(home), home)
                    yield ast.ResolvedRule(names.name(statement.span), (), commands, statement.span)

    def scope(self, home: Namespace) -> Scope:
        return Scope(None, dict(home.parameters))

    def draft(self, define: ast.Define, home: Namespace) -> ast.ResolvedRule:
        """The definition by itself, so that its mistakes are found even if nothing uses it."""
        scope = Scope(None, home.parameters | dict.fromkeys(define.parameters, Unknown()))
        self.work.open.append(define)
        commands = self.work.commands(define.commands, scope, home)
        self.work.open.pop()
        return ast.ResolvedRule(define.name, (), commands, define.span)

    def check_ids(self, rules: list[ast.ResolvedRule]) -> None:
        first: dict[str, ast.ResolvedRule] = {}
        for rule in rules:
            before = first.setdefault(rule.id, rule)
            if before is not rule:
                labels = (Label(_head(before.span), "the first one"),)
                message = f"two rules have the id `{rule.id}`"
                self.work.report(codes.RULE_TWICE.at(_head(rule.span), message, labels=labels))

    # ---- names of a file ---------------------------------------------------------------------------------------------

    def namespace(self, module: ast.Module) -> Namespace:
        home = Namespace(module.span.source.name)
        for statement in module.statements:
            match statement:
                case ast.Import():
                    self.import_file(statement, home)
                case ast.Param():
                    self.declare(home, f"${statement.name}", statement.span)
                    self.parameter(statement, home)
                case ast.Define():
                    self.declare(home, statement.name, statement.span)
                    self.check_parameters(statement)
                    home.definitions[statement.name] = Definition(statement, home)
                case _:
                    pass
        return home

    def declare(self, home: Namespace, name: str, span: Span) -> None:
        before = home.places.setdefault(name, span)
        if before != span:
            labels = (Label(_head(before), "the first one"),)
            self.work.report(codes.DEFINED_TWICE.at(_head(span), f"`{name}` is defined twice", labels=labels))

    def check_parameters(self, define: ast.Define) -> None:
        if len(set(define.parameters)) < len(define.parameters):
            message = f"a parameter of `{define.name}` stands twice"
            self.work.report(codes.DEFINED_TWICE.at(_head(define.span), message))

    def parameter(self, param: ast.Param, home: Namespace) -> None:
        self.declared.add(param.name)
        scope = self.scope(home)
        if param.name in self.outside:
            given = outside_value(param.name, self.outside[param.name], param.default)
            if given is None:
                message = f"the value given for `${param.name}` does not fit"
                hint = "it must be of the kind of this default"
                self.work.report(codes.PARAMETER_VALUE.at(param.span, message, hint))
        elif param.default is not None:
            given = self.work.value(param.default, scope)
        else:
            message = f"`${param.name}` has no value"
            hint = f"give one from outside, `{param.name}=...`"
            self.work.report(codes.PARAMETER_VALUE.at(param.span, message, hint))
            given = None
        home.parameters[param.name] = Given(given) if given is not None else Unknown()

    def check_outside(self, module: ast.Module) -> None:
        start = Span(module.span.source, 0, 0)
        for name in self.outside:
            if name not in self.declared:
                near = nearest(name, self.declared)
                hint = f"did you mean `{near}`?" if near is not None else ""
                message = f"a value is given for `{name}`, but the program has no `param ${name}`"
                self.work.report(codes.UNKNOWN_PARAMETER.at(start, message, hint))

    # ---- imports -----------------------------------------------------------------------------------------------------

    def import_file(self, statement: ast.Import, home: Namespace) -> None:
        """Take over the names of another file; the names that it imports itself stay its own."""
        try:
            name = self.loader.locate(statement.path, statement.span.source)
            if name in self.read and self.read[name] is None:
                message = f"`{statement.path}` imports this file, directly or not"
                self.work.report(codes.IMPORT_CYCLE.at(statement.span, message))
                return
            imported = self.read.get(name) or self.read_file(name)
        except ImportFailure as failure:
            message = f"`{statement.path}` can't be imported"
            self.work.report(codes.IMPORT_FAILED.at(statement.span, message, str(failure)))
            return
        for name, definition in imported.definitions.items():
            if definition.home is imported:
                self.declare(home, name, definition.define.span)
                home.definitions[name] = definition
        for name, place in imported.places.items():
            if name.startswith("$") and place.source.name == imported.file:
                self.declare(home, name, place)
                home.parameters[name[1:]] = imported.parameters[name[1:]]

    def read_file(self, name: str) -> Namespace:
        source = self.loader.read(name)
        self.read[name] = None
        parsed = parse(source)
        for diagnostic in parsed.diagnostics:
            self.work.report(diagnostic)
        namespace = self.namespace(parsed.module)
        self.read[name] = namespace
        return namespace


class _Names:
    """Names of bare commands: file and line, and the column where a line has several."""

    def __init__(self, source: Source) -> None:
        self.file = source.name if source.name.startswith("<") else PurePath(source.name).name
        self.taken: set[str] = set()

    def name(self, span: Span) -> str:
        line, column = span.source.position(span.start)
        name = f"{self.file}:{line}"
        if name in self.taken:
            name = f"{name}:{column}"
        self.taken.add(name)
        return name


def _head(span: Span) -> Span:
    """The first line of a statement, without its block."""
    first = span.text.split("\n", 1)[0]
    head = first.split("{", 1)[0].rstrip()
    return Span(span.source, span.start, span.start + len(head or first))


def _order(diagnostic: Diagnostic, own: Source) -> tuple[bool, str, int]:
    """Complaints about this file first, then those about imported ones."""
    source = diagnostic.span.source
    return source is not own, source.name, diagnostic.span.start
