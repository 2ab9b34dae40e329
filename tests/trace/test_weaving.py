from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from skel.trace.weaving import weave

orders = st.lists(st.integers(0, 99), max_size=8, unique=True)


@given(orders, st.data())
def test_parts_of_an_order_with_an_anchor_between_all_others(order: list[int], data: st.DataObject) -> None:
    """What both have tells where the rest belongs, as long as no two loners stand beside each other."""
    sides = [data.draw(st.sampled_from(["left", "right", "both"])) for _ in order]
    left = [item for item, side in zip(order, sides, strict=True) if side != "right"]
    right = [item for item, side in zip(order, sides, strict=True) if side != "left"]
    woven = weave(left, right)
    assert sorted(woven) == sorted(order)
    assert [item for item in woven if item in left] == left
    assert [item for item in woven if item in right] == right


@given(st.lists(st.integers(0, 3), max_size=6), st.lists(st.integers(0, 3), max_size=6))
def test_each_as_often_as_in_the_one_that_has_it_more_often(left: list[int], right: list[int]) -> None:
    woven = weave(left, right)
    assert {item: woven.count(item) for item in woven} == {
        item: max(left.count(item), right.count(item)) for item in {*left, *right}
    }


def test_texts_in_alphabetical_order_stay_in_it() -> None:
    assert weave(["b", "d"], ["a", "c"]) == ["a", "b", "c", "d"]
    assert weave(["d", "b"], ["a"]) == ["d", "b", "a"]
