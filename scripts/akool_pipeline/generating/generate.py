"""Generate the client package from the contract, all of it or as much as can be said in Python.

The package is written beside the old one, compiled and imported, and only then put in its place.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import evolve
from openapi_python_client import Project

from akool_pipeline.building import emit, fragments
from akool_pipeline.building.fragments import operations
from akool_pipeline.building.validate import validate
from akool_pipeline.documents import grammar, pointer
from akool_pipeline.documents.document import Document
from akool_pipeline.errors import PipelineError
from akool_pipeline.generating import (
    checking,
    overrides,
    parsing,
    prepare,
    raw,
    settings,
    sources,
    table,
)
from akool_pipeline.generating.parsing import BrokenPackageError, LeftOut

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from openapi_python_client.config import Config


def generate(contract: Document, settings_file: Path | None, package: Path) -> tuple[LeftOut, ...]:
    """Replace the folder `package` by the client that `contract` generates.

    Args:
        contract: The built contract.
        settings_file: openapi-python-client's settings: class names and the like.
        package: Where the package lies; its last part is the package's name. Untouched on failure.

    Returns:
        What the generator cannot express, and the package therefore lacks.

    Raises:
        PipelineError: The contract is no valid OpenAPI, the settings are none of the generator's,
            a class override has gone stale, names cannot be told apart, or the new package could
            not be imported.
    """
    fragments.check(contract)
    validate(contract.data, contract.name, contract.locate)
    package.parent.mkdir(parents=True, exist_ok=True)
    # On the file system of the destination, so that the swap is a rename.
    with tempfile.TemporaryDirectory(prefix=".generate-", dir=package.parent) as scratch:
        fresh = Path(scratch) / package.name
        ours = settings.effective(settings.read(settings_file, fresh))
        without: tuple[LeftOut, ...] = ()
        try:
            left_out = _write(contract, ours)
        except BrokenPackageError:
            without = tuple(_culprits(contract, ours))
            if not without:
                raise
            left_out = _write(contract, ours, without)
        if stale := overrides.stale(settings_file, contract, without):
            raise PipelineError.of(stale)
        emit.replace_tree(fresh, package)
    return left_out


def _write(
    contract: Document, config: Config, without: Iterable[LeftOut] = ()
) -> tuple[LeftOut, ...]:
    """Write the package where the configuration says, and check it."""
    parsed = parsing.parse(contract, config, without)
    package = config.output_path
    assert package is not None  # noqa: S101 - `settings.read` sets it
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            Project(openapi=parsed.data, config=config).build()
    except Exception as error:
        raise parsing.fault(error, contract) from error
    emit.write_files(
        {
            package / "operations.py": table.source(contract, parsed),
            package / "raw.py": raw.source(contract, parsed),
        }
    )
    checking.compiles(package)  # the formatter would only say that it cannot read them
    sources.finish(package)
    checking.check(package)
    return parsed.left_out


class _Part(NamedTuple):
    """An operation or a component that may be what the generator breaks on."""

    name: str
    place: str
    paths: dict[str, Any]
    schemas: dict[str, Any]


def _culprits(contract: Document, config: Config) -> Iterator[LeftOut]:
    """The operations and schemas that the generator breaks on by themselves."""
    data = contract.data
    parts = []
    for path, method, operation in operations(data):
        item = {key: value for key, value in data["paths"][path].items() if key == "parameters"}
        place = pointer.join("/paths", path, method)
        name = prepare.title(path, method, operation)
        parts.append(_Part(name, place, {path: {**item, method: operation}}, {}))
    yield from _search(parts, data, config)
    schemas = data.get("components", {}).get("schemas", {})
    places = {name: pointer.join("/components/schemas", name) for name in schemas}
    parts = [
        _Part(f"component {name}", places[name], {}, {name: schemas[name]}) for name in schemas
    ]
    yield from _search(parts, data, config)


def _search(parts: list[_Part], data: Mapping[str, Any], config: Config) -> Iterator[LeftOut]:
    """Halves what breaks until one part is left: few are broken, and each try takes seconds."""
    error = _breaks(parts, data, config) if parts else None
    if error is None:
        return
    if len(parts) == 1:
        yield LeftOut(parts[0].name, error.problems[0].message, parts[0].place)
        return
    half = len(parts) // 2
    yield from _search(parts[:half], data, config)
    yield from _search(parts[half:], data, config)


def _breaks(
    parts: list[_Part], data: Mapping[str, Any], config: Config
) -> BrokenPackageError | None:
    """How the generator breaks on these parts alone; None where it does not."""
    assert config.output_path is not None  # noqa: S101 - `settings.read` sets it
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for part in parts:
        for path, item in part.paths.items():
            paths[path] = paths.get(path, {}) | item
        schemas |= part.schemas
    with tempfile.TemporaryDirectory(dir=config.output_path.parent) as scratch:
        folder = Path(scratch) / config.output_path.name
        alone = Document("it", _alone(data, paths, schemas))
        try:
            _write(alone, evolve(config, output_path=folder))
        except BrokenPackageError as error:
            return error
        except PipelineError:
            return None  # left out by itself, or told when the whole is parsed
    return None


def _alone(
    data: Mapping[str, Any], paths: dict[str, Any], schemas: dict[str, Any]
) -> dict[str, Any]:
    """A document of these parts and of what they refer to."""
    components: dict[str, dict[str, Any]] = {"schemas": schemas}
    result = {**data, "paths": paths, "components": components}
    wanted = True
    while wanted:
        wanted = False
        for _, target in list(grammar.references(result)):
            match pointer.split(pointer.of(target)):
                case ["components", sort, name, *_] if name not in components.setdefault(sort, {}):
                    components[sort][name] = data["components"][sort][name]
                    wanted = True
    return result
