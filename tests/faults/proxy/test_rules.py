from __future__ import annotations

from skel.faults.actions import Credit, Delay, Expire, Fail, Hold, Lose, Release, SlowBody, StaleList
from skel.faults.proxy.frames import Frame
from skel.faults.proxy.route import Route, parse_route
from skel.faults.proxy.rules import AsOf, Halve, LoseAnswer, Pass, Refuse, Rules, Stream

POD = parse_route("POST", "/api/v1/namespaces/trial/pods")
LIST = parse_route("GET", "/api/v1/pods?resourceVersion=0")
WATCH = parse_route("GET", "/api/v1/pods?watch=1&resourceVersion=5")


def test_a_fault_is_used_up_by_the_requests_that_it_fits() -> None:
    rules = Rules()
    rules.expect(Lose("pods", times=2, status=504))
    status = parse_route("PUT", "/api/v1/namespaces/trial/pods/a/status")
    assert rules.decide(status) == Pass()
    assert [rules.decide(POD) for _ in range(3)] == [LoseAnswer(504), LoseAnswer(504), Pass()]


def test_only_what_is_in_scope_is_harmed() -> None:
    rules = Rules(lambda route: route.namespace in {"", "trial"})
    rules.expect(Fail("pods", status=429, retry_after=7))
    assert rules.decide(parse_route("POST", "/api/v1/namespaces/other/pods")) == Pass()
    assert rules.decide(POD) == Refuse(429, 7)


def test_each_fault_knows_the_form_of_its_requests() -> None:
    rules = Rules()
    rules.expect(Expire("pods"))
    rules.expect(SlowBody("pods"))
    assert rules.decide(POD) == Pass()
    assert rules.decide(WATCH) == Refuse(410)
    assert rules.decide(LIST) == Halve()
    assert rules.decide(WATCH) == Pass()


def test_any_verb_does_not_mean_watches() -> None:
    rules = Rules()
    rules.expect(Fail("pods", verb="*"))
    assert rules.decide(WATCH) == Pass()
    assert rules.decide(LIST) == Refuse(503)


def test_a_stale_list_is_answered_only_to_who_takes_any_state() -> None:
    rules = Rules()
    rules.keep_stale(StaleList("pods"), 41)
    fresh = parse_route("GET", "/api/v1/pods")
    assert [rules.decide(route) for route in (LIST, LIST, fresh, WATCH)] == [AsOf(41), AsOf(41), Pass(), Pass()]
    rules.clear()
    assert rules.decide(LIST) == Pass()


def is_held(rules: Rules, resource: str, agent: str = "informers") -> bool:
    stream = Stream(resource, agent)
    rules.admit(stream)
    return stream.gate.is_held


def test_a_new_watch_is_held_as_those_before_it() -> None:
    rules = Rules()
    rules.change_streams(Hold("pods", agent="informers"), iter(()))
    assert is_held(rules, "pods")
    assert not is_held(rules, "pods", "metadata")
    assert not is_held(rules, "nodes")
    rules.change_streams(Release("pods"), iter(()))
    assert not is_held(rules, "pods")


def test_all_resources_can_be_meant() -> None:
    rules = Rules()
    streams = [Stream("pods", ""), Stream("nodes", "")]
    assert rules.change_streams(Hold("*"), iter(streams)) == streams
    assert all(stream.gate.is_held for stream in streams)
    assert is_held(rules, "anything")
    rules.change_streams(Release("*"), iter(streams))
    assert not any(stream.gate.is_held for stream in streams)
    assert not is_held(rules, "anything")


def test_a_credit_is_for_the_streams_of_now_and_a_delay_for_later_ones_as_well() -> None:
    rules = Rules()
    stream = Stream("pods", "")
    rules.change_streams(Delay("pods", 1), iter([stream]))
    rules.change_streams(Credit("pods", 2), iter([stream]))
    later = Stream("pods", "")
    rules.admit(later)
    for it in (stream, later):
        it.gate.push(Frame(b"1"))
        assert not it.gate.is_passable
        it.gate.push(Frame(b"2"))
        assert [found.raw for found in it.gate.passing()] == [b"1"]


def test_routes_are_plain_values() -> None:
    assert Route("GET", "/x", {}) == Route("GET", "/x", {})
