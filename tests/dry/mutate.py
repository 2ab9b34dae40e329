"""Makes defects: takes valid objects apart in the ways in which people get manifests wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from random import Random

from skel.kube.fields import Field
from skel.kube.schema import schema
from skel.patch.values import Json, copy_json

Steps = tuple[str | int, ...]
Mutation = Callable[[Random, Json], Json | None]
"""Gives the object with a defect, None where there is nothing to break. May change the object that it gets."""

NEWEST = "1.25"
_WRONG: tuple[Json, ...] = ("x", "", 7, -1, True, None, [], {}, ["x"], {"x": "y"}, 1.5)
_NUMBERS = (-1, 0, 1, 2, 70000, 2**31, 2**40, -(2**31), 101)
_TEXTS = ("Upper", "with space", "-dash", "dash-", "a_b", "a.b", "x" * 64, "x" * 254, "ü", "a/b", "1a", ".", "..", "*")
_QUANTITIES = ("abc", "1 Gi", "-1", "1.5", "0", "1GB", "1e3", "100000000000000000000", "0.1m", "1Ki1", "+5", "")


def places(value: Json, here: Steps = ()) -> Iterator[tuple[Steps, Json]]:
    """Every place below an object with what is there."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, child in items:
        if here or step not in {"apiVersion", "kind"}:
            yield (*here, step), child
            yield from places(child, (*here, step))


def value_at(found: Json, place: Iterable[str | int]) -> Json:
    for step in place:
        found = found[step]
    return found


def put(found: Json, place: Steps, new: Json) -> Json:
    """The object, with something else at a place."""
    value_at(found, place[:-1])[place[-1]] = new
    return found


def drop(found: Json, place: Steps) -> Json:
    del value_at(found, place[:-1])[place[-1]]
    return found


def pick(random: Random, found: Json, fits: Callable[[Steps, Json], bool]) -> Steps | None:
    fitting = [place for place, child in places(found) if fits(place, child)]
    return random.choice(fitting) if fitting else None


def field_at(found: Json, place: Steps) -> Field | None:
    field = schema(found["apiVersion"], found["kind"], NEWEST) or schema(found["apiVersion"], found["kind"], "1.24")
    for step in place:
        if field is None:
            return None
        match field.type:
            case "object":
                field = field.fields.get(str(step))
            case "array":
                field = field.items
            case "map":
                field = field.values
            case _:
                return None
    return field


def _type_at(found: Json, place: Steps) -> str:
    field = field_at(found, place)
    return field.type if field else ""


def unknown_field(random: Random, found: Json) -> Json | None:
    place = pick(random, found, lambda place, child: isinstance(child, dict) and _type_at(found, place) == "object")
    if place is None:
        return None
    target = value_at(found, place)
    name = random.choice([*target, "comment", "image"])
    target[f"{name}s" if random.random() < 0.5 else str(name).capitalize()] = random.choice(["x", 1, {}])
    return found


def wrong_type(random: Random, found: Json) -> Json | None:
    place = pick(random, found, lambda _place, _child: True)
    return put(found, place, random.choice(_WRONG)) if place else None


def wrong_word(random: Random, found: Json) -> Json | None:
    """Enumerations look like that: words that begin with a capital letter."""
    place = pick(random, found, lambda place, child: isinstance(child, str) and child[:1].isupper() and child.isalpha())
    if place is None:
        return None
    word = value_at(found, place)
    return put(found, place, random.choice([word.lower(), f"{word}s", "Never", "Always", "None", "Bogus", ""]))


def wrong_number(random: Random, found: Json) -> Json | None:
    place = pick(random, found, lambda place, child: type(child) is int)
    return put(found, place, random.choice(_NUMBERS)) if place else None


def wrong_text(random: Random, found: Json) -> Json | None:
    place = pick(random, found, lambda place, child: isinstance(child, str))
    return put(found, place, random.choice(_TEXTS)) if place else None


