"""How many planted faults do the tests find? `python scripts/mutation.py [PART ...] [--sample N]`.

mutmut plants them, one at a time, in a copy of this checkout, and runs the tests that come by the
place, the fastest first. A part is a table below `[tool.mutation]` in pyproject.toml, which names
the modules, their tests (`without` those that look at the code itself, in which copies of
functions stand) and the least share in percent that must be found; without a part all of them.
What lives and has a reason in tests/living-mutants.toml is left out of the count, and a reason for
what does not live any more is an error. Prints what lives, then the figure; exit 1 below the least.
Takes no more of the machine than others leave (nice).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ORDER = """
# The fastest first: most mutants are found by many tests, and only one that lives needs them all.
import json, pathlib

def pytest_collection_modifyitems(items):
    known = pathlib.Path("mutmut-stats.json")
    took = json.loads(known.read_text())["duration_by_test"] if known.exists() else {}
    items.sort(key=lambda item: took.get(item.nodeid, 0))
"""
ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("client", "generated", "mock", "contract_tests", "openapi", "scripts")
LIVES = frozenset({0, 5, 33})
"""mutmut's exit codes: its tests found nothing; none of them ran; no test comes by."""
SEED = 11


def main() -> int:
    """Run it; returns the exit code."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutation"]
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(settings)}")
    parser.add_argument("--sample", type=int, help="only so many of each part, drawn by --seed")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--children", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(settings):
        parser.error(f"no table [tool.mutation.{min(unknown)}] in pyproject.toml")
    os.nice(10)
    return max([hunt(part, settings[part], arguments) for part in arguments.parts or settings])


def hunt(name: str, part: dict[str, Any], arguments: argparse.Namespace) -> int:
    """Plant the faults of one part, and say how many are found; returns the exit code."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as scratch:
        tree = Path(scratch)
        lay_out(tree, part)
        run(tree, arguments.children, "none.of.them")  # plants, and tests none
        names = sorted(results(tree))
        sample = f"sample {arguments.sample}, seed {arguments.seed}"
        if is_whole := not arguments.sample or arguments.sample >= len(names):
            sample = "all"
        else:
            names = sorted(random.Random(arguments.seed).sample(names, arguments.sample))  # noqa: S311
        run(tree, arguments.children, *names)
        return report(tree, names, part["at_least"], f"{name} ({sample})", is_whole=is_whole)


def lay_out(tree: Path, part: dict[str, Any]) -> None:
    """Copy what git knows, with all packages below `src`, where mutmut looks for them."""
    listing = ["git", "ls-files", "-z"]
    known = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, known.split("\0")):
        target = tree / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    tops = {name.partition("/")[0] for name in known.split("\0") if name}
    for folder in PACKAGES:
        for package in (ROOT / folder).iterdir():
            if (package / "__init__.py").is_file():
                shutil.copytree(package, tree / "src" / package.name)
    (tree / "conftest.py").write_text(ORDER, encoding="utf-8")
    mutmut = {
        "source_paths": ["src"],
        "only_mutate": [f"src/{pattern}" for pattern in part["modules"]],
        "also_copy": ["conftest.py", *sorted(tops)],
        "pytest_add_cli_args": [
            *("-x", "-q", "-p", "no:cacheprovider", "-m", "not node"),
            # A socket that is left over is collected in whichever test runs then.
            *("-W", "ignore::pytest.PytestUnraisableExceptionWarning"),
            *(f"--ignore={test}" for test in part.get("without", ())),
        ],
        "pytest_add_cli_args_test_selection": part["tests"],
    }
    with (tree / "pyproject.toml").open("a", encoding="utf-8") as stream:
        stream.write("\n[tool.mutmut]\n")
        stream.writelines(f"{key} = {json.dumps(value)}\n" for key, value in mutmut.items())


def run(tree: Path, children: int, *names: str) -> None:
    """Let mutmut test the mutants `names`; it remembers the outcomes beside the modules."""
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(children), *names]
    environment = os.environ | {"HYPOTHESIS_PROFILE": "quick"}
    with (tree / "mutmut.log").open("ab") as log:
        subprocess.run(command, cwd=tree, env=environment, stdout=log, stderr=log, check=False)


def results(tree: Path) -> dict[str, int | None]:
    """Every mutant's name, and how its tests ended."""
    found: dict[str, int | None] = {}
    for file in sorted((tree / "mutants" / "src").rglob("*.meta")):
        found |= json.loads(file.read_text("utf-8"))["exit_code_by_key"]
    return found


def report(tree: Path, names: list[str], at_least: float, title: str, *, is_whole: bool) -> int:
    """Print what lives and the figure."""
    reasons = tomllib.loads((ROOT / "tests" / "living-mutants.toml").read_text("utf-8"))
    outcome = results(tree)
    not_run = [name for name in names if outcome.get(name) is None]
    if not names or not_run:
        print((tree / "mutmut.log").read_text("utf-8", "replace")[-2000:], file=sys.stderr)
        print(f"mutation: {len(not_run)} of {len(names)} mutants were not tested", file=sys.stderr)
        return 2
    living = {name: shown(tree, name) for name in names if outcome[name] in LIVES}
    known = {name for name, change in living.items() if change in reasons}
    mine = {name.rpartition(".")[0] for name in names}
    stale = {
        change for change in set(reasons) - set(living.values())
        if is_whole and change.partition("\n")[0].rpartition(".")[0] in mine
    }  # fmt: skip
    for name, change in living.items():
        if name not in known:
            print(f"lives: {name}\n{change}")
    for change in sorted(stale):
        print(f"stale reason, this does not live: {change}")
    planted = len(names) - len(known)
    killed = planted - len(living) + len(known)
    share = 100 * killed / max(planted, 1)
    today = datetime.now(tz=UTC).date().isoformat()
    print(f"{today} {title}: {killed} of {planted} found, {share:.1f} of 100; "
          f"{len(known)} more live with a reason")  # fmt: skip
    return int(share < at_least or bool(stale))


def shown(tree: Path, name: str) -> str:
    """What a mutant changes: the function and the lines, which outlive its number."""
    text = subprocess.run(
        [sys.executable, "-m", "mutmut", "show", name],
        cwd=tree, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    lines = [line for line in text.splitlines() if line[:1] in "+-" and line[:3] not in _HEADS]
    return "\n".join([name.rpartition("__mutmut_")[0], *lines])


_HEADS = ("---", "+++")

if __name__ == "__main__":
    sys.exit(main())
