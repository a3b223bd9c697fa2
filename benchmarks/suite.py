"""schemathesis and `verify` on the same defects, in the same run: `python benchmarks/suite.py`.

A sample of the project's own defects (chosen by a hash of the name, so not by us), each put alone
in front of the reference server. Both tools get the merged contract, the server's address and a
key; schemathesis runs as `st run` with its defaults, the suite at its quick profile. What either
says of the correct server is a false alarm, and no kill when it says the same of a defect.
Prints a Markdown table; takes a minute or two for each defect. Results: benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "contract_tests"))  # the proof is not part of the wheel

from akool_contract_proof.mutants import TABLE  # noqa: E402 - found by the line above
from akool_contract_proof.reference import ReferenceServer  # noqa: E402
from akool_contract_proof.runner import on_reference  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_contract_proof.mutants import Mutant

Finding = tuple[str, str]
CONTRACT = ROOT / "openapi" / "akool-faceswap.yaml"
CLEAN_RUNS = 3


def schemathesis(mutant: Mutant | None, seed: int) -> set[Finding]:
    """The kinds of failure that `st run` reports, each with its operation."""
    layer = mutant.layer if mutant else None
    hook = mutant.hook() if mutant and mutant.hook else None
    with (
        ReferenceServer(layer=layer, deliveries=hook) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        report = Path(folder) / "report.json"
        command = [
            *(str(Path(sys.executable).with_name("st")), "run", str(CONTRACT)),
            *("--url", server.url, "-H", f"x-api-key: {server.reference.accounts.main.key}"),
            *("--seed", str(seed), "--generation-database", "none"),
            *("--report", "json", "--report-json-path", str(report)),
        ]
        subprocess.run(command, cwd=folder, capture_output=True, check=False)  # noqa: S603 - our own words
        found = json.loads(report.read_text(encoding="utf-8"))
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


def main() -> None:
    """Runs both tools on the correct server, then on each defect."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--defects", type=int, default=30)
    chosen = sample(parser.parse_args().defects)
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
