"""Generates the client with openapi-python-client and moves it onto httpx2."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from akool_pipeline.errors import PipelineError

PACKAGE = "akool_faceswap_api"


def _with_ruff_on_path() -> dict[str, str]:
    """The generator calls `ruff` by name; ours lies beside the interpreter."""
    here = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": os.pathsep.join([here, os.environ.get("PATH", "")])}


def onto_httpx2(source: str) -> str:
    """Moves one generated module from httpx to its continuation."""
    return source.replace("import httpx\n", "import httpx2 as httpx\n")


def generate(openapi: Path, into: Path) -> None:
    """Replaces `into/akool_faceswap_api` by what the contract generates; on failure nothing changes."""
    # Written outside the checkout, whose ruff settings would otherwise reach into it.
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryDirectory(dir=into) as swap:
        fresh = Path(scratch) / PACKAGE
        done = subprocess.run(  # noqa: S603 - our own interpreter on our own file
            [
                sys.executable, "-m", "openapi_python_client", "generate",
                "--path", str(openapi / "akool-faceswap.yaml"),
                "--config", str(openapi / "generator.yaml"),
                "--meta", "none", "--output-path", str(fresh), "--overwrite", "--fail-on-warning",
            ],
            capture_output=True, text=True, check=False, env=_with_ruff_on_path(),
        )  # fmt: skip
        if done.returncode:
            raise PipelineError(f"openapi-python-client: {done.stdout}{done.stderr}")
        for file in fresh.rglob("*.py"):
            file.write_text(onto_httpx2(file.read_text("utf-8")), encoding="utf-8")
        shutil.rmtree(fresh / ".ruff_cache", ignore_errors=True)
        shutil.copytree(fresh, Path(swap) / "new")
        old = into / PACKAGE
        if old.exists():
            old.rename(Path(swap) / "old")
        (Path(swap) / "new").rename(old)
