from __future__ import annotations

import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from skel.cluster.errors import ClusterError
from skel.cluster.state import Ports, State, free_ports, home, homes, is_taken, read_state, write_private, write_state

STATE = State("a", "1.25.16", "3.6.16", "0.8.0", Ports(20000, 20001, 20002, 20003, 20004, 20005), 1700000000.5)


def test_what_is_kept_is_read_back() -> None:
    place = home("a")
    place.make()
    write_state(place, STATE)
    assert read_state(place) == STATE
    assert place.state.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in homes()] == ["a"]


def test_flags_are_kept_and_need_not_be_there() -> None:
    place = home("a")
    place.make()
    state = replace(STATE, flags={"etcd": {"--quota-backend-bytes": "1"}})
    write_state(place, state)
    assert read_state(place) == state
    old = json.loads(place.state.read_text("utf-8"))
    del old["flags"]
    place.state.write_text(json.dumps(old), "utf-8")
    assert read_state(place) == STATE


def test_every_folder_is_the_owners_alone() -> None:
    place = home("a")
    place.make()
    assert {path.name: path.stat().st_mode & 0o777 for path in place.folder.iterdir()} == dict.fromkeys(
        ("pki", "etcd", "config", "logs", "pids"), 0o700
    )


def test_nothing_is_kept_of_what_never_was() -> None:
    assert read_state(home("a")) is None
    assert homes() == ()


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"schemaVersion": 1}', '{"schemaVersion": 1, "ports": 3}'])
def test_a_state_that_was_spoilt_says_how_to_get_rid_of_it(text: str) -> None:
    place = home("a")
    place.make()
    place.state.write_text(text)
    with pytest.raises(ClusterError, match="can't be understood") as caught:
        read_state(place)
    assert "skel cluster down a" in caught.value.hint


def test_a_state_of_a_later_skel() -> None:
    place = home("a")
    place.make()
    place.state.write_text(json.dumps({"schemaVersion": 99}))
    with pytest.raises(ClusterError, match="another version of skel"):
        read_state(place)


@pytest.mark.parametrize("name", ["", "A", "a/b", "../a", "..", ".a", "a.", "a" * 41, "a b", "a..b", "-a"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(ClusterError, match="is no name for a cluster"):
        home(name)


def test_ports_are_free_and_different() -> None:
    ports = free_ports([])
    numbers = [getattr(ports, name) for name in Ports.__slots__]
    assert len(set(numbers)) == 6
    assert not any(is_taken(number) for number in numbers)


def test_ports_of_others_are_left_alone() -> None:
    first = free_ports([])
    taken = [getattr(first, name) for name in Ports.__slots__]
    second = free_ports(taken)
    assert not {getattr(second, name) for name in Ports.__slots__} & set(taken)


def test_a_port_that_was_asked_for() -> None:
    assert free_ports([], 31999).server == 31999
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert is_taken(port)
        with pytest.raises(ClusterError, match=f"port {port} is taken"):
            free_ports([], port)


def test_a_private_file_is_private_from_the_start_and_whole(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("old")
    file.chmod(0o644)
    write_private(file, "new")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", 0o600)
    assert list(tmp_path.glob(".secret*")) == []
