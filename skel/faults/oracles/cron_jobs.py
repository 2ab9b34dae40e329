"""What a CronJob promises: with Forbid one run at a time, and one run for a time, and runs at all."""

from __future__ import annotations

from collections import defaultdict
from typing import ClassVar

from skel.faults import objects
from skel.faults.oracles.oracle import Broken, Found, Oracle
from skel.faults.oracles.state import Change, State
from skel.patch.values import Json


class CronJobForbid(Oracle):
    """Asked when a Job is made. A Job on its way out still runs its pods, so it counts."""

    name: ClassVar[str] = "cronjob-forbid"
    about: ClassVar[str] = "no two Jobs of a CronJob with concurrencyPolicy Forbid run at once"

    def see(self, change: Change, state: State) -> Found:
        cron = state.owner(change.object) if change.kind == "Job" and change.is_new else None
        if cron is None or objects.spec(cron).get("concurrencyPolicy") != "Forbid":
            return
        running = [job for job in state.owned(cron, "Job") if not objects.is_finished(job)]
        if len(running) > 1:
            yield Broken(cron, f"{len(running)} Jobs run at once, which `concurrencyPolicy: Forbid` excludes")


class CronJobOnce(Oracle):
    """The name of a Job says for which minute it is: made again after its end, the work is done twice."""

    name: ClassVar[str] = "cronjob-once"
    about: ClassVar[str] = "a CronJob makes no second Job for a time that had one"

    def __init__(self) -> None:
        self._made: dict[str, set[str]] = defaultdict(set)

    def see(self, change: Change, state: State) -> Found:
        cron = state.owner(change.object) if change.kind == "Job" and change.is_new else None
        if cron is None or cron.get("kind") != "CronJob":
            return
        minute = _minute(change.object)
        made = self._made[objects.uid(cron)]
        if minute in made:
            yield Broken(cron, "a second Job for a time that had one")
        made.add(minute)


class CronJobStarts(Oracle):
    """Only for schedules whose period is plain; the others are too rare in virtual time to be waited for."""

    name: ClassVar[str] = "cronjob-starts"
    about: ClassVar[str] = "a CronJob that is not suspended starts a Job when its time has come"

    def __init__(self) -> None:
        self._since: dict[str, float] = {}
        self._started: set[str] = set()

    def see(self, change: Change, state: State) -> Found:
        if change.kind == "CronJob" and change.is_new:
            self._since[objects.uid(change.object)] = state.at
        cron = state.owner(change.object) if change.kind == "Job" else None
        if cron is not None:
            self._started.add(objects.uid(cron))
        return iter(())

    def end(self, state: State) -> Found:
        for cron in state.all("CronJob"):
            uid, every = objects.uid(cron), period(str(objects.spec(cron).get("schedule", "")))
            waited = state.at - self._since.get(uid, state.at)
            if every and waited > 2 * every and uid not in self._started and not objects.spec(cron).get("suspend"):
                yield Broken(cron, f"no Job in {waited:g} seconds, where one is wanted every {every} seconds")


def period(schedule: str) -> int:
    """Seconds between two times of a plain schedule, 0 for any other: `* * * * *`, `*/5 * * * *`, `0 * * * *`."""
    match schedule.split():
        case ["*", "*", "*", "*", "*"]:
            return 60
        case [minute, "*", "*", "*", "*"] if minute.startswith("*/") and minute[2:].isdecimal():
            return 60 * int(minute[2:])
        case [minute, "*", "*", "*", "*"] if minute.isdecimal():
            return 3600
        case [minute, hour, "*", "*", "*"] if minute.isdecimal() and hour.isdecimal():
            return 86_400
        case _:
            return 0


def _minute(job: Json) -> str:
    """`28374511` of `backup-28374511`: minutes since the epoch."""
    return objects.name(job).rpartition("-")[2]
