from __future__ import annotations

import pytest

from skel.language.diagnostic import SkelError
from skel.tools.selecting import find, objects_matching
from tests.trace.recordings import recorded

WEB, CART = ("Deployment", "shop", "web"), ("Deployment", "shop", "cart")
TRACE = recorded((0, {WEB: 1, CART: 1}, []), (10, {WEB: 9}, []), (20, {}, [WEB]))


def test_where() -> None:
    assert [(seen.event, seen.deleted) for seen in find(TRACE, "spec.replicas > 3")] == [(1, False), (2, True)]
    assert objects_matching(TRACE, "spec.replicas > 3") == {("apps/v1.Deployment", "shop/web")}
    assert objects_matching(TRACE, "@t >= 10m") == set()


def test_a_mistake_has_its_place() -> None:
    with pytest.raises(SkelError) as caught:
        find(TRACE, "spec.replicas >")
    assert caught.value.diagnostics[0].span.source.name == "<selector>"
