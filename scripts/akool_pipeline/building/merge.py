"""Merge fragments into one OpenAPI document, or say everything that stands against it.

Nothing is ever won by coming last. What two fragments define differently on the wire is a
conflict, and all conflicts are reported together, each with both fragments and a JSON pointer.
What they define alike is shared; where only the words differ, those of the fragment that comes
first are taken and the others are listed. First is what the caller says is first, then the name.
The result depends on that order and on the fragments' content only, so the same input gives the
same bytes.

Servers: the server most fragments name becomes the document's. A fragment whose server differs
from it only by a longer base path gets that path folded into its paths; any other server is kept,
path-level.
Security is spelled out on every operation, so that it reads the same whatever page the operation
came with (and the generator, which looks nowhere else, sees it).
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from akool_openapi.operations import METHODS
from akool_pipeline.building import fitting
from akool_pipeline.building import fragments as frag
from akool_pipeline.building.record import Found, MergeRecord, shown
from akool_pipeline.documents import grammar, pointer
from akool_pipeline.documents.pointer import join
from akool_pipeline.documents.versions import lift
from akool_pipeline.errors import PipelineError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akool_pipeline.building.fitting import Fitted
    from akool_pipeline.building.fragments import Fragment

_DIALECT: Final = "jsonSchemaDialect"
_UNITED: Final = (
    "openapi",
    "info",
    "servers",
    "security",
    "tags",
    "paths",
    "webhooks",
    "components",
    frag.PROVENANCE,
)
"""Root fields with a way of their own to become one; every other is shared whole."""
_INHERITED: Final = ("parameters", "servers")
"""What a path item says for all its operations; each says it itself when merged."""


@dataclass(slots=True)
class Merged:
    """The merged document and where its parts come from.

    Attributes:
        data: The document.
        record: Where each part comes from.
        is_mixed: Whether pages of OpenAPI 3.0 and 3.1 are in it; it is 3.1 then.
    """

    data: dict[str, Any]
    record: MergeRecord
    is_mixed: bool = False

    @property
    def notes(self) -> Sequence[Problem]:
        """What of the fragments the document does not hold, and what it holds instead."""
        return self.record.notes

    def origin(self, place: str) -> tuple[Fragment, str] | None:
        """The fragment that a place of the merged document comes from, and the place there."""
        found = self.record.origin(place)
        return None if found is None else (found.fragment, found.place)

    def locate(self, place: str) -> tuple[str | None, int | None]:
        """File and line of the fragment that a pointer into the merged document comes from."""
        known = self.origin(place)
        return (None, None) if known is None else known[0].source.locate(known[1])


@dataclass(slots=True)
class _Whole:
    """The merged document in the making."""

    record: MergeRecord
    root: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, Any] = field(default_factory=dict)
    paths: dict[str, Any] = field(default_factory=dict)
    webhooks: dict[str, Any] = field(default_factory=dict)
    components: dict[str, dict[str, Any]] = field(default_factory=dict)


def merge(fragments: Sequence[Fragment], first: Sequence[str] = ()) -> Merged:
    """One document of all `fragments`.

    Args:
        fragments: What to merge.
        first: Names of the fragments that come first, in their order; the others follow by name.
            The words of an earlier one are taken.

    Raises:
        PipelineError: They conflict; every conflict is listed.
    """
    rank = {name: index for index, name in enumerate(first)}
    fragments = sorted(fragments, key=lambda f: (rank.get(f.name, len(rank)), f.name))
    record = MergeRecord()
    whole = _Whole(record)
    version, fragments, is_mixed = _one_version(fragments, record)
    whole.root["openapi"] = version
    whole.root["info"] = _info(fragments, record)
    servers = fitting.main_servers(fragments, record)
    if servers is not None:
        whole.root["servers"] = servers.value
        record.place("/servers", servers)
    _dialect(fragments, record)
    for fragment in fragments:
        fitted = fitting.fit(fragment, servers, record)
        _root(fitted, whole)
        _paths(fitted, whole)
        _named(fitted, whole)
        fitted.list_unused_root()
    # No fragment may share an object with the document, nor may two places of the document.
    data = copy.deepcopy(_document(whole))
    for part in grammar.parts(data):
        target = part.value.get("$ref")
        if isinstance(target, str) and target.startswith("#"):
            # Pages write references as they read; readers take those of a URI's letters alone.
            part.value["$ref"] = pointer.reference(pointer.of(target))
    _operation_ids(data, {f.name: index for index, f in enumerate(fragments)}, record)
    if record.problems:
        raise PipelineError.of(record.problems)
    return Merged(data, record, is_mixed)


def _document(whole: _Whole) -> dict[str, Any]:
    leading = ("openapi", "info", "servers")
    data: dict[str, Any] = {key: whole.root[key] for key in leading if key in whole.root}
    data |= {key: whole.root[key] for key in sorted(whole.root) if key not in data}
    if whole.tags:
        data["tags"] = [whole.tags[name] for name in sorted(whole.tags)]
        for index, name in enumerate(sorted(whole.tags)):
            found = whole.record.origin(join("/tag", name))
            if found is not None:
                whole.record.place(f"/tags/{index}", found)
    data["paths"] = {
        path: _ordered_item(item) if grammar.below("paths", path) == "pathItem" else item
        for path, item in sorted(whole.paths.items())
    }
    if whole.webhooks:
        data["webhooks"] = dict(sorted(whole.webhooks.items()))
    if whole.components:
        data["components"] = {
            section: dict(sorted(named.items())) if section in grammar.COMPONENTS else named
            for section, named in sorted(whole.components.items(), key=_section_rank)
        }
    return data


def _section_rank(item: tuple[str, Any]) -> tuple[int, str]:
    known = grammar.COMPONENTS
    return (known.index(item[0]) if item[0] in known else len(known), item[0])


def _one_version(
    fragments: Sequence[Fragment], record: MergeRecord
) -> tuple[str, list[Fragment], bool]:
    """The latest version that a fragment states; all in its words; whether 3.0 was among 3.1."""
    versions = {fragment.name: frag.version(fragment.source) for fragment in fragments}
    latest = max(versions.values())
    text = ".".join(map(str, latest))
    result = []
    for fragment in fragments:
        stated = fragment.data["openapi"]
        if stated != text:
            record.note(
                f"left out {shown(stated)}, taken {shown(text)}",
                Found(fragment, "/openapi", stated),
            )
        is_old = versions[fragment.name][:2] != latest[:2]
        data = lift(fragment.data, text) if is_old else fragment.data
        result.append(replace(fragment, source=replace(fragment.source, data=data)))
    return text, result, any(version[:2] != latest[:2] for version in versions.values())


def _info(fragments: Sequence[Fragment], record: MergeRecord) -> dict[str, Any]:
    """One info of all: several titles are joined, of all else the first that is stated is taken.

    Nothing in it is on the wire; an overlay gives the whole a name and a version of its own.
    """
    titles = sorted({fragment.title for fragment in fragments})
    info: dict[str, Any] = {"title": " + ".join(titles), "version": "1.0.0"}
    for fragment in fragments:
        for key, value in fragment.data.get("info", {}).items():
            if key == "title":
                continue
            found = Found(fragment, join("/info", key), value)
            taken = record.first(("info", key), found)
            info[key] = taken.value
            record.place(found.place, taken)
            record.list_words(taken, found, grammar.DATA)
    return info


def _dialect(fragments: Sequence[Fragment], record: MergeRecord) -> None:
    """Refuse to read schemas in a dialect that their own fragment does not state."""
    stated = [f for f in fragments if _DIALECT in f.data]
    for fragment in fragments:
        if stated and _DIALECT not in fragment.data:
            like = Found(stated[0], f"/{_DIALECT}", stated[0].data[_DIALECT])
            record.conflict(
                f"states no {_DIALECT}, there it is {shown(like.value)}: say the same in both",
                like,
                Found(fragment, "", None),
            )


def _root(fitted: Fitted, whole: _Whole) -> None:
    for key in fitted.data:
        if key not in _UNITED:
            whole.record.take(
                whole.root, (key,), fitted.found(join("", key)), grammar.below("document", key)
            )
    for index, tag in enumerate(fitted.data.get("tags", ())):
        whole.record.take(whole.tags, ("tag", tag["name"]), fitted.found(f"/tags/{index}"), "tag")


def _paths(fitted: Fitted, whole: _Whole) -> None:
    for path, item in fitted.data.get("paths", {}).items():
        place = join("/paths", path)
        if path.startswith("x-"):
            found = fitted.found(place)
            whole.record.take(whole.paths, ("paths", path), found, grammar.EXTENSION)
            continue
        full = fitted.base + path
        _same_template(full, fitted.found(place), whole.record)
        known = whole.paths.setdefault(full, {})
        whole.record.place(join("/paths", full), fitted.found(place))
        methods = [method for method in METHODS if method in item]
        is_alias = "$ref" in item or not methods
        for method in methods:
            _method(fitted, whole, (item, method, place), full)
        for key in item:
            if key not in METHODS and (is_alias or key not in _INHERITED):
                found, kind = fitted.found(join(place, key)), grammar.below("pathItem", key)
                whole.record.take(known, ("paths", full, key), found, kind)
        if not is_alias:
            fitted.list_unused(item, place)
        elif fitted.servers and "servers" not in item:
            fitted.used.add("servers")
            whole.record.take(
                known, ("paths", full, "servers"), fitted.found("/servers"), "[server]"
            )


def _method(
    fitted: Fitted, whole: _Whole, stated: tuple[dict[str, Any], str, str], full: str
) -> None:
    """Take an operation, which is stated by a path item, its method and where the item stands."""
    item, method, place = stated
    found = fitted.found(join(place, method))
    merged = join("/paths", full, method)
    first = whole.record.first(("paths", full, method), found)
    if first is not found:
        whole.record.conflict(f"{method.upper()} {full} is described twice", first, found)
        return
    whole.paths[full][method] = fitted.operation(item, method, place, merged)
    whole.record.place(merged, found)


def _same_template(path: str, found: Found, record: MergeRecord) -> None:
    template = re.sub(r"\{[^}]*\}", "{}", path)
    first = record.first(("template", template), found._replace(value=path))
    if first.value != path:
        record.conflict(f"the same path as {first.value} except for parameter names", first, found)


def _named(fitted: Fitted, whole: _Whole) -> None:
    """Webhooks and components: shared by name."""
    sections: list[tuple[str, ...]] = [("webhooks",)] if "webhooks" in fitted.data else []
    sections += [("components", section) for section in fitted.data.get("components", {})]
    for key in sections:
        place = join("", *key)
        named, kind = pointer.resolve(fitted.data, place), grammar.kind_at(place)
        if not kind.startswith("{"):
            whole.record.take(whole.components, key, fitted.found(place), kind)
            continue
        into = whole.webhooks
        if key[0] == "components":
            into = whole.components.setdefault(key[1], {})
        for name in named:
            found = fitted.found(join(place, name))
            if kind == "{pathItem}":
                found = found._replace(value=fitted.item(found.value))
            whole.record.take(into, (*key, name), found, kind[1:-1])


def _operation_ids(data: dict[str, Any], ranks: dict[str, int], record: MergeRecord) -> None:
    """Report every operationId that is given twice, wherever the operations stand."""
    given: dict[str, list[Found]] = {}
    for part in grammar.parts(data):
        name = part.value.get("operationId")
        found = record.origin(part.pointer + "/operationId")
        if part.kind == "operation" and isinstance(name, str) and found is not None:
            given.setdefault(name, []).append(found)
    for name, all_found in given.items():
        first, *later = sorted(all_found, key=lambda found: ranks[found.fragment.name])
        for found in later:
            what = f"operationId {name} given twice, there at #{first.place}"
            record.conflict(what, first, found)


def _ordered_item(item: dict[str, Any]) -> dict[str, Any]:
    """A path item with its shared fields first and its methods in the specification's order.

    Servers that all its operations have in common move up to the path.
    """
    rest = {key: value for key, value in item.items() if key not in METHODS}
    methods: dict[str, Any] = {m: item[m] for m in METHODS if m in item}
    kept = [operation.get("servers") for operation in methods.values()]
    if kept and kept[0] and "servers" not in rest and all(k == kept[0] for k in kept):
        rest["servers"] = kept[0]
        methods = {
            method: {key: value for key, value in operation.items() if key != "servers"}
            for method, operation in methods.items()
        }
    return {**rest, **methods}
