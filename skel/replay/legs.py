"""The requests of a run with upgrades, by the release that answered them."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from skel.replay.run_lines import ACCEPTED, REJECTED, RequestLine
from skel.replay.run_reading import open_run
from skel.replay.upgrade_lines import Leg, Refusal, Upgrade, Warned, read_upgrade, write_upgrade

_Reason = tuple[str, str, int, str, str]
MOST_KINDS = 1000
"""Kinds of refusal, and texts of warnings, that are told apart in one leg."""


@dataclass(slots=True)
class _Account:
    """What is counted of one leg."""

    verdicts: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    warnings: Counter[str] = field(default_factory=Counter)
    refusals: Counter[_Reason] = field(default_factory=Counter)
    rules: dict[_Reason, tuple[str | None, str | None]] = field(default_factory=dict)

    def add(self, line: RequestLine) -> None:
        self.verdicts[line.verdict or ""] += 1
        self.repeated += (line.attempts or 1) > 1
        for text in line.warnings or ():
            _count(self.warnings, text)
        if line.verdict == REJECTED:
            why = (line.apiVersion or "", line.kind or "", line.status or 0, line.reason or "", _general(line))
            _count(self.refusals, why)
            self.rules.setdefault(why, (line.rule, line.fix))


def finish(folder: Path) -> Upgrade | None:
    """Complete `upgrade.json` when the run is over; what it says then, None if the run had no upgrade.

    Raises ReplayError.
    """
    upgrade = read_upgrade(folder)
    if upgrade is None:
        return None
    upgrade = replace(upgrade, legs=legs(upgrade, open_run(folder).requests()))
    write_upgrade(folder, upgrade)
    return upgrade


def legs(upgrade: Upgrade, lines: Iterable[RequestLine]) -> tuple[Leg, ...]:
    """One for the release that ran first, and one for each that came."""
    if not upgrade.hops:
        return ()
    # What is answered once the old server has ended, the new one answers.
    hops = [(hop.gone, hop) for hop in upgrade.hops if hop.gone is not None]
    ends = [gone for gone, _ in hops]
    accounts = [_Account() for _ in range(len(hops) + 1)]
    for line in lines:
        accounts[bisect_right(ends, line.wall)].add(line)
    releases = [upgrade.hops[0].source, *(hop.target for _, hop in hops)]
    times = [0.0, *(hop.t for _, hop in hops)]
    return tuple(_leg(number, accounts, releases[number], times) for number in range(len(accounts)))


def _leg(number: int, accounts: Sequence[_Account], release: str, times: Sequence[float]) -> Leg:
    own, before = accounts[number], accounts[:number]
    return Leg(
        kubernetes=release,
        start=times[number],
        end=times[number + 1] if number + 1 < len(times) else None,
        accepted=own.verdicts[ACCEPTED],
        rejected=own.verdicts[REJECTED],
        unknown=sum(own.verdicts.values()) - own.verdicts[ACCEPTED] - own.verdicts[REJECTED],
        repeated=own.repeated,
        warnings=tuple(
            Warned(text, times, number > 0 and not any(text in other.warnings for other in before))
            for text, times in sorted(own.warnings.items())
        ),
        refusals=tuple(
            Refusal(*why, count, number > 0 and not any(why in other.refusals for other in before), *own.rules[why])
            for why, count in own.refusals.most_common()
        ),
    )


def _general(line: RequestLine) -> str:
    """The message without the name of the object, so that the same trouble of many objects is one."""
    message = line.message or ""
    return message.replace(f'"{line.name}"', '"..."') if line.name else message


def _count(counter: Counter[str] | Counter[_Reason], key: str | _Reason) -> None:
    if key in counter or len(counter) < MOST_KINDS:
        counter[key] += 1  # type: ignore[index]
