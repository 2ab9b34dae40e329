"""Words that must stand in the bytes of an object for a step to do anything: MessagePack keeps texts as they are.

Where the needed keys are in nearly every object (`containers`), a rare word (`k8s.gcr.io`) still tells most of them
apart, without decoding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from skel.compiler.values import constant
from skel.compiler.walk import is_digit_key
from skel.language import ast

Choice = frozenset[bytes]
"""One of these words must be there."""

# Too common to tell objects apart.
_COMMON = frozenset(
    b"apiVersion kind metadata name namespace labels annotations spec status template selector matchLabels "
    b"containers image env value resources ports volumes volumeMounts data type replicas".split()
)
SHORTEST = 4
"""Letters of a word; shorter ones are in everything. One with other signs in it may have one letter less."""

FEW = 2
"""Words that are looked for one by one; of more an automaton is made."""


def selector_choices(term: ast.Term) -> Iterator[Choice]:
    """Choices without which the selector does not hold."""
    match term:
        case ast.Compare(operator="=="):
            yield from _path_choices(term.left)
            if isinstance(term.left, ast.Path):
                yield from _texts(term.right)
        case ast.Compare(operator="!=" | "<" | "<=" | ">" | ">="):
            yield from _path_choices(term.left)
        case ast.In():
            yield from _path_choices(term.left)
            if isinstance(term.left, ast.Path):
                yield from _texts(term.right)
        case ast.Text():
            yield from _path_choices(term.left)
            if isinstance(term.left, ast.Path):
                yield from _text_choices(term)
        case ast.Exists() | ast.Known():
            yield from _path_choices(term.path)
        case ast.Bind():
            yield from _path_choices(term.path)
            yield from selector_choices(term.test) if term.test is not None else ()
        case ast.And():
            for part in term.terms:
                yield from selector_choices(part)
        case ast.Or():
            best = [rarest(selector_choices(part)) for part in term.terms]
            yield frozenset[bytes]().union(*(choice for choice in best if choice)) if all(best) else frozenset()
        case _:
            return


def command_choices(command: ast.ObjectCommand) -> Iterator[Choice]:
    """Choices without which the command changes nothing and skips nothing."""
    match command:
        case ast.Remove() | ast.Rename():
            yield from _path_choices(command.path)
        case ast.Replace():
            yield from _path_choices(command.path)
            yield from _regex_choice(command.pattern)
        case ast.Rekey():
            yield from _path_choices(command.path)
            yield from _texts(command.old)
        case _:
            return


def rarest(choices: Iterable[Choice]) -> Choice | None:
    """The choice that tells most objects apart, by a guess: names of fields are only letters and occur in every object,
    and long words are rare. None if there is nothing to go by.
    """
    usable = [choice for choice in choices if choice and all(map(_is_telling, choice))]
    return max(usable, key=_rarity, default=None)


@lru_cache(maxsize=1024)
def finder(words: frozenset[bytes]) -> Callable[[bytes], object]:
    """A test whether any of the words stands in some bytes."""
    every = sorted(words)
    if len(every) <= FEW:
        return lambda data: any(word in data for word in every)
    import re2

    options = re2.Options()
    options.never_capture = True
    options.encoding = re2.Options.Encoding.LATIN1  # bytes are bytes
    search: Callable[[bytes], object] = re2.compile(b"|".join(map(re.escape, every)), options).search
    return search


def _rarity(choice: Choice) -> tuple[bool, int, list[bytes]]:
    return not any(word.isalpha() for word in choice), min(map(len, choice)), sorted(choice)


def _is_telling(word: bytes) -> bool:
    return len(word) >= SHORTEST - (not word.isalpha()) and word not in _COMMON


def _path_choices(value: ast.Value) -> Iterator[Choice]:
    """The keys of a path, and what its filters need."""
    if not isinstance(value, ast.Path):
        return
    for step in value.steps:
        if isinstance(step, ast.Key) and not is_digit_key(step):
            yield _choice([step.name])
        elif isinstance(step, ast.Filter):
            yield from selector_choices(step.test)


def _texts(value: ast.Value) -> Iterator[Choice]:
    """A text, or the texts of a list, one of which must be equal to something in the object."""
    given = constant(value)
    if isinstance(given, str):
        yield _choice([given])
    elif isinstance(given, list) and given and all(isinstance(item, str) for item in given):
        yield _choice(given)


def _text_choices(term: ast.Text) -> Iterator[Choice]:
    if term.operator == "=~":
        yield from _regex_choice(term.right)
    elif isinstance(given := constant(term.right), str):
        yield _choice([given])


def _regex_choice(pattern: ast.Value) -> Iterator[Choice]:
    given = constant(pattern)
    if isinstance(given, str):
        yield _choice([longest_text(given)])


def longest_text(pattern: str) -> str:
    """The longest text that each match of a regular expression holds, as far as that is plain to see."""
    if re.search(r"\(\?(?!:|P<)", pattern):
        return ""  # flags: letters may stand for others
    runs = [""]
    for part in _PART.finditer(_without_groups(pattern)):
        letter, quantifier = part["plain"] or part["escaped"], part["quantifier"]
        if part["other"] == "|":
            return ""
        if letter is None or (quantifier and quantifier[0] in "*?{"):
            runs.append("")
        elif quantifier:
            runs += [runs.pop() + letter, ""]
        else:
            runs[-1] += letter
    return max(runs, key=len)


# A letter, an escaped sign, or anything else, each with how often it may stand there.
_PART = re.compile(
    r"(?:(?P<plain>[^\\.\[\](){}*+?^$|])|\\(?P<escaped>[^A-Za-z0-9])|(?P<other>\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.))"
    r"(?P<quantifier>(?:[*+?]|\{[0-9,]*\})[?+]?)?",
    re.DOTALL,
)
_GROUP = re.compile(r"(\\.|\[\^?\]?(?:\\.|[^\]\\])*\])|\((?:\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[^()\\\[])*\)", re.DOTALL)


def _without_groups(pattern: str) -> str:
    """Each group becomes a sign that is no letter. The innermost ones go first."""
    while True:
        shorter = _GROUP.sub(lambda found: found[1] or "^", pattern)
        if shorter == pattern:
            return pattern
        pattern = shorter


def _choice(texts: Iterable[str]) -> Choice:
    try:
        return frozenset(text.encode() for text in texts)
    except UnicodeEncodeError:
        return frozenset()  # half a character; no object can hold it
