"""What PyYAML's parser complains about, in words that say what to do."""

from __future__ import annotations

from yaml import MarkedYAMLError, YAMLError
from yaml.reader import ReaderError

from skel.manifests.complaint import UnreadableError

_WAYS_OUT = {
    "mapping values are not allowed in this context": (
        "a `:` where none is expected: the line is indented too far, or the value needs quotes"
    ),
    "did not find expected key": "the indentation does not fit the lines above, or a quote is not closed",
    "did not find expected '-' indicator": "the indentation does not fit the list above",
    "could not find expected ':'": "a key without `:`, or a line that is not indented far enough",
    "did not find expected node content": "a value is missing here: something is not closed",
    "did not find expected ',' or ']'": "a `,` or the closing `]` of this list is missing",
    "did not find expected ',' or '}'": "a `,` or the closing `}` of this map is missing",
    "found unexpected end of stream": "a quote is not closed",
    "found unexpected document indicator": "a quote is not closed",
    "control characters are not allowed": "a control character, which YAML does not allow: remove it",
    "block sequence entries are not allowed in this context": "a list can't begin here: put it on the next line",
    "found invalid Unicode character escape code": "this escape is no character: write the character itself",
    "found unknown escape character": "an unknown escape: in double quotes `\\` stands doubled, or use single quotes",
}


def unreadable(error: YAMLError, text: str) -> UnreadableError:
    """The error with its place in the text."""
    if isinstance(error, ReaderError):
        before = text.encode()[: max(error.position, 0)].decode("utf-8", "ignore")
        return UnreadableError(len(before), _WAYS_OUT.get(error.reason, str(error.reason)))
    if not isinstance(error, MarkedYAMLError):
        return UnreadableError(0, str(error))
    problem, offset = error.problem or "this is not YAML", _place(error, len(text.rstrip()))
    if problem == "found character that cannot start any token":
        return UnreadableError(offset, _no_token(text[offset : offset + 1]))
    return UnreadableError(offset, _WAYS_OUT.get(problem, problem))


def _place(error: MarkedYAMLError, end: int) -> int:
    """Where the parser noticed it; if that is at the end, or a bracket is not closed, where it began."""
    marks = [mark.index for mark in (error.problem_mark, error.context_mark) if mark]
    if "or ']'" in (error.problem or "") or "or '}'" in (error.problem or ""):
        marks.reverse()
    return next((mark for mark in marks if mark < end), end)


def _no_token(character: str) -> str:
    if character == "\t":
        return "a tab: YAML is indented with spaces"
    return f"a value can't begin with `{character}`: put it in quotes"
