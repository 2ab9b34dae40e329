"""Every verb that reads or writes a trace takes a URL, and a packed file."""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from skel.cli.main import run
from skel.trace.model import Trace
from tests.cli.small import small_trace
from tests.storage.faulty import Status, address, always, faulty
from tests.storage.gateway import objects

TRACE = small_trace().to_bytes()
Skel = Callable[..., tuple[int, str, str]]


@pytest.fixture
def skel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Skel:
    """Run a command in an empty folder: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = run(list(arguments))
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return code, out.decode("utf-8", "replace"), err.decode()

    return call


@pytest.fixture
def stored(bucket: Path) -> Path:
    """A bucket with a trace in it, s3://bucket/t.sktrace."""
    (bucket / "t.sktrace").write_bytes(TRACE)
    return bucket


def test_transform(skel: Skel, stored: Path) -> None:
    order = ("transform", "s3://bucket/t.sktrace", "-e", "remove(status);")
    code, _, err = skel(*order, "-o", "s3://bucket/out/t.sktrace.zst", "--patches", "s3://bucket/changes.jsonl.gz")
    assert code == 0, err
    assert list(objects(stored)) == ["changes.jsonl.gz", "out/t.sktrace.zst", "t.sktrace"]
    assert len(gzip.decompress(objects(stored)["changes.jsonl.gz"]).splitlines()) == 2
    assert skel(*order, "--in-place")[0] == 0
    assert objects(stored)["t.sktrace"] == Trace.open("s3://bucket/out/t.sktrace.zst").to_bytes() != TRACE


def test_the_order_of_the_reference_is_understood(skel: Skel, stored: Path) -> None:
    Path("a.skel").write_text("remove(status);\n")
    assert skel("transform", "a.skel", "s3://bucket/t.sktrace", "-o", "out")[0] == 0
    assert Trace.open("out").events
    assert objects(stored)["t.sktrace"] == TRACE


def test_the_input_is_not_overwritten(skel: Skel, stored: Path) -> None:
    code, _, err = skel("transform", "s3://bucket/t.sktrace", "-e", "remove(status);", "-o", "s3://bucket/t.sktrace")
    assert code == 2
    assert "the output s3://bucket/t.sktrace is the input s3://bucket/t.sktrace; --in-place changes" in err
    assert objects(stored) == {"t.sktrace": TRACE}


@pytest.mark.usefixtures("stored")
def test_check(skel: Skel) -> None:
    code, out, _ = skel("check", "s3://bucket/t.sktrace", "--to", "1.25")
    assert code == 1
    assert "CronJob" in out


@pytest.mark.usefixtures("stored")
def test_check_a_prefix(skel: Skel) -> None:
    for name in ("s3://bucket/traces/a.sktrace", "s3://bucket/traces/deep/b.sktrace.gz", "s3://bucket/traces/c.txt"):
        Trace.from_bytes(TRACE).save(name)
    code, out, err = skel("check", "s3://bucket/traces/", "--to", "1.25", "-o", "json")
    assert code == 1, err
    assert "s3://bucket/traces/deep/b.sktrace.gz" in out
    code, _, err = skel("check", "s3://bucket/none/", "--to", "1.25")
    assert code == 2
    assert "there is no trace in s3://bucket/none/" in err


def test_migrate(skel: Skel, stored: Path) -> None:
    assert skel("migrate", "s3://bucket/t.sktrace", "--to", "1.25", "-o", "s3://bucket/new.sktrace")[0] == 0
    assert skel("check", "s3://bucket/new.sktrace", "--to", "1.25")[0] == 0
    assert skel("migrate", "s3://bucket/t.sktrace", "--to", "1.25", "--in-place")[0] == 0
    assert objects(stored)["t.sktrace"] == objects(stored)["new.sktrace"]


@pytest.mark.usefixtures("stored")
def test_lint(skel: Skel) -> None:
    Path("a.skel").write_text('modify(kind == "Deployment", spec.replicas = 1);\n')
    code, _, err = skel("lint", "a.skel", "--trace", "s3://bucket/t.sktrace")
    assert code in {0, 1}, err


@pytest.mark.usefixtures("stored")
def test_replay_and_rehearse(skel: Skel) -> None:
    code, out, err = skel("replay", "s3://bucket/t.sktrace", "--on", "dry:1.25", "--run-dir", "run")
    assert code == 1, out + err
    assert "batch/v1beta1" in out
    code, out, err = skel("rehearse", "s3://bucket/t.sktrace", "--from", "1.24", "--to", "1.25")
    assert code in {0, 1}, out + err


