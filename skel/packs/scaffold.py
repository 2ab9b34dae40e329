"""`skel pack new`: the files of a small pack that is complete: manifest, one rule with its cases, pages."""

from __future__ import annotations

import re
from pathlib import Path

from skel.language.formatter import format_source
from skel.language.text import Source
from skel.packs.docs import pages
from skel.packs.errors import PackError
from skel.packs.loading import load_strictly
from skel.packs.manifest import FILE, PACK_NAME, RESERVED

MANIFEST = """\
name: {name}
version: 0.1.0
title: Rules of {name}
description: What we ask of every workload, and how it is put right.
kind: transform          # upgrade (skel check, skel migrate), validate (skel trace validate) or transform
prefix: {prefix}
rules:                   # in the order in which they run
- pull-policy
"""

RULE = """\
# The first rule: change it, or put another one beside it and list that in pack.yaml.
rule "pull-policy" {{
    code "{prefix}001";
    title "Images are pulled if they are not there";
    why "With Always, a node that can't reach the registry can't restart a pod whose image it has.";
    category "transform";
    severity "warning";
    safety "safe";
    modify($c := podSpec.containers[*] | $c.imagePullPolicy == "Always", $c.imagePullPolicy = "IfNotPresent");
}}
"""

CASES = """\
- name: a container that always pulls
  before:
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: shop}
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
          - {name: web, image: "registry.example.com/web:1.4.2", imagePullPolicy: Always}
          - {name: log, image: "registry.example.com/log:2.0.0"}
  after:
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: shop}
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
          - {name: web, image: "registry.example.com/web:1.4.2", imagePullPolicy: IfNotPresent}
          - {name: log, image: "registry.example.com/log:2.0.0"}
- name: a pod that never pulls
  before:
    apiVersion: v1
    kind: Pod
    metadata: {name: tool, namespace: shop}
    spec:
      containers:
      - {name: tool, image: "registry.example.com/tool:1.0.0", imagePullPolicy: Never}
  unchanged: true
"""

README = """\
# {name}

A pack of rules for SKEL.

    skel test .          # the cases of every rule
    skel pack verify .   # everything that a pack must be
    skel pack verify . --fix   # formats the rules and writes docs/ anew

`docs/` is made from the rules and their cases.
"""


def create(folder: Path) -> tuple[Path, ...]:
    """Write a new pack, named after its folder; the files. Raises PackError if there is something already."""
    name = folder.absolute().name
    if not PACK_NAME.fullmatch(name):
        raise PackError(f"`{name}` is no name for a pack", "small letters, digits and `-`, such as my-pack")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise PackError(f"{folder} is there already and is not empty", "choose another name")
    words = {"name": name, "prefix": prefix(name)}
    texts = {
        FILE: MANIFEST.format(**words),
        "pull-policy.skel": format_source(Source("pull-policy.skel", RULE.format(**words))),
        "pull-policy.cases.yaml": CASES,
        "README.md": README.format(**words),
    }
    try:
        files = [_write(folder / path, text) for path, text in texts.items()]
        (folder / "docs").mkdir()
        files += [_write(folder / "docs" / path, text) for path, text in pages(load_strictly(folder)).items()]
    except OSError as error:
        raise PackError(f"{folder} can't be written: {(error.strerror or str(error)).lower()}") from None
    return tuple(files)


def prefix(name: str) -> str:
    """Capitals for the codes: the first letters of the words of the name, at least two."""
    words = [word for word in re.split(r"[^a-z]+", name) if word]
    first = "".join(word[0] for word in words)
    letters = first if len(first) > 1 else "".join(words)
    chosen = f"{letters[:3]:x<2}".upper()
    return f"{chosen}X" if chosen in RESERVED else chosen


def _write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file