def wrong_quantity(random: Random, found: Json) -> Json | None:
    place = pick(random, found, lambda place, child: _type_at(found, place) == "quantity")
    return put(found, place, random.choice(_QUANTITIES)) if place else None


def without(random: Random, found: Json) -> Json | None:
    place = pick(random, found, lambda place, child: isinstance(place[-1], str))
    if place is None:
        return None
    return drop(found, place)


def empty(random: Random, found: Json) -> Json | None:
    place = pick(random, found, lambda place, child: bool(child) and isinstance(child, str | list | dict))
    if place is None:
        return None
    return put(found, place, type(value_at(found, place))())


def null(random: Random, found: Json) -> Json | None:
    place = pick(random, found, lambda _place, _child: True)
    return put(found, place, None) if place else None


def number_as_text(random: Random, found: Json) -> Json | None:
    """What YAML makes of a missing or an unnecessary quote."""
    place = pick(
        random, found, lambda place, child: type(child) in {int, bool} or (isinstance(child, str) and child.isdigit())
    )
    if place is None:
        return None
    here = value_at(found, place)
    return put(found, place, int(here) if isinstance(here, str) else random.choice([str(here), float(here)]))


def number_as_quantity(random: Random, found: Json) -> Json | None:
    place = pick(random, found, lambda place, child: _type_at(found, place) == "quantity")
    return put(found, place, random.choice([1, 2, 0.5, 1000, 1.0, 10**9])) if place else None


def twice(random: Random, found: Json) -> Json | None:
    place = pick(random, found, lambda place, child: isinstance(child, list) and bool(child))
    if place is None:
        return None
    here = value_at(found, place)
    here.append(copy_json(random.choice(here)))
    return found


def wrong_metadata(random: Random, found: Json) -> Json | None:
    meta = found.setdefault("metadata", {})
    text = random.choice(_TEXTS)
    match random.randrange(7):
        case 0:
            meta["name"] = text
        case 1:
            meta["labels"] = {text: "a"}
        case 2:
            meta["labels"] = {"a": text}
        case 3:
            meta["annotations"] = {text: "a"}
        case 4:
            meta["finalizers"] = [text]
        case 5:
            meta["ownerReferences"] = [
                {"apiVersion": "v1", "kind": "Pod", "name": "a", "uid": random.choice(["", "u"])}
            ]
        case _:
            meta.pop("name", None)
            meta["generateName"] = f"{text}-"
    return found


def elsewhere(random: Random, found: Json) -> Json | None:
    found.setdefault("metadata", {})["namespace"] = random.choice(["absent", "Bad_Name", "default", ""])
    return found


def moved(random: Random, found: Json) -> Json | None:
    """A subtree at the wrong place: wrong indentation."""
    deep = [place for place, child in places(found) if len(place) >= 3 and isinstance(place[-1], str)]
    if not deep:
        return None
    place = random.choice(deep)
    here = value_at(found, place)
    drop(found, place)
    above = value_at(found, place[:-2])
    if isinstance(above, dict):
        above[place[-1]] = here
    return found


MUTATIONS: dict[str, Mutation] = {
    "unknown-field": unknown_field,
    "type": wrong_type,
    "enum": wrong_word,
    "range": wrong_number,
    "format": wrong_text,
    "quantity": wrong_quantity,
    "missing": without,
    "empty": empty,
    "null": null,
    "number-as-text": number_as_text,
    "number-as-quantity": number_as_quantity,
    "duplicate": twice,
    "metadata": wrong_metadata,
    "scope": elsewhere,
    "moved": moved,
}


def mutants(valid: Json, seed: int, rounds: int) -> Iterator[tuple[str, Json]]:
    """Each mutation some times, by name; always the same for the same seed."""
    for name, mutation in MUTATIONS.items():
        for number in range(rounds):
            random = Random(
                f"{seed}/{name}/{number}/{valid['kind']}/{valid['apiVersion']}/{valid['metadata'].get('name')}"
            )
            found = mutation(random, copy_json(valid))
            if found is not None:
                yield name, found
