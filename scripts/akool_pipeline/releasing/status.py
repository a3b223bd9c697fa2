"""What is left to do until contract, client and pages belong together, in the order to do it.

Each step needs the one before: while the fragments do not build, nobody can say whether the client
is theirs. So the list ends with the first step that stops the next ones, and says so.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from akool_pipeline.building.build import assemble, files
from akool_pipeline.diff import Change, Severity, compare
from akool_pipeline.documents import document
from akool_pipeline.errors import PipelineError, Problem
from akool_pipeline.releasing import changelog

if TYPE_CHECKING:
    from akool_pipeline.building.build import Built
    from akool_pipeline.layout import Layout


@dataclass(frozen=True, slots=True)
class Status:
    """What is left to do.

    Attributes:
        todo: Each thing with its file and line, in order.
        is_whole: Whether there is nothing else; later steps wait for these where it is false.
    """

    todo: tuple[Problem, ...]
    is_whole: bool = True

    def __str__(self) -> str:
        """A numbered list, or one line where there is nothing to do."""
        if not self.todo:
            return "nothing is left to do"
        lines = ["to do, in this order:"]
        lines += [f"{number:3}. {problem}" for number, problem in enumerate(self.todo, 1)]
        if not self.is_whole:
            lines.append(
                "     then `akool-faceswap contract status` again: the next steps need this"
            )
        return "\n".join(lines)


def look(layout: Layout, *, by_namespace: bool = False, client: bool = True) -> Status:
    """Go through the steps; writes nothing.

    Args:
        layout: Where everything lies.
        by_namespace: Whether the contract is built with `--on-conflict namespace`.
        client: Whether to generate the client once more to see whether it is the contract's.
    """
    try:
        built = assemble(layout, by_namespace=by_namespace)
    except PipelineError as error:
        return Status(error.problems, is_whole=False)
    todo = [*_unbuilt(layout, built)]
    if todo:
        return Status(tuple(todo), is_whole=False)
    todo = _stale_overrides(layout, built)
    if client and not todo:
        todo = _ungenerated(layout)
    todo += _unversioned(layout, built)
    todo += _unwritten(layout)
    return Status(tuple(todo))


def version_place(layout: Layout, *, by_namespace: bool = False) -> str:
    """File and line that state the contract's `info.version`; in words where that is unknown."""
    try:
        built = assemble(layout, by_namespace=by_namespace)
    except PipelineError:
        return f"an overlay in {layout.overlays}"
    return _version_place(layout, built)


def _version_place(layout: Layout, built: Built) -> str:
    file, line = built.locate("/info/version")
    if file is None:
        return f"an overlay in {layout.overlays}"
    return file if line is None else f"{file}:{line}"


def _unbuilt(layout: Layout, built: Built) -> list[Problem]:
    return [
        Problem("is not what the fragments build: run `make generate`", str(path))
        for path, text in files(built, layout).items()
        if not path.is_file() or path.read_text("utf-8") != text
    ][:1]


def _stale_overrides(layout: Layout, built: Built) -> list[Problem]:
    # Imported here: the generator is not needed before there is a contract.
    from akool_pipeline.generating import overrides  # noqa: PLC0415

    contract = document.Document("the contract", built.data)
    return overrides.stale(layout.generator_settings, contract)


def _ungenerated(layout: Layout) -> list[Problem]:
    from akool_pipeline.generating.generate import generate  # noqa: PLC0415

    settings = layout.generator_settings
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / layout.client.name
        try:
            contract = document.read(layout.contract)
            generate(contract, settings if settings.is_file() else None, fresh)
        except PipelineError as error:
            return list(error.problems)
        if _tree(fresh) == _tree(layout.client):
            return []
    return [Problem("is not what the contract generates: run `make generate`", str(layout.client))]


def _tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def _unversioned(layout: Layout, built: Built) -> list[Problem]:
    """A version that does not admit to what broke, and a change that the changelog is silent on."""
    if not layout.released.is_file():
        return []
    released = document.read(layout.released).data
    try:
        faults = changelog.check(released, built.data)
        entry = changelog.entry(released, built.data)
    except PipelineError as error:
        return list(error.problems)
    todo = [_raise_version(layout, built, faults)] if faults else []
    known = layout.changelog.read_text("utf-8") if layout.changelog.is_file() else ""
    is_told = entry in known
    if not is_told and any(compare(released, built.data)):
        message = "does not tell what changed since the last release: run `make changelog`"
        todo.append(Problem(message, str(layout.changelog)))
    return todo


def _raise_version(layout: Layout, built: Built, faults: list[Change]) -> Problem:
    file, line = built.locate("/info/version")
    count = sum(fault.severity is Severity.BREAKING for fault in faults)
    return Problem(
        f"{count} changes since the last release break callers: give info.version a new major "
        "version (before 1.0 a new minor one); `akool-faceswap contract changelog --check` lists "
        "them",
        file or str(layout.overlays),
        line,
        "/info/version",
    )


def _unwritten(layout: Layout) -> list[Problem]:
    """docs/contract.md, where this is a checkout that has the script which writes it."""
    script = layout.root / "scripts" / "contract_page.py"
    if not script.is_file():
        return []
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return []
    page = layout.root / "docs" / "contract.md"
    last = (done.stderr.strip().splitlines() or ["said nothing"])[-1]
    if last.startswith(f"{page.resolve()}: "):
        return [Problem(last.removeprefix(f"{page.resolve()}: "), str(page))]
    if last.startswith("ModuleNotFoundError"):  # `make demo` installs less than the page needs
        last = "it needs packages that this command installs"
    return [Problem(f"was not checked ({last}): run `make contract-page`", str(page))]
