"""`make install-matrix`: each extra of the wheel, in an empty environment, under each Python.

    python scripts/install_matrix.py [PYTHON ...]

Without arguments it tries python3.11 to python3.14 on the PATH. Prints a line for each Python as it
goes and a table at the end; exit 1 when a cell failed. Needs the package index.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# What each extra is for must at least import, and its command must show its help.
PROBES = {
    "": "import akool_faceswap; akool_faceswap.FaceSwap",
    "webhook": "from akool_faceswap import webhooks; webhooks.wrap({'_id': 'a', 'status': 2},"
    " client_id='0123456789abcdef', client_secret='0123456789abcdef', timestamp_ms=0, nonce='1')",
    "cli": "from akool_faceswap.cli import main; assert main(['--help']) == 0",
    "parquet": "import pyarrow.parquet",
    "mock": "from akool_mock import MockServer",
    "contract": "from akool_contract import cli",
    "spec": "from akool_pipeline import cli",
    "all": "from akool_faceswap.cli import main; assert main(['--help']) == 0",
}


def pythons() -> list[str]:
    """The interpreters to try: named ones, or what the PATH has."""
    if sys.argv[1:]:
        return sys.argv[1:]
    names = [f"python3.{minor}" for minor in range(11, 15)]
    return [n for n in names if shutil.which(n) and _runs([n, "-c", "pass"])[0]]


def _runs(command: list[str]) -> tuple[bool, str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def cell(python: str, wheel: Path, extra: str, scratch: Path) -> str:
    """One install in an empty environment; "ok", or the last line of what went wrong."""
    home = scratch / f"{Path(python).name}-{extra or 'base'}"
    ok, said = _runs([python, "-m", "venv", str(home)])
    if ok:
        wanted = f"{wheel}[{extra}]" if extra else str(wheel)
        ok, said = _runs([str(home / "bin/pip"), "install", "-qq", wanted])
    if ok:
        ok, said = _runs(
            [str(home / "bin/python"), "-W", "error::DeprecationWarning:akool", "-c", PROBES[extra]]
        )
    shutil.rmtree(home, ignore_errors=True)
    return "ok" if ok else (said.splitlines() or ["failed"])[-1]


def main() -> int:
    """Builds the wheel, fills the matrix, prints it."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        ok, said = _runs(
            [
                sys.executable,
                "-m",
                "build",
                "--wheel",
                "--no-isolation",
                "--outdir",
                folder,
                str(ROOT),
            ]
        )
        if not ok:
            print(said, file=sys.stderr)
            return 1
        wheel = next(scratch.glob("*.whl"))
        rows: list[tuple[str, dict[str, str]]] = []
        for python in pythons():
            _, version = _runs([python, "--version"])
            row = {extra: cell(python, wheel, extra, scratch) for extra in PROBES}
            rows.append((version, row))
            print(version, row, file=sys.stderr)
    print("| | " + " | ".join(e or "(none)" for e in PROBES) + " |")
    print("|---" * (len(PROBES) + 1) + "|")
    for version, row in rows:
        print(f"| {version} | " + " | ".join(row.values()) + " |")
    return 0 if rows and all(v == "ok" for _, row in rows for v in row.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
