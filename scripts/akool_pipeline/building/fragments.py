"""Fragments: one OpenAPI document per docs page, read from a folder and checked one by one.

A fragment stands alone, as the page it comes from does: every `$ref` of it must lead somewhere
inside it. It is checked after its own overlay has been applied, which can repair it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from akool_openapi.operations import METHODS
from akool_pipeline.documents import document, grammar, pointer
from akool_pipeline.errors import PipelineError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROVENANCE: Final = "x-provenance"
"""Root extension of fragments that we wrote: where their content is known from. Not merged."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """One page's OpenAPI document.

    Attributes:
        name: File name without its ending.
        source: The parsed file.
    """

    name: str
    source: document.Document

    @property
    def data(self) -> dict[str, Any]:
        """The document; `check` has made sure that it is an object."""
        data: dict[str, Any] = self.source.data
        return data

    @property
    def title(self) -> str:
        """`info.title`, or the file name where there is none."""
        title = self.data.get("info", {}).get("title")
        return title if isinstance(title, str) and title.strip() else self.name


def load_folder(folder: Path) -> list[Fragment]:
    """Every `*.yaml`, `*.yml` and `*.json` fragment of `folder`, in name order; not yet checked.

    Raises:
        PipelineError: The folder holds none, or some are no OpenAPI 3 documents; all at once.
    """
    if not folder.is_dir():
        raise PipelineError("is not a folder of fragments", file=folder)
    kinds = {".yaml", ".yml", ".json"}
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in kinds)
    if not paths:
        raise PipelineError(
            "holds no fragment: import a docs page with `akool-faceswap contract import`",
            file=folder,
        )
    problems: list[Problem] = []
    fragments: list[Fragment] = []
    for path, before in zip(paths, [None, *paths], strict=False):
        if before is not None and before.stem == path.stem:
            problems += PipelineError(
                f"is the same fragment as {before.name}: delete one of them", file=path
            ).problems
        try:
            fragment = Fragment(path.stem, document.read(path))
            version(fragment.source)
            fragments.append(fragment)
        except PipelineError as error:
            problems += error.problems
    if problems:
        raise PipelineError.of(problems)
    return fragments


def check(source: document.Document) -> None:
    """Refuse what is not a self-contained OpenAPI 3.x document.

    Raises:
        PipelineError: All faults of this document at once.
    """
    problems = list(_problems(source))
    if problems:
        raise PipelineError.of(problems)


def version(source: document.Document) -> tuple[int, int, int]:
    """The document's OpenAPI version.

    Raises:
        PipelineError: It states none, or one that is not 3.0 or 3.1.
    """
    stated = source.data.get("openapi") if isinstance(source.data, dict) else None
    match = re.fullmatch(r"3\.([01])\.(\d{1,3})", stated) if isinstance(stated, str) else None
    if match is None:
        raise source.error(f"{_what_it_is(source.data)}: {_ONLY}", "/openapi")
    return 3, int(match[1]), int(match[2])


_ONLY: Final = "only OpenAPI 3.0 and 3.1 documents are read"


def _what_it_is(data: object) -> str:
    """What a document is that is no OpenAPI 3.0 or 3.1, and what to do about it."""
    known = data if isinstance(data, dict) else {}
    if "swagger" in known:
        return f"says Swagger {known['swagger']}: convert it, and import the file that comes out"
    stated = known.get("openapi")
    if stated is not None:
        form = ": write three numbers, as 3.0.3" if stated in _SHORT else ""
        return f"says OpenAPI {stated!r}{form}"
    paths = known.get("paths")
    if isinstance(paths, dict) and "path" in paths and "method" in paths:
        return (
            "holds an outline that older docs pages have in the place of OpenAPI: import the page "
            "as it is today, or the file that the docs are made from"
        )
    return "holds no `openapi: 3.x.y`"


_SHORT: Final = (3, 3.0, 3.1, "3", "3.0", "3.1")


def _problems(source: document.Document) -> Iterator[Problem]:
    try:
        version(source)
    except PipelineError as error:
        yield from error.problems
        return
    misshapen = list(_misshapen(source))
    if misshapen:
        yield from misshapen
        return
    if not any(part.kind == "operation" for part in grammar.parts(source.data)):
        yield from source.error("describes no operation", "/paths").problems
    for place, target in sorted(grammar.references(source.data)):
        wrong = bad_reference(source.data, target)
        if wrong:
            yield from source.error(wrong, pointer.join(place, "$ref")).problems


def _misshapen(source: document.Document) -> Iterator[Problem]:
    """Parts that merging looks into and that are not what they must be."""
    data = source.data
    for name in ("paths", "info", "webhooks", "components"):
        yield from _must_be(source, data.get(name, {}), f"/{name}", dict)
    for name in ("servers", "security", "tags"):
        yield from _objects(source, data.get(name, []), f"/{name}")
    tags = data.get("tags", [])
    for index, tag in enumerate(tags if isinstance(tags, list) else ()):
        if isinstance(tag, dict):
            yield from _must_be(source, tag.get("name"), f"/tags/{index}/name", str)
    components = data.get("components", {})
    for section in grammar.COMPONENTS if isinstance(components, dict) else ():
        yield from _must_be(source, components.get(section, {}), f"/components/{section}", dict)
    for place in ("/paths", "/webhooks", "/components/pathItems"):
        yield from _misshapen_items(source, place)


def _misshapen_items(source: document.Document, place: str) -> Iterator[Problem]:
    try:
        items = pointer.resolve(source.data, place)
    except KeyError:
        return
    for name, item in items.items() if isinstance(items, dict) else ():
        here = pointer.join(place, name)
        if place == "/paths" and name.startswith("x-"):
            continue
        yield from _must_be(source, item, here, dict)
        if not isinstance(item, dict):
            continue
        yield from _objects(source, item.get("parameters", []), here + "/parameters")
        for method in (method for method in METHODS if method in item):
            yield from _misshapen_operation(source, item[method], pointer.join(here, method))


def _misshapen_operation(
    source: document.Document, operation: object, here: str
) -> Iterator[Problem]:
    yield from _must_be(source, operation, here, dict)
    if isinstance(operation, dict):
        yield from _must_be(source, operation.get("operationId", ""), here + "/operationId", str)
        yield from _objects(source, operation.get("parameters", []), here + "/parameters")


def _must_be(source: document.Document, value: object, place: str, kind: type) -> Iterator[Problem]:
    if not isinstance(value, kind):
        word = "an object" if kind is dict else "a string"
        yield from source.error(f"must be {word}", place).problems


def _objects(source: document.Document, value: object, place: str) -> Iterator[Problem]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        yield from source.error("must be an array of objects", place).problems


def bad_reference(data: object, target: str) -> str | None:
    """What is wrong with the target of a `$ref` in a document that stands alone, if anything."""
    if not target.startswith("#"):
        return f"$ref to another document ({target}): everything that is used must be in this one"
    place = pointer.of(target)
    if place and not place.startswith("/"):
        return f"$ref to an anchor ({target}): write a JSON pointer, as `#/components/...`"
    try:
        pointer.resolve(data, place)
    except KeyError:
        return f"$ref to nowhere: {target} is not in this document"
    return None


def operations(data: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation as (path, method, operation), in document order."""
    for path, item in data.get("paths", {}).items():
        if isinstance(item, dict):
            for method in METHODS:
                if isinstance(item.get(method), dict):
                    yield path, method, item[method]
