"""Secrets never appear in a report, wherever they stood, in whatever form it is."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skel.findings.model import (
    Evidence,
    Finding,
    Findings,
    Fix,
    FoundObject,
    Location,
    NotChecked,
    Problem,
    Scanned,
    Suppressed,
    TextEdit,
)
from skel.findings.redact import LAST_APPLIED, redacted
from skel.findings.secret_text import field_is_secret, redact_text, variable_is_secret
from skel.findings.severity import Safety
from skel.patch.operations import Add, Operation, Remove, Replace, Test
from skel.patch.values import Json
from skel.report.findings.render import FORMS
from tests.report.making import report
from tests.report.sample import cronjob, sample

SECRET = FoundObject("v1", "Secret", "shop", "db")
secrets = st.from_regex(r"[A-Za-z][A-Za-z0-9]{11,30}", fullmatch=True).map("Zq9".__add__)


def fixed(*operations: Operation, **more: Any) -> Finding:
    return cronjob("backup", 1, fix=Fix("write it", Safety.SAFE, operations), **more)


def pod(variable: str, value: str) -> Json:
    return {"spec": {"containers": [{"env": [{"name": variable, "value": value}, {"name": "A", "value": "1"}]}]}}


def planted(secret: str) -> list[Finding]:
    """The secret in each place where one can stand."""
    encoded = b64encode(secret.encode()).decode()
    manifest = f'{{"apiVersion":"v1","kind":"Secret","data":{{"db":"{secret}"}}}}'
    operations: list[Operation] = [
        Add(("stringData", "db"), secret),
        Replace(("data",), {"db": encoded, "nested": [secret]}),
        Test(("data", "db"), secret),
        Add((), {"kind": "Secret", "metadata": {"name": "db"}, "stringData": {"db": secret}}),
    ]
    found = [fixed(operation, object=SECRET, message=f"was {secret}") for operation in operations]
    found += [
        fixed(Add(("spec", "containers", 0, "env", 0), {"name": "DB_PASSWORD", "value": secret})),
        fixed(Replace(("spec", "containers", 0, "env", 0, "value"), secret)),
        fixed(Replace(("spec", "template"), pod("API_KEY", secret))),
        fixed(Add(("metadata", "annotations", LAST_APPLIED), manifest)),
        fixed(Add(("metadata", "annotations"), {LAST_APPLIED: manifest, "a": "b"})),
        fixed(Add(("spec", "provider", "clientSecret"), secret)),
        fixed(Add(("spec", "args"), ["serve", f"--db-password={secret}"])),
        fixed(Add(("spec", "args"), ["serve", "--db-password", secret, "--port", "80"])),
        fixed(Add(("spec", "url"), f"postgres://app:{secret}@db.shop/app")),
        fixed(Add(("spec", "config"), f"user: app\npassword: {secret}\n")),
        cronjob("edit", 1, object=SECRET, fix=Fix("a", edits=(TextEdit("s.yaml", 0, 3, f"db: {secret}"),))),
        cronjob("edit", 1, fix=Fix("b", edits=(TextEdit("s.yaml", 0, 3, f"token: {secret}"),))),
    ]
    texts = [
        f"password={secret}",
        f"kubeadm join --token {secret} --port 80",
        f'"password": "{secret}"',
        f"DB_PASSWORD: '{secret}'",
        f"Authorization: Bearer {secret}",
        f"see https://app:{secret}@example.com/x",
        f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ{secret}.{secret}",
        f"-----BEGIN RSA PRIVATE KEY-----\n{secret}\n-----END RSA PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{secret}",
        f"AKIA{secret[:16].upper():A<16}",
        f"ghp_{secret}{secret}",
        f"name: DB_SECRET, value: {secret}",
        f'{{"name":"SSH_KEY","value":"{secret}"}}',
        f"last applied {manifest}",
        f"said {manifest.replace(chr(34), chr(92) + chr(34))}",
        f"password: |\n  {secret}\n  {secret}\n",
    ]
    for text in texts:
        found.append(cronjob("text", 1, message=text, title=text, help=text))
        found.append(cronjob("evidence", 1, evidence=(Evidence("last-applied", text, manager=text, clear=text),)))
        found.append(cronjob("fix", 1, fix=Fix(text, Safety.UNSAFE, (Remove(("a",)),))))
    return found


def everywhere(secret: str) -> Findings:
    url = f"https://me:{secret}@example.com/prod.sktrace"
    found = planted(secret)
    return Findings(
        tuple(found),
        scanned=Scanned((url,)),
        not_checked=(NotChecked("Widget", 1, url),),
        problems=(Problem(Location(url), f"token={secret}"),),
        suppressed=(Suppressed(found[0], f"password: {secret}", url),),
        unused=(f"ignore 1 of {url}",),
    )


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=6)
@given(secret=secrets)
def test_a_secret_is_in_no_report(form: str, secret: str) -> None:
    text = report(everywhere(secret), form)
    leaks = [line for line in text.splitlines() if secret in line or b64encode(secret.encode()).decode() in line]
    assert not leaks


@given(secret=secrets, number=st.integers(0, 10_000))
def test_no_finding_keeps_its_secret(secret: str, number: int) -> None:
    """One by one, so that no finding hides behind another."""
    found = planted(secret)
    (shown,) = redacted(Findings((found[number % len(found)],))).findings
    assert secret not in repr(shown)


@given(secret=secrets)
def test_what_is_redacted_stays_as_it_is(secret: str) -> None:
    once = redacted(everywhere(secret))
    assert redacted(once) == once


def test_what_is_no_secret_is_shown() -> None:
    assert redacted(sample()) == sample()


def test_a_line_of_a_file_with_a_secret_is_not_shown() -> None:
    lint = cronjob("a", 1, object=None, location=Location("a.skel", line=1, column=1))
    line = 'modify(spec.password = "correct-horse");'
    own = f"\x1b[1;34m1 |\x1b[0m {line[:15]}\x1b[1;31m{line[15:]}\x1b[0m"
    for frames in (None, lambda *_: own):
        shown = report(Findings((lint,)), "text", read=lambda _: f"{line}\n", frames=frames)
        assert "a.skel:1:1" in shown
        assert "correct-horse" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "secret db-credentials is missing",
        "missing secret: db-credentials",
        "the ServiceAccount names the secret `registry`; secretName: registry",
        "PodDisruptionBudget with selector: {} selects no pod",
        "modify(spec.template.spec.tolerations[*].key = 'node-role.kubernetes.io/control-plane');",
        "topologyKey: kubernetes.io/hostname",
        "image: registry.k8s.io/pause:3.9",
        "https://kubernetes.io/docs/reference/using-api/deprecation-guide/#v1-25",
        "secretKeyRef: {name: db, key: password}",
        "tokenExpirationSeconds = 3600",
        "s3://bucket/prod.sktrace",
        "basic auth was removed in 1.19",
        "a bearer token is needed",
        "1.25.0-alpha.1 to v1.26.0-rc.2",
    ],
)
def test_ordinary_messages_stay(text: str) -> None:
    assert redact_text(text) == text


def test_only_the_value_goes() -> None:
    assert redact_text("run with --db-password=hunter2 --user=app") == "run with --db-password=<redacted> --user=app"
    assert redact_text("join --token abc.def --port 80") == "join --token <redacted> --port 80"
    assert redact_text("use abcdef.0123456789abcdef now") == "use <redacted> now"
    assert redact_text("https://me:pw@host/a") == "https://<redacted>@host/a"


@pytest.mark.parametrize("value", ["x", "a b", "hunter2", "two words password=abc", "user:pw@host"])
def test_a_title_does_not_tell_the_value_that_it_writes(value: str) -> None:
    fix = Fix(f"replace /data/db with {value} and 1 more", operations=(Replace(("data", "db"), value),))
    (shown,) = redacted(Findings((cronjob("a", 1, object=SECRET, fix=fix),))).findings
    assert shown.fix is not None
    assert shown.fix.title == "replace /data/db with <redacted> and 1 more"


def test_which_names_hide_a_value() -> None:
    assert all(map(variable_is_secret, ("DB_PASSWORD", "API_KEY", "apikey", "AUTH", "SENTRY_DSN", "sshKey")))
    assert not any(map(variable_is_secret, ("TOKEN_FILE", "SECRET_NAME", "LOG_LEVEL", "PORT", "KEYBOARD")))
    assert all(map(field_is_secret, ("password", "clientSecret", "apiKey", "accessKey", "token")))
    assert not any(map(field_is_secret, ("secretName", "topologyKey", "key", "tokenSecretRef", "kind")))


def test_the_keys_of_a_secret_are_shown() -> None:
    (shown,) = redacted(Findings((fixed(Replace(("data",), {"db": "aHVudGVyMg=="}), object=SECRET),))).findings
    assert shown.fix is not None
    assert shown.fix.operations == (Replace(("data",), {"db": "<redacted>"}),)


def test_other_variables_beside_a_secret_one_are_shown() -> None:
    (shown,) = redacted(Findings((fixed(Add(("spec",), pod("DB_PASSWORD", "hunter22")["spec"])),))).findings
    assert shown.fix is not None
    (operation,) = shown.fix.operations
    assert isinstance(operation, Add)
    assert operation.value["containers"][0]["env"] == [
        {"name": "DB_PASSWORD", "value": "<redacted>"},
        {"name": "A", "value": "1"},
    ]


def test_a_finding_about_a_label_of_a_secret_keeps_its_edit() -> None:
    fix = Fix("relabel", edits=(TextEdit("s.yaml", 0, 3, "web"),))
    finding = replace(cronjob("a", 1), object=SECRET, fix=fix, location=Location(pointer="/metadata/labels/app"))
    (shown,) = redacted(Findings((finding,))).findings
    assert shown.fix == fix


@pytest.mark.timeout(20)
@pytest.mark.parametrize("part", ['{"kind" ', "password=", "a:b", "://", "name: key ", "eyJ.", '\\"', "-----BEGIN A"])
def test_long_texts_take_no_longer_than_their_length(part: str) -> None:
    redact_text(part * 20_000)
