"""Pages made of rules: what they say, and that no text of a rule breaks them."""

from __future__ import annotations

import re
from pathlib import Path

from skel.packs.docs import library_page, pages
from skel.packs.loading import load_strictly
from tests.packs.making import CASES, MANIFEST, RULE, add_rule, make_pack

MORE = """\
- name: with everything
  target: "1.26"
  others: [{apiVersion: v1, kind: Secret, metadata: {name: s}}]
  before: {apiVersion: batch/v1beta1, kind: CronJob, metadata: {name: b}}
  after: null
- name: it speaks
  before: {apiVersion: v1, kind: Pod}
  finding: look at *this* <b>
- name: it ends
  before: {apiVersion: v1, kind: Pod}
  error: several values
"""


def page(folder: Path, rule: str = RULE, cases: str = CASES) -> str:
    return pages(load_strictly(make_pack(folder, rule=rule, cases=cases)))["cronjob-batch-v1.md"]


def test_the_page_of_a_rule(tmp_path: Path) -> None:
    assert page(tmp_path, RULE.replace('"The fields are the same."', '"One\n    line.\n\n    Two."')) == (
        """\
# SH101: CronJob batch/v1beta1 is not served

One line.

Two.

| | |
|---|---|
| rule | `shop/cronjob-batch-v1` |
| since | kubernetes 1.25 |
| deprecated | kubernetes 1.21 |
| category | removal |
| severity | error: it breaks |
| fix | safe: the meaning stays the same |

## The rule

```skel title="cronjob-batch-v1.skel"
"""
        + RULE.replace('"The fields are the same."', '"One\n    line.\n\n    Two."')
        + """\
```

## Cases

### It moves

```yaml title="Before"
apiVersion: batch/v1beta1
kind: CronJob
metadata:
  name: a
```

```yaml title="After"
apiVersion: batch/v1
kind: CronJob
metadata:
  name: a
```

### It stays

```yaml title="Unchanged"
apiVersion: batch/v1
kind: CronJob
metadata:
  name: a
```
"""
    )


def test_what_else_a_case_can_be(tmp_path: Path) -> None:
    text = page(tmp_path, cases=MORE)
    assert "With target 1.26.\n" in text
    assert '```yaml title="Beside"\napiVersion: v1\nkind: Secret' in text
    assert "The object is deleted.\n" in text
    assert "Reported: look at \\*this\\* \\<b>\n" in text
    assert "The run ends with an error: several values\n" in text


def test_texts_are_no_markup(tmp_path: Path) -> None:
    rule = RULE.replace("is not served", "is <b>*not*</b> [served](x), `a*b` | so")
    pack = load_strictly(make_pack(tmp_path, rule=rule))
    title = "is \\<b>\\*not\\*\\</b> \\[served](x), `a*b` | so"
    assert pages(pack)["cronjob-batch-v1.md"].startswith(f"# SH101: CronJob batch/v1beta1 {title}\n")
    assert title.replace("|", "\\|") in pages(pack)["index.md"]


def test_the_index_links_every_rule(tmp_path: Path) -> None:
    make_pack(tmp_path, MANIFEST + "- apis/other\n")
    add_rule(tmp_path, "apis/other", RULE.replace("cronjob-batch-v1", "other").replace("SH101", "SH102"))
    pack = load_strictly(tmp_path)
    made = pages(pack)
    links = set(re.findall(r"\]\((\S+\.md)\)", made["index.md"]))
    assert links == made.keys() - {"index.md"}
    assert "Version 1.0.0, for kubernetes 1.20 to 1.30. `skel check` and `skel migrate` use it." in made["index.md"]
    assert "| [shop](shop/index.md) | Rules of the shop | upgrade | 2 |" in library_page([pack])
