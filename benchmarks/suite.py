"""schemathesis and `verify` on the same defects, in the same run: `python benchmarks/suite.py`.

A sample of the project's own defects (chosen by a hash of the name, so not by us), each put alone
in front of the reference server. Both tools get the merged contract, the server's address and a
key; schemathesis runs as `st run` with its defaults, the suite at its quick profile. What either
says of the correct server is a false alarm, and no kill when it says the same of a defect.
Prints a Markdown table; takes a minute or two for each defect. Results: benchmarks/README.md.

`python benchmarks/suite.py --far` measures how long a run takes where answers take 150 ms and jobs
5 s: `verify` as it is and with `--concurrency 1`, and schemathesis, each against a fresh simulator
in a process of its own, which counts the requests and the credits. A run that is not through after
`--max-time` seconds is stopped, and its line says so: its other figures are those of a part.

`python benchmarks/suite.py --path` measures what such a run waits for, however busy the machine is:
a simulator in process, whose clock goes on by 150 ms with every round of requests that are sent at
once, and by what a check waits. So the seconds are those of a machine that computes in no time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batch import simulator

from akool_contract._options import PROFILES, Options
from akool_contract._target.simulated import SimulatorTarget
from akool_contract.suite import verify as run_suite
from akool_mock import API_KEY, Control

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "contract_tests"))  # the proof is not part of the wheel

from akool_contract_proof.mutants import TABLE  # noqa: E402 - found by the line above
from akool_contract_proof.reference import ReferenceServer  # noqa: E402
from akool_contract_proof.runner import CONTRACT as PARSED  # noqa: E402
from akool_contract_proof.runner import on_reference  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_contract._run.run import Run as SuiteRun
    from akool_contract._wire.http import Exchange, Request, Response
    from akool_contract_proof.mutants import Mutant

Finding = tuple[str, str]
CONTRACT = ROOT / "openapi" / "akool-faceswap.yaml"
REPORT = "report.json"
CLEAN_RUNS = 3
LATENCY = "latency=150"
"""Delays what a simulator processed; what it refuses by its rules it answers at once."""
ROUND_S = 0.15
ROWS = 5_000
"""The simulator's journal holds 40 requests for each."""
GRACE_S = 30.0
"""Seconds that a run gets to write its report once its time is over."""


def st(url: str, key: str, seed: int) -> list[str]:
    """The words of an `st run` with its defaults, which writes `REPORT`."""
    return [
        *(program("st"), "run", str(CONTRACT), "--url", url, "-H", f"x-api-key: {key}"),
        *("--seed", str(seed), "--generation-database", "none"),
        *("--report", "json", "--report-json-path", REPORT),
    ]


def program(name: str) -> str:
    """The command of this name that is installed beside this Python."""
    return str(Path(sys.executable).with_name(name))


