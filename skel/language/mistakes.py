"""Known mistakes of syntax, each with its own words. The first of MISTAKES that fits has the say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from skel.language import codes
from skel.language.diagnostic import Diagnostic, Edit, Fix, Label
from skel.language.driver import Advice, Trouble
from skel.language.text import Source, Span
from skel.language.tree import Token


@dataclass(frozen=True, slots=True)
class Found:
    """What to say, and how to go on; None to leave the statement out."""

    diagnostic: Diagnostic
    advice: Advice | None = None


Mistake = Callable[[Trouble, Source], Found | None]

CLOSERS = MappingProxyType({"LPAR": ("RPAR", ")"), "LSQB": ("RSQB", "]"), "LBRACE": ("RBRACE", "}")})
WORDS = MappingProxyType(
    {
        "and": ("AND", "&&"),
        "or": ("OR", "||"),
        "is": ("OPERATOR", "=="),
        "equals": ("OPERATOR", "=="),
        "matches": ("OPERATOR", "=~"),
        "like": ("OPERATOR", "=~"),
    }
)
STATEMENT_STARTS = ("NAME", "WHEN", "RULE", "DEFINE", "IMPORT", "PARAM", "RBRACE", "$END")


def find(trouble: Trouble, source: Source) -> Found:
    return next(found for mistake in MISTAKES if (found := mistake(trouble, source)) is not None)


def span_of(token: Token, source: Source) -> Span:
    return Span(source, token.start, token.end)


def behind(token: Token | None, source: Source) -> Span:
    """The empty place right behind a token."""
    end = token.end if token is not None else 0
    return Span(source, end, end)


def _too_deep(trouble: Trouble, source: Source) -> Found | None:
    if not trouble.too_deep:
        return None
    return Found(codes.TOO_DEEP.at(span_of(trouble.token, source), "this is nested too deeply"))


def _bind_sign(trouble: Trouble, source: Source) -> Found | None:
    """`$x: path`, `$x: = path`."""
    before, token = trouble.before, trouble.token
    if token.kind != "COLON" or before is None or before.kind != "VARIABLE":
        return None
    after = trouble.tokens[trouble.at + 1]
    dropped, end = (2, after.end) if after.kind == "EQUAL" else (1, token.end)
    span = Span(source, token.start, end)
    advice = Advice((Token("ASSIGN", ":=", token.start, end),), dropped)
    return Found(_bind(before.text, span), advice)


def _bind_with_equals(trouble: Trouble, source: Source) -> Found | None:
    """`$x = path | test`: what is wrong is the sign before, not the `|`."""
    if trouble.token.kind != "VBAR":
        return None
    for i in range(trouble.at - 1, 0, -1):
        token, left = trouble.tokens[i], trouble.tokens[i - 1]
        if token.kind in ("SEMICOLON", "LBRACE"):
            return None
        if token.text in ("=", "==") and left.kind == "VARIABLE":
            return Found(_bind(left.text, span_of(token, source)))
    return None


def _bind(name: str, span: Span) -> Diagnostic:
    fix = Fix("write `:=`", (Edit(span, ":="),))
    return codes.BIND_SIGN.at(span, f"`{name}` is bound with `:=`", "write `:=`", fix=fix)


def _word_for_operator(trouble: Trouble, source: Source) -> Found | None:
    token, before = trouble.token, trouble.before
    if token.kind == "NAME" and token.text.lower() in WORDS:
        kind, sign = WORDS[token.text.lower()]
        if kind in trouble.expected:
            advice = Advice((Token(kind, sign, token.start, token.end),), 1)
            return Found(_operator(token, sign, source), advice)
    if before is not None and before.kind == "NAME" and before.text.lower() == "not" and token.kind != "SEMICOLON":
        return Found(_operator(before, "!", source))
    return None


def _operator(token: Token, sign: str, source: Source) -> Diagnostic:
    span = span_of(token, source)
    fix = Fix(f"write `{sign}`", (Edit(span, sign),))
    return codes.WORD_FOR_OPERATOR.at(span, f"`{token.text}` is no operator", f"write `{sign}`", fix=fix)


def _spaced_time(trouble: Trouble, source: Source) -> Found | None:
    before, token = trouble.before, trouble.token
    if token.kind != "NAME" or token.text != "t" or before is None or before.kind != "ITEM":
        return None
    span = Span(source, before.start, token.end)
    fix = Fix("remove the blank", (Edit(span, "@t"),))
    return Found(codes.BLANK_IN_PATH.at(span, "a blank stands between `@` and `t`", "write `@t`", fix=fix))


def _block_for_map(trouble: Trouble, source: Source) -> Found | None:
    """`when kind == "A" && { remove(x); }`: the block was taken for a map, because something must still come before
    it.
    """
    begun, opened = trouble.begun, trouble.opened
    if begun is None or begun.kind != "WHEN" or [bracket.kind for bracket in opened] != ["LBRACE"]:
        return None
    place = span_of(opened[0], source)
    return Found(codes.UNEXPECTED.at(place, "`{` is not understood here", "a test is missing before it"))


def _leading_dot(trouble: Trouble, source: Source) -> Found | None:
    """`.spec`, as in other tools."""
    token = trouble.token
    if token.kind != "DOT_KEY" or "DEEP" not in trouble.expected:
        return None
    name = token.text[1:]
    fix = Fix("remove the dot", (Edit(Span(source, token.start, token.start + 1), ""),))
    diagnostic = codes.BAD_STEP.at(span_of(token, source), "a path begins without a dot", f"write `{name}`", fix=fix)
    return Found(diagnostic, Advice((Token("NAME", name, token.start, token.end),), 1))


def _missing_bracket(trouble: Trouble, source: Source) -> Found | None:
    """`remove(spec.replicas;` and blocks that the end of the file leaves open."""
    token = trouble.token
    if token.kind not in ("SEMICOLON", "RBRACE", "LBRACE", "$END"):
        return None
    open_block = _block_opened(trouble)
    opened = trouble.opened or ((open_block,) if open_block is not None else ())
    closers = [CLOSERS[bracket.kind] for bracket in reversed(opened)]
    if not closers or closers[0][0] not in trouble.expected:
        return None
    place = behind(trouble.before, source)
    signs = "".join(sign for _, sign in closers)
    labels = (Label(span_of(opened[-1], source), "opened here"),)
    # Where a block should have ended is not for a machine to decide.
    fix = Fix(f"add `{signs}`", (Edit(place, signs),)) if trouble.opened else None
    message = f"`{signs}` {'is' if len(closers) == 1 else 'are'} missing"
    diagnostic = codes.OPEN_BRACKET.at(place, message, f"add `{signs}` here", labels=labels, fix=fix)
    return Found(diagnostic, Advice(tuple(Token(kind, sign, place.start, place.start) for kind, sign in closers)))


def _block_opened(trouble: Trouble) -> Token | None:
    """The `{` of the block that is open at the end of the file."""
    if trouble.token.kind != "$END":
        return None
    depth = 0
    for token in reversed(trouble.tokens[: trouble.at]):
        depth += {"RBRACE": 1, "LBRACE": -1}.get(token.kind, 0)
        if depth < 0:
            return token
    return None


def _missing_semicolon(trouble: Trouble, source: Source) -> Found | None:
    token = trouble.token
    if trouble.begun is None or "SEMICOLON" not in trouble.expected or token.kind not in STATEMENT_STARTS:
        return None
    place = behind(trouble.before, source)
    fix = Fix("add `;`", (Edit(place, ";"),))
    diagnostic = codes.MISSING_SEMICOLON.at(place, "`;` is missing", "add `;` here", fix=fix)
    return Found(diagnostic, Advice((Token("SEMICOLON", ";", place.start, place.start),)))


def _extra_bracket(trouble: Trouble, source: Source) -> Found | None:
    token = trouble.token
    openers = {closer: opener for opener, (closer, _) in CLOSERS.items()}
    if token.kind not in openers or any(opened.kind == openers[token.kind] for opened in trouble.opened):
        return None
    span = span_of(token, source)
    fix = Fix(f"remove the `{token.text}`", (Edit(span, ""),)) if token.kind != "RBRACE" else None
    diagnostic = codes.EXTRA_BRACKET.at(span, f"this `{token.text}` closes nothing", fix=fix)
    return Found(diagnostic, Advice(dropped=1))


def _unexpected(trouble: Trouble, source: Source) -> Found:
    token = trouble.token
    expected = _alternatives(trouble.expected)
    hint = f"expected {expected}" if expected else ""
    if token.kind == "$END":
        return Found(codes.UNEXPECTED.at(behind(trouble.before, source), "the program ends too early", hint))
    return Found(codes.UNEXPECTED.at(span_of(token, source), f"`{shown(token)}` is not understood here", hint))


def shown(token: Token) -> str:
    first = token.text.split("\n")[0]
    return first if len(first) <= 40 else f"{first[:37]}..."


# What opens an operand, besides what each place says more plainly.
_OPERAND = frozenset(
    {"STRING", "NUMBER", "NAME", "SUFFIXED", "VARIABLE", "TIME", "ITEM", "DEEP", "STAR", "LBRACE", "LSQB", "LPAR"}
)

EXPECTATIONS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"WHEN", "RULE", "NAME", "DEFINE", "IMPORT", "PARAM", "SEMICOLON"}), "a command"),
    (_OPERAND | {"BANG"}, "a test, path or value"),
    (_OPERAND, "a path or value"),
    (frozenset({"LPAR", "STRING", "NUMBER", "NAME", "SUFFIXED"}), "`(`"),
    (frozenset({"STRING", "NUMBER", "NAME", "SUFFIXED"}), "a string"),
    (frozenset({"STRING", "NUMBER", "VARIABLE", "STAR", "QMARK"}), "an index, a key or `*`"),
    (frozenset({"STRING", "NUMBER", "NAME", "VARIABLE"}), "a key"),
    (frozenset({"OPERATOR", "IN"}), "a comparison"),
    (frozenset({"AND", "OR"}), "`&&`"),
    (frozenset({"COMMA"}), "`,`"),
    (frozenset({"EQUAL"}), "`=`"),
    (frozenset({"RPAR"}), "`)`"),
    (frozenset({"RSQB"}), "`]`"),
    (frozenset({"COLON"}), "`:`"),
    (frozenset({"LPAR"}), "`(`"),
    (frozenset({"LBRACE"}), "`{`"),
    (frozenset({"RBRACE"}), "`}`"),
    (frozenset({"SEMICOLON"}), "`;`"),
    (frozenset({"NAME"}), "a name"),
    (frozenset({"STRING"}), "a string"),
    (frozenset({"VARIABLE"}), "a `$name`"),
)


def _alternatives(expected: frozenset[str]) -> str:
    """What could stand here, in words: at most four."""
    words: list[str] = []
    left = set(expected)
    for kinds, word in EXPECTATIONS:
        if kinds <= left:
            words.append(word)
            left -= kinds
    words = words[:4]
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""


MISTAKES: tuple[Mistake, ...] = (
    _too_deep,
    _bind_sign,
    _bind_with_equals,
    _word_for_operator,
    _spaced_time,
    _block_for_map,
    _leading_dot,
    _missing_bracket,
    _missing_semicolon,
    _extra_bracket,
    _unexpected,
)