@pytest.mark.usefixtures("stored")
def test_query_and_repl(skel: Skel) -> None:
    code, out, _ = skel("query", "s3://bucket/t.sktrace", "$.spec.replicas")
    assert code == 0
    assert len(out.splitlines()) == 2
    code, out, err = skel(
        "repl", "s3://bucket/t.sktrace", stdin=b"remove(status);\n:apply\n:save s3://bucket/r.sktrace\n"
    )
    assert code == 0, err
    assert Trace.open("s3://bucket/r.sktrace").events
    code, _, err = skel("repl", "s3://bucket/t.sktrace", stdin=b":save s3://bucket/t.sktrace\n")
    assert code == 2
    assert "is not overwritten" in err


@pytest.mark.usefixtures("stored")
def test_trace_tools(skel: Skel) -> None:
    assert skel("trace", "validate", "s3://bucket/t.sktrace")[0] in {0, 1}
    assert skel("trace", "convert", "s3://bucket/t.sktrace", "s3://bucket/t.jsonl.gz")[0] == 0
    assert skel("trace", "convert", "s3://bucket/t.jsonl.gz", "again.sktrace")[0] == 0
    assert Path("again.sktrace").read_bytes() == TRACE
    for order in (("show",), ("stats",), ("diff", "s3://bucket/t.sktrace")):
        code, _, err = skel("trace", *order, "s3://bucket/t.sktrace")
        assert code == 0, err
    for start, end, part in (("0s", "30s", "one"), ("30s", "2h", "two.sktrace.zst")):
        limits = ("--start", start, "--end", end)
        code, _, err = skel("trace", "slice", "s3://bucket/t.sktrace", *limits, "-o", f"s3://bucket/{part}")
        assert code == 0, err
    code, _, err = skel("trace", "merge", "s3://bucket/one", "s3://bucket/two.sktrace.zst", "-o", "s3://bucket/whole")
    assert code == 0, err
    assert len(Trace.open("s3://bucket/whole").events) >= 3


def test_a_packed_file_is_known_as_a_trace(skel: Skel) -> None:
    Trace.from_bytes(TRACE).save("t.sktrace.gz")
    assert skel("check", "t.sktrace.gz", "--to", "1.25")[0] == 1
    assert skel("check", "-", "--to", "1.25", stdin=Path("t.sktrace.gz").read_bytes())[0] == 1
    Path("a.skel").write_text("remove(status);\n")
    assert skel("transform", "a.skel", "t.sktrace.gz", "-o", "-")[0] == 0


def test_a_web_server(skel: Skel) -> None:
    with faulty(lambda _: None, files={"/t.sktrace": TRACE, "/m.yaml": b"kind: Pod\n"}) as server:
        url = f"http://me:hidden@{address(server)}/t.sktrace?signature=secret"
        for order in (
            ("check", url, "--to", "1.25", "-o", "json"),
            ("replay", url, "--on", "dry:1.25", "--run-dir", "run"),
            ("rehearse", url, "--from", "1.24", "--to", "1.25"),
            ("query", url, "$.nothing"),
            ("transform", url, "-e", "remove(status);", "-o", "out"),
        ):
            code, out, err = skel(*order)
            assert code in {0, 1}, err
            assert "secret" not in out + err
            assert "hidden" not in out + err
        assert not any("secret" in file.read_text() for file in Path("run").iterdir())
        code, _, err = skel("check", f"http://{address(server)}/m.yaml", "--to", "1.25")
        assert code == 2
        assert "is no trace; manifests are read from files, folders and standard input" in err


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("verb", ["check", "query", "transform", "replay", "repl"])
def test_what_cannot_be_read_ends_with_one_message(skel: Skel, verb: str) -> None:
    further = {"check": ["--to", "1.25"], "query": ["$.a"], "transform": ["-e", "remove(a);", "-o", "x"]}
    more = further.get(verb, ["--on", "dry:1.25"] if verb == "replay" else [])
    with faulty(always(Status(404))) as server:
        code, out, err = skel(verb, f"http://{address(server)}/a.sktrace", *more)
    assert code == 2
    assert not out
    assert err.startswith("error: http://127.0.0.1:")
    assert len(err.splitlines()) == 2
    assert not Path("x").exists()


@pytest.mark.parametrize("name", ["oracle3://a/b", "s3://", "ftp://h/t.sktrace"])
def test_what_names_nothing_ends_with_one_message(skel: Skel, name: str) -> None:
    for order in (("check", name, "--to", "1.25"), ("query", name, "$.a"), ("replay", name, "--on", "dry:1.25")):
        code, _, err = skel(*order)
        assert code == 2
        assert err.startswith("error: ")
        assert len(err.splitlines()) <= 2
