"""Small packs on the disk, for tests to bend."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

MANIFEST = """\
name: shop
version: 1.0.0
component: kubernetes
title: Rules of the shop
kind: upgrade
prefix: SH
from: "1.20"
to: "1.30"
rules:
- cronjob-batch-v1
"""

RULE = """\
rule "cronjob-batch-v1" {
    code "SH101";
    title "CronJob batch/v1beta1 is not served";
    why "The fields are the same.";
    category "removal";
    deprecated "1.21";
    since "1.25";
    severity "error";
    safety "safe";
    modify(kind == "CronJob" && apiVersion == "batch/v1beta1", apiVersion = "batch/v1");
}
"""

CASES = """\
- name: it moves
  before: {apiVersion: batch/v1beta1, kind: CronJob, metadata: {name: a}}
  after: {apiVersion: batch/v1, kind: CronJob, metadata: {name: a}}
- name: it stays
  before: {apiVersion: batch/v1, kind: CronJob, metadata: {name: a}}
  unchanged: true
"""


def make_pack(
    folder: Path, manifest: str = MANIFEST, rule: str = RULE, cases: str = CASES, name: str = "cronjob-batch-v1"
) -> Path:
    """A pack with one rule."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pack.yaml").write_text(manifest, "utf-8")
    add_rule(folder, name, rule, cases)
    return folder


def add_rule(folder: Path, path: str, rule: str, cases: str = "") -> Path:
    file = folder / f"{path}.skel"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(rule, "utf-8")
    if cases:
        file.with_suffix(".cases.yaml").write_text(cases, "utf-8")
    return file


def archive(files: dict[str, str | bytes], *extra: tarfile.TarInfo) -> bytes:
    """A .tar.gz with these files and further members."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, text in files.items():
            content = text.encode() if isinstance(text, str) else text
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for member in extra:
            tar.addfile(member, io.BytesIO(b"\0" * member.size))
    return gzip.compress(data.getvalue(), mtime=0)  # the same bytes whatever the time


def shop_archive(top: str = "", **changes: str) -> bytes:
    """The pack of this file as an archive; `changes` replace texts: manifest, rule, cases."""
    return archive(
        {
            f"{top}pack.yaml": changes.get("manifest", MANIFEST),
            f"{top}cronjob-batch-v1.skel": changes.get("rule", RULE),
            f"{top}cronjob-batch-v1.cases.yaml": changes.get("cases", CASES),
        }
    )
