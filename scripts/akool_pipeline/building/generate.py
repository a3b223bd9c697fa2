"""Generate the client package with openapi-python-client, and move it onto httpx2.

The generator's output is formatted with ruff in isolation from any project's settings, so that the
bytes depend on the contract, the settings file and the pinned versions only. The old package is
swapped for the new one as a whole.
"""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from pydantic import ValidationError

from akool_pipeline.building import emit
from akool_pipeline.documents import document
from akool_pipeline.errors import PipelineError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

_IMPORT: Final = re.compile(r"^import httpx$", re.MULTILINE)
_OTHER_IMPORT: Final = re.compile(
    r"^\s*(?:from httpx[ .]|import httpx\b(?!2 as httpx$))", re.MULTILINE
)


def generate(contract: document.Document, settings: Path | None, package: Path) -> None:
    """Replace the folder `package` by the client that `contract` generates.

    Args:
        contract: The built contract.
        settings: openapi-python-client's settings file: class names and the like.
        package: Where the package lies; its last part is the package's name. Untouched on failure.

    Raises:
        PipelineError: The contract or the settings are not what the generator takes. A part of the
            contract that the generator would leave out with a warning is an error too.
    """
    package.parent.mkdir(parents=True, exist_ok=True)
    # On the file system of the destination, so that the swap is a rename.
    with tempfile.TemporaryDirectory(prefix=".generate-", dir=package.parent) as scratch:
        fresh = Path(scratch) / package.name
        _write(contract, _config(settings, fresh))
        for file in sorted(fresh.rglob("*.py")):
            file.write_text(onto_httpx2(file.read_text("utf-8"), file.name), encoding="utf-8")
        (fresh / "py.typed").touch()
        _format(fresh)
        emit.replace_tree(fresh, package)


def onto_httpx2(source: str, name: str = "<module>") -> str:
    """One generated module moved to httpx2, which continues httpx under the same interface.

    Raises:
        PipelineError: The module imports httpx in a way that the rewrite does not know.
    """
    moved = _IMPORT.sub("import httpx2 as httpx", source)
    if _OTHER_IMPORT.search(moved):
        raise PipelineError(
            "imports httpx in a new way: teach it to akool_pipeline.building.generate", file=name
        )
    return moved


def _config(settings: Path | None, output: Path) -> Config:
    try:
        raw = document.read(settings).data if settings else {}
        stated = ConfigFile(**(raw or {}))
    except (ValidationError, TypeError) as error:
        raise PipelineError(f"not settings of the generator: {error}", file=settings) from error
    stated.post_hooks = []
    return Config.from_sources(
        stated,
        meta_type=MetaType.NONE,
        document_source=Path("contract"),
        file_encoding="utf-8",
        overwrite=True,
        output_path=output,
    )


def _write(contract: document.Document, config: Config) -> None:
    parsed = GeneratorData.from_dict(contract.data, config=config)
    if isinstance(parsed, GeneratorError):
        raise _errors([parsed], contract)
    project = Project(openapi=parsed, config=config)
    with contextlib.redirect_stdout(io.StringIO()):
        faults = project.build()
    if faults:
        raise _errors(faults, contract)


def _errors(faults: Iterable[GeneratorError], contract: document.Document) -> PipelineError:
    return PipelineError.of(
        Problem(
            f"the generator cannot express this: {fault.header} {fault.detail or ''}", contract.name
        )
        for fault in faults
    )


def _format(package: Path) -> None:
    common: list[Any] = ["--isolated", "--no-cache", "--quiet", str(package)]
    for command in (["check", "--fix-only", "--extend-select=I"], ["format"]):
        done = subprocess.run(  # noqa: S603 - our interpreter's ruff on files that we have just written
            [sys.executable, "-m", "ruff", *command, *common],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PipelineError(f"ruff {command[0]} failed: {done.stderr.strip()}", file=package)
