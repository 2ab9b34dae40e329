"""Two runs of one history with every kind of difference, for reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from skel.replay.run_reading import Run
from tests.replay.runs import a_run, cronjob, event, pod_lines, request

OLD_WARNING = "batch/v1beta1 CronJob is deprecated in v1.21+, unavailable in v1.25+; use batch/v1 CronJob"
NEW_WARNING = (
    'spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'
)
ON_NEW = {"target": "local:1.25.16", "kubernetes": "1.25"}


def before(folder: Path, *, jitter: float = 0.0, name: str = "before") -> Run:
    """On 1.24: all is accepted, all pods finish."""
    return a_run(folder / name, _requests("accepted"), pods=_pods(1.0 + jitter, 24), events=_events(2, 24))


def after(folder: Path, name: str = "after") -> Run:
    """On 1.25: the CronJobs are gone, so are their pods; what is left starts later, and some of it waits."""
    pods = _pods(2.5, 16)
    waiting = [line for number in (16, 17) for line in pod_lines(number, 120.0 * number)[:1]]
    return a_run(folder / name, _requests("rejected"), pods=pods + waiting, events=_events(40, 16), **ON_NEW)


def _requests(cronjobs: str) -> list[dict[str, Any]]:
    lines = [request(60.0 * minute) for minute in range(60)]
    lines[3]["warnings"] = [OLD_WARNING] if cronjobs == "accepted" else [NEW_WARNING]
    lines += [cronjob(60.0 * minute, name, cronjobs) for minute in (0, 15, 30) for name in ("report", "sweep")]
    lines.append(request(600.0, "legacy", "rejected"))
    lines.append(request(1200.0, "odd", "rejected" if cronjobs == "accepted" else "accepted"))
    lines.append(request(1800.0, "late", "unknown" if cronjobs == "rejected" else "accepted"))
    lines.append(request(2400.0, "busy", attempts=3))
    return sorted(lines, key=lambda line: line["t"])


def _pods(wait: float, count: int) -> list[dict[str, Any]]:
    return [line for number in range(count) for line in pod_lines(number, 120.0 * number, wait=wait)]


def _events(failed: int, scheduled: int) -> list[dict[str, Any]]:
    lines = [event(120.0 * number, f"s{number}", "Scheduled") for number in range(scheduled)]
    lines.append(event(900.0, "f", "FailedScheduling", type_="Warning", count=failed // 2))
    lines.append(event(1800.0, "f", "FailedScheduling", type_="Warning", count=failed))
    return lines
