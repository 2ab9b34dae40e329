"""Where packs are found: the standard library, skel.lock, installed distributions, folders."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from skel import resources
from skel.language.diagnostic import SkelError
from skel.packs.adding import add, fetch_missing
from skel.packs.archive import cache_folder, digest
from skel.packs.errors import PackError
from skel.packs.lock import Pin, read_lock, with_pin, write_lock
from skel.packs.registry import available, catalogue, find, located, rule_of_code
from tests.packs.making import MANIFEST, RULE, make_pack, shop_archive


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, a cache and a standard library of its own."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    library = make_pack(tmp_path / "library" / "kubernetes", MANIFEST.replace("shop", "kubernetes")).parent
    monkeypatch.setattr(resources, "stdlib", lambda: library)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return work


def refused(name: str) -> str:
    with pytest.raises(PackError) as caught:
        find(name)
    return f"{caught.value.message}; {caught.value.hint}"


# ---- by name and path ------------------------------------------------------------------------------------------------


def test_names_and_paths(elsewhere: Path) -> None:
    assert find("kubernetes").origin == "standard library"
    make_pack(elsewhere / "mine")
    for name in ("mine", "./mine", str(elsewhere / "mine"), "mine/pack.yaml"):
        assert (find(name).name, find(name).origin) == ("shop", "path")
    assert [pack.name for pack in available()] == ["kubernetes"]


def test_a_name_goes_before_a_folder(elsewhere: Path) -> None:
    make_pack(elsewhere / "kubernetes")
    assert find("kubernetes").name == "kubernetes"
    assert find("./kubernetes").name == "shop"


def test_what_is_not_there() -> None:
    assert refused("kubernets") == "there is no pack `kubernets`; did you mean `kubernetes`?"
    assert refused("zzz") == "there is no pack `zzz`; known are kubernetes; a path must have a pack.yaml"
    assert refused("./zzz") == "there is no pack.yaml in ./zzz; `skel pack new` makes a pack"
    assert refused("../kubernetes") == "there is no pack.yaml in ../kubernetes; `skel pack new` makes a pack"
    assert "there is no pack" in refused("a\0b")


def test_a_broken_pack_is_told_with_its_place(elsewhere: Path) -> None:
    make_pack(elsewhere / "mine", MANIFEST.replace("title:", "titel:"))
    with pytest.raises(SkelError) as caught:
        find("./mine")
    assert str(caught.value.diagnostics[0].span) == "mine/pack.yaml:4:1"


def test_a_pack_is_read_again_when_it_was_written(elsewhere: Path) -> None:
    folder = make_pack(elsewhere / "mine")
    first = find("./mine")
    assert find("./mine").rules is first.rules
    (folder / "cronjob-batch-v1.skel").write_text(RULE.replace("is not served", "is gone"), "utf-8")
    assert find("./mine").rules[0].title == "CronJob batch/v1beta1 is gone"


def test_codes_find_rules() -> None:
    found = rule_of_code("sh101")
    assert found is not None
    assert (found[0].name, found[1].id) == ("kubernetes", "cronjob-batch-v1")
    assert rule_of_code("SH999") is None
    assert rule_of_code("") is None


# ---- installed distributions -----------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for distributions on the search path."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def install(site: Path, name: str, value: str) -> None:
    info = site / f"{name.replace('-', '_')}_dist-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-dist\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(f"[skel.packs]\n{name} = {value}\n", "utf-8")


@pytest.mark.parametrize("value", ["shop_rules", "shop_rules.packs.shop"])
def test_an_entry_point_is_found_and_its_code_never_run(site: Path, value: str) -> None:
    make_pack(site.joinpath(*value.split(".")))
    home = site / "shop_rules"
    for folder in (home, *(file.parent for file in home.rglob("pack.yaml"))):
        (folder / "__init__.py").write_text("raise SystemExit('this code was run')\n", "utf-8")
    install(site, "shop", value)
    assert (find("shop").name, find("shop").origin) == ("shop", "distribution shop-dist")
    assert "shop_rules" not in sys.modules


@pytest.mark.parametrize("value", ["nobody.knows", "shop_rules:main", "os.path", "..", "a-b", ""])
def test_an_entry_point_without_a_pack(site: Path, value: str) -> None:
    install(site, "shop", value)
    assert "has no pack.yaml there" in refused("shop")
    assert find("kubernetes").name == "kubernetes"
    assert [entry.place.name for entry in catalogue() if entry.pack is None] == ["shop"]


def test_the_standard_library_can_not_be_replaced(site: Path) -> None:
    make_pack(site / "evil")
    install(site, "kubernetes", "evil")
    assert find("kubernetes").origin == "standard library"
    assert [place.origin for place in located()] == ["standard library"]


# ---- from a URL ------------------------------------------------------------------------------------------------------


class Handler(BaseHTTPRequestHandler):
    """Serves what it is told to, and counts."""

    def __init__(self, served: dict[str, bytes | int | str], asked: list[str], *args: object) -> None:
        self.served, self.asked = served, asked
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        answer = self.served.get(self.path, 404)
        match answer:
            case int():
                self.send_error(answer)
            case str():
                self.send_response(302)
                self.send_header("Location", answer)
                self.end_headers()
            case bytes():
                self.send_response(200)
                length = len(answer) + (100 if self.path.endswith("/short") else 0)
                self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


class Shop:
    """A web server on the loopback address."""

    def __init__(self) -> None:
        self.served: dict[str, bytes | int | str] = {"/shop.tar.gz": shop_archive()}
        self.asked: list[str] = []
        handler = partial(Handler, self.served, self.asked)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def url(self, path: str = "/shop.tar.gz") -> str:
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def shop() -> Iterator[Shop]:
    server = Shop()
    yield server
    server.close()


def test_a_pack_from_a_url(elsewhere: Path, shop: Shop) -> None:
    added = add(shop.url(), "", elsewhere)
    assert added.pin == Pin("shop", shop.url(), digest(shop_archive()))
    assert read_lock(elsewhere / "skel.lock") == (added.pin,)
    found = find("shop")
    assert (found.name, found.origin) == ("shop", f"skel.lock: {shop.url()}")
    assert found.rules[0].source.text == RULE
    assert [pack.name for pack in available()] == ["kubernetes", "shop"]
    assert shop.asked == ["/shop.tar.gz"]


def test_it_is_found_offline_and_below_the_folder(elsewhere: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    add(shop.url(), "", elsewhere)
    shop.served.clear()
    (elsewhere / "deep" / "down").mkdir(parents=True)
    monkeypatch.chdir(elsewhere / "deep" / "down")
    assert find("shop").name == "shop"


def test_another_hash_is_refused(elsewhere: Path, shop: Shop) -> None:
    with pytest.raises(PackError, match="is not what was asked for: its sha256 is"):
        add(shop.url(), "0" * 64, elsewhere)
    assert not (elsewhere / "skel.lock").exists()
    add(shop.url(), digest(shop_archive()), elsewhere)
    shop.served["/shop.tar.gz"] = changed = shop_archive(rule=RULE.replace('"safe"', '"unsafe"'))
    with pytest.raises(PackError, match="has changed: its sha256 is") as caught:
        add(shop.url(), "", elsewhere)
    assert digest(changed) in caught.value.hint
    assert read_lock(elsewhere / "skel.lock")[0].sha256 == digest(shop_archive())
    assert add(shop.url(), digest(changed), elsewhere).pin.sha256 == digest(changed)


def test_a_pin_that_the_cache_does_not_match_is_refused(elsewhere: Path, shop: Shop) -> None:
    added = add(shop.url(), "", elsewhere)
    (cache_folder(added.pin.sha256) / "pack" / "cronjob-batch-v1.skel").write_text("remove(spec);", "utf-8")
    assert "the pack shop in the cache was changed" in refused("shop")
    (entry,) = [entry for entry in catalogue() if entry.pack is None]
    assert "was changed" in entry.problem
    with pytest.raises(PackError):
        available()
    assert find("kubernetes").name == "kubernetes"


def test_what_is_missing_is_fetched_again(
    elsewhere: Path, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(shop.url(), "", elsewhere)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another"))
    assert refused("shop").startswith("the pack shop of skel.lock is not on this machine; `skel pack add`")
    assert [pin.name for pin in fetch_missing(elsewhere)] == ["shop"]
    assert find("shop").name == "shop"
    assert fetch_missing(elsewhere) == ()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a third"))
    shop.served["/shop.tar.gz"] = shop_archive(cases="[]\n")
    with pytest.raises(PackError, match="has changed"):
        fetch_missing(elsewhere)


@pytest.mark.parametrize(
    ("path", "served", "message"),
    [
        ("/none", 404, "the server says 404"),
        ("/broken", 500, "the server says 500"),
        ("/page", b"<html>", "is no gzip file"),
        ("/short", b"abc", "the connection ended too early"),
        ("/large", b"x" * 10_000_001, "is larger than 10000000 bytes"),
        ("/file", "file:///etc/passwd", "can't be fetched"),
        ("/plain", "http://example.com/x.tar.gz", "is not encrypted"),
        ("/loop", "/loop", "can't be fetched"),
    ],
)
def test_answers_that_are_refused(
    elsewhere: Path, shop: Shop, path: str, served: bytes | int | str, message: str
) -> None:
    shop.served[path] = served
    with pytest.raises(PackError) as caught:
        add(shop.url(path), "", elsewhere)
    assert message in caught.value.message
    assert not (elsewhere / "skel.lock").exists()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://example.com/x.tar.gz", "is no URL of a pack"),
        ("file:///etc/passwd", "is no URL of a pack"),
        ("shop.tar.gz", "is no URL of a pack"),
        ("https://user:secret@example.com/x", "is no URL of a pack"),
        ("https://", "is no URL of a pack"),
        ("http://[", "is no URL"),
        ("http://example.com/x.tar.gz", "is not encrypted"),
        ("http://127.0.0.1:1/x.tar.gz", "can't be fetched"),
        ("https://example.com/a b\n", "is no URL of a pack"),
    ],
)
def test_urls_that_are_refused(elsewhere: Path, url: str, message: str) -> None:
    with pytest.raises(PackError) as caught:
        add(url, "", elsewhere)
    assert message in caught.value.message


def test_a_broken_pack_is_not_pinned(elsewhere: Path, shop: Shop) -> None:
    shop.served["/shop.tar.gz"] = shop_archive(manifest=MANIFEST.replace("title:", "titel:"))
    with pytest.raises(SkelError):
        add(shop.url(), "", elsewhere)
    shop.served["/shop.tar.gz"] = shop_archive(manifest=MANIFEST.replace("name: shop", "name: kubernetes"))
    with pytest.raises(PackError, match="as one of the standard library"):
        add(shop.url(), "", elsewhere)
    assert not (elsewhere / "skel.lock").exists()


# ---- the lock file ---------------------------------------------------------------------------------------------------


def test_the_lock_file_keeps_its_pins(elsewhere: Path) -> None:
    one, two = Pin("b", "https://example.com/b", "0" * 64), Pin("a", "https://example.com/a", "1" * 64)
    pins = with_pin(with_pin((), one), two)
    write_lock(elsewhere / "skel.lock", pins)
    assert read_lock(elsewhere / "skel.lock") == (two, one)
    newer = Pin("b", "https://example.com/b2", "2" * 64)
    assert with_pin(pins, newer) == (two, newer)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a lock file is a map"),
        ("packs: {}", "`packs` must be a list"),
        ("packs:\n- a", "a pin is a map"),
        ("packs:\n- {name: a, url: b}", "a pin needs `sha256`"),
        ("packs:\n- {name: ../a, url: b, sha256: c}", "this is no name of a pack"),
        (f"packs:\n- {{name: a, url: b, sha256: {'A' * 64}}}", "64 hexadecimal digits in small letters"),
        (f"packs:\n- {{name: a, url: b, sha256: {'1' * 64}, x: y}}", "a pin has no `x`"),
        ("packs: !!python/object:x {}", "is refused"),
    ],
)
def test_mistakes_in_a_lock_file(elsewhere: Path, text: str, message: str) -> None:
    (elsewhere / "skel.lock").write_text(text, "utf-8")
    with pytest.raises(SkelError) as caught:
        find("shop")
    assert any(message in item.message for item in caught.value.diagnostics)
    assert find("kubernetes").name == "kubernetes", "what needs no lock file is not held up by it"
