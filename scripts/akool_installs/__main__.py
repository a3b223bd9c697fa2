"""`python -m akool_installs newest|oldest [PYTHON ...]`.

Prints a line for each environment as it goes, what went wrong in full, and a table; exit 1 when a
command failed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from akool_installs.commands import COMMANDS, tried
from akool_installs.environments import ROOT, Failed, Mode, filled, run, versions

# Each extra by itself, and with the command line where it brings none of its own.
ENVIRONMENTS = [
    *("contract", "cli,prism", "all", "cli,mock", "spec", ""),
    *("webhook", "cli", "mock", "prism", "parquet", "cli,mock,parquet", "s3", "fsspec", "socks"),
]
WORKERS = 2
TOOLS = ("sh", "curl", "env")
"""What a command may find besides its environment. Node is not among them: an extra brings it."""


def main() -> int:
    """Build the wheel, fill the environments, run the commands."""
    parser = argparse.ArgumentParser(prog="akool_installs", description=__doc__)
    parser.add_argument("mode", choices=["newest", "oldest"])
    parser.add_argument("pythons", nargs="*", default=[sys.executable])
    parser.add_argument("--only", help="one environment: extras with commas between them")
    given = parser.parse_args()
    environments = ENVIRONMENTS if given.only is None else [given.only]
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        wheel = built(scratch)
        results = [
            matrix(given.mode, python, wheel, environments, scratch / str(number))
            for number, python in enumerate(given.pythons)
        ]
    for python, table in zip(given.pythons, results, strict=True):
        print(shown(python, table))
    return int(any(bad(cell) for table in results for row in table.values() for cell in row))


def built(folder: Path) -> Path:
    """The wheel of this checkout."""
    command = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
    got, said = run(*command, ROOT, cwd=ROOT)
    if got:
        sys.exit(said)
    return next(folder.glob("*.whl"))


def matrix(
    mode: Mode, python: str, wheel: Path, environments: list[str], folder: Path
) -> dict[str, list[str]]:
    """For each environment what came of each command."""
    tools = folder / "tools"
    tools.mkdir(parents=True)
    for tool in TOOLS:
        (tools / tool).symlink_to(shutil.which(tool) or sys.exit(f"needs {tool}"))
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or sys.exit(
        "needs uv: make setup"
    )

    def row(extras: str) -> list[str]:
        started = time.monotonic()
        try:
            place = filled(uv, python, wheel, extras, mode=mode, folder=folder)
        except Failed as failure:
            cells = [str(failure)]
            held = ""
        else:
            cells = [tried(command, place, extras) for command in COMMANDS]
            held = versions(uv, place)
            shutil.rmtree(place.home)
        said = "ok" if not any(map(bad, cells)) else "FAILED"
        print(
            f"{extras or 'no extra'}: {said}, {time.monotonic() - started:.0f} s: {held}",
            flush=True,
        )
        for command, cell in zip(COMMANDS, cells, strict=False):
            if bad(cell):
                print(f"  {extras or 'no extra'}: {command.name}: {cell}", flush=True)
        return cells

    with ThreadPoolExecutor(WORKERS) as pool:
        return dict(zip(environments, pool.map(row, environments), strict=True))


def bad(cell: str) -> bool:
    """Whether something is wrong with a command."""
    return cell not in ("ok", "says", "-")


def shown(python: str, table: dict[str, list[str]]) -> str:
    """The table, for people."""
    names = [name or "(none)" for name in table]
    lines = ["", f"| {python} | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for number, command in enumerate(COMMANDS):
        cells = [row[number] if number < len(row) else "no install" for row in table.values()]
        marks = ["FAILED" if bad(cell) else cell for cell in cells]
        lines.append(f"| {command.name} | " + " | ".join(marks) + " |")
    return "\n".join([*lines, "", "`ok` did its work; `says` named the extra that it needs"])


if __name__ == "__main__":
    sys.exit(main())
