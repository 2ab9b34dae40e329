"""Labels and annotations of which nothing is to be said: the quick look, which knows again what it has seen.

Whatever it does not call good is looked at by `metadata`, which knows the reasons.
"""

from __future__ import annotations

from skel.patch.values import Json
from skel.replay.dry.metadata import ANNOTATIONS_LIMIT
from skel.replay.dry.names import label_value, qualified_name

_PLAIN = frozenset({"name", "namespace", "labels", "annotations"})
_NONE: dict[str, Json] = {}
# The limit counts bytes; a character has four at most.
_SMALL = ANNOTATIONS_LIMIT // 4
_REMEMBERED = 16_384
_good_labels: set[tuple[str, str]] = set()
_good_names: set[str] = set()


def has_good_texts(meta: Json) -> bool:
    """Whether nothing is to be said about metadata but for names; false as well where that takes a closer look."""
    if not meta.keys() <= _PLAIN:
        return False
    return _are_good_labels(meta.get("labels", _NONE)) and _are_good_annotations(meta.get("annotations", _NONE))


def _are_good_labels(labels: Json) -> bool:
    if type(labels) is not dict:
        return False
    try:
        for label in labels.items():
            if label in _good_labels:
                continue
            if not _is_good_label(*label):
                return False
    except TypeError:
        return False  # a list or a map where a text should be
    return True


def _is_good_label(key: Json, value: Json) -> bool:
    if type(key) is not str or type(value) is not str or qualified_name(key) or label_value(value):
        return False
    if len(_good_labels) >= _REMEMBERED:
        _good_labels.clear()
    _good_labels.add((key, value))
    return True


def _are_good_annotations(annotations: Json) -> bool:
    if type(annotations) is not dict:
        return False
    size = 0
    for key, value in annotations.items():
        if type(value) is not str or not (key in _good_names or _is_good_name(key)):
            return False
        size += len(key) + len(value)
    return size < _SMALL


def _is_good_name(key: Json) -> bool:
    if type(key) is not str or qualified_name(key.lower()):
        return False
    if len(_good_names) >= _REMEMBERED:
        _good_names.clear()
    _good_names.add(key)
    return True