def schemathesis(mutant: Mutant | None, seed: int) -> set[Finding]:
    """The kinds of failure that `st run` reports, each with its operation."""
    layer = mutant.layer if mutant else None
    hook = mutant.hook() if mutant and mutant.hook else None
    with (
        ReferenceServer(layer=layer, deliveries=hook) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        command = st(server.url, server.reference.accounts.main.key, seed)
        subprocess.run(command, cwd=folder, capture_output=True, check=False)  # noqa: S603 - our own words
        found = json.loads((Path(folder) / REPORT).read_text(encoding="utf-8"))
    failures = [*found["failures"], *({"type": "error", **error} for error in found["errors"])]
    return {
        (str(failure["type"]), str(operation))
        for failure in failures
        for operation in failure.get("operations") or [failure.get("operation", "")]
    }


def suite(mutant: Mutant | None, seed: int) -> set[Finding]:
    """The violations that the suite reports, each with its operation."""
    del seed  # the quick profile's own
    return {(v.check, v.operation) for v in on_reference(mutant).violations}


@dataclass
class Tool:
    """One tool, and what came out of it."""

    name: str
    run: Callable[[Mutant | None, int], set[Finding]]
    alarms: set[Finding] = field(default_factory=set)
    killed: list[str] = field(default_factory=list)
    seconds: float = 0.0


def sample(size: int) -> list[Mutant]:
    """Defects in the order of their names' hashes."""
    return sorted(TABLE, key=lambda m: hashlib.sha256(m.name.encode()).hexdigest())[:size]


@dataclass
class Run:
    """One run against a simulator that is far away, with what the simulator counted."""

    name: str
    wall_s: float
    cpu_s: float
    requests: int
    delayed: int
    credits: float
    load: str
    is_whole: bool
    ended: str

    def row(self) -> str:
        """Its line of the table."""
        wall = f"{self.wall_s:.0f}" if self.is_whole else f"stopped at {self.wall_s:.0f}"
        return (
            f"| {self.name} | {wall} | {self.cpu_s:.0f} | {self.requests:,} | {self.delayed:,} "
            f"| {self.credits:,.0f} | {self.ended} | {self.load} |"
        )


def far(name: str, words: Callable[[str], list[str]], limit_s: float) -> Run:
    """Runs `words(url)` against a fresh simulator, for so long at most."""
    with tempfile.TemporaryDirectory() as folder, simulator(ROWS) as url:
        control = Control.at(url)
        control.add_fault(LATENCY)
        credit, load = control.accounts()[0].credits, os.getloadavg()[0]
        cpu_s, begun = cpu_of_children(), time.monotonic()
        is_whole = True
        try:
            subprocess.run(  # noqa: S603 - our own words
                words(url), cwd=folder, capture_output=True, timeout=limit_s, check=False
            )
        except subprocess.TimeoutExpired:
            is_whole = False
        wall_s, cpu_s = time.monotonic() - begun, cpu_of_children() - cpu_s
        seen = control.requests()
        report = Path(folder) / REPORT
        there = is_whole and report.exists()
        found = json.loads(report.read_text(encoding="utf-8")) if there else {}
        return Run(
            name=name,
            wall_s=wall_s,
            cpu_s=cpu_s,
            requests=len(seen),
            delayed=sum(bool(request.fault) for request in seen),
            credits=credit - control.accounts()[0].credits,
            load=f"{load:.1f} / {os.getloadavg()[0]:.1f}",
            is_whole=is_whole and not found.get("error"),
            ended=ending(found),
        )


def cpu_of_children() -> float:
    """Seconds of CPU time of the processes that ran and were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def ending(report: dict[str, Any]) -> str:
    """What a report of either tool says, in a few words."""
    if "totals" not in report:
        return f"{len(report['failures'])} failures" if report else "no report"
    counts, alone = report["totals"], sum(report["timings"]["alone_s"].values())
    states = ", ".join(f"{counts[state]} {state}" for state in ("passed", "failed", "not run"))
    if found := sorted({str(violation["check"]) for violation in report["violations"]}):
        states += f" ({', '.join(found)})"
    return f"{states}; one after the other {alone:.0f} s"


def verify(url: str, profile: str, concurrency: int, limit_s: float) -> list[str]:
    """The words of a `verify` that may submit and delete, which writes `REPORT`."""
    return [
        *(program("akool-faceswap"), "verify", "--base-url", url, "--api-key", API_KEY),
        *("--allow-submit", "--allow-delete", "--max-credits", "1000"),
        *("--profile", profile, "--seed", "1", "--concurrency", str(concurrency)),
        *("--max-time", str(limit_s), "--record", "run.jsonl", "--report", f"json={REPORT}"),
    ]


def far_away(limit_s: float) -> None:
    """Measures runs where answers take 150 ms, one after the other, and prints two tables."""
    began = datetime.now(tz=UTC)
    print(f"{began:%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {limit_s:.0f} s for each run\n")
    print("| run | seconds | CPU s | requests | delayed | credits | ended | load before / after |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    runs: dict[tuple[str, int], Run] = {}
    for profile, concurrency in (("quick", 32), ("quick", 1), ("default", 32), ("default", 1)):
        name = f"`verify --profile {profile} --concurrency {concurrency}`"
        words = partial(verify, profile=profile, concurrency=concurrency, limit_s=limit_s)
        run = runs[profile, concurrency] = far(name, words, limit_s + GRACE_S)
        print(run.row(), flush=True)
    print(far("`st run`", partial(st, key=API_KEY, seed=1), limit_s).row())
    print("\n| before / after | seconds | requests | credits |\n|---|---|---|---|")
    for profile in ("quick", "default"):
        print(ratios(profile, runs[profile, 1], runs[profile, 32]))


class FarSimulator(SimulatorTarget):
    """A simulator in process that seems far away, and whose account is the only one known."""

    def __init__(self) -> None:
        super().__init__(PARSED.document, seed=1)
        can = self.capabilities
        can.cheap = can.clock = can.webhooks = can.token = False
        can.second = can.empty = can.banned = False
        can.loopback = True
        main = self.simulator.accounts.first.api_key
        self.credentials.keys = {main: "main"}
        self.credentials.banned.clear()
        self.credentials.client_id = self.credentials.client_secret = ""
        self.rounds = 0
        self._last = -1

    def send(self, request: Request) -> Response:
        """An answer that took as long as its round."""
        return replace(super().send(request), seconds=ROUND_S)

    def heard(self, exchange: Exchange) -> None:
        """The first answer of a round lets its time pass."""
        if exchange.together != self._last:
            self._last = exchange.together
            self.rounds += 1
            self.wait(ROUND_S)

    def attach(self, run: SuiteRun) -> None:
        """Listens to a run."""
        run.sender.listeners.append(self.heard)


def path() -> None:
    """Prints how many rounds of requests follow each other in a run, and how long that takes."""
    print("| profile | side by side | seconds | rounds | requests | polls | credits | CPU s |")
    print("|---|---|---|---|---|---|---|---|")
    for profile in ("quick", "default"):
        for concurrency in (32, 1):
            target, began = FarSimulator(), time.process_time()
            options = Options(
                PROFILES[profile], seed=1, max_credits=1000.0, concurrency=concurrency
            )
            start = target.now()
            report = run_suite(target, PARSED, options, observe=target.attach)
            print(
                f"| {profile} | {concurrency} | {target.now() - start:.0f} | {target.rounds:,} "
                f"| {report.requests:,} | {report.polls:,} | {report.credits_spent:.0f} "
                f"| {time.process_time() - began:.1f} |"
            )


def ratios(profile: str, before: Run, after: Run) -> str:
    """A line of the second table; of a run that was stopped only the time says something."""
    seconds = f"{before.wall_s / after.wall_s:.1f}" if after.is_whole else "-"
    if not (before.is_whole and after.is_whole):
        more = "more than " if after.is_whole else ""
        return f"| {profile} | {more}{seconds} | - | - |"
    requests, spent = before.requests / after.requests, before.credits / max(after.credits, 1.0)
    return f"| {profile} | {seconds} | {requests:.1f} | {spent:.1f} |"


def main() -> None:
    """Runs both tools on the correct server, then on each defect; or measures runs from afar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--defects", type=int, default=30)
    parser.add_argument("--far", action="store_true", help="measure runs at 150 ms an answer")
    parser.add_argument("--max-time", type=float, default=600.0, help="with --far: seconds a run")
    parser.add_argument("--path", action="store_true", help="measure what such a run waits for")
    given = parser.parse_args()
    if given.path:
        path()
        return
    if given.far:
        far_away(given.max_time)
        return
    chosen = sample(given.defects)
    tools = [
        Tool("schemathesis, `st run` with its defaults", schemathesis),
        Tool("`akool-faceswap verify --profile quick`", suite),
    ]
    for tool in tools:
        for seed in range(CLEAN_RUNS):
            tool.alarms |= tool.run(None, seed)
    for mutant in chosen:
        for tool in tools:
            begun = time.perf_counter()
            if tool.run(mutant, 0) - tool.alarms:
                tool.killed.append(mutant.name)
            tool.seconds += time.perf_counter() - begun
        marks = ["killed" if mutant.name in tool.killed else "missed" for tool in tools]
        print(f"{mutant.kind:8} {mutant.name:34} {' / '.join(marks)}", file=sys.stderr, flush=True)
    print(f"| tool | killed of {len(chosen)} | alarms on the correct server | seconds a run |")
    print("|---|---|---|---|")
    for tool in tools:
        mean = tool.seconds / len(chosen)
        print(f"| {tool.name} | {len(tool.killed)} | {len(tool.alarms)} | {mean:.0f} |")


if __name__ == "__main__":
    main()
