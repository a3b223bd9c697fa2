"""Merge fragments into one OpenAPI document, or say everything that stands against it.

Nothing is ever won by coming last: what two fragments define differently is a conflict, and all
conflicts are reported together, each with both fragments and a JSON pointer. What they define
alike is shared. The result depends on the fragments' names and content only, so the same input
gives the same bytes.

Servers: the server most fragments name becomes the document's. A fragment whose server differs
from it only by a longer base path gets that path folded into its paths; any other server is kept,
path-level.
Security is spelled out on every operation, so that it reads the same whatever page the operation
came with (and the generator, which looks nowhere else, sees it).
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from akool_pipeline.building import fragments as frag
from akool_pipeline.documents.pointer import join, resolve
from akool_pipeline.documents.values import canonical
from akool_pipeline.errors import PipelineError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from akool_pipeline.building.fragments import Fragment

COMPONENTS: Final = (
    "schemas",
    "responses",
    "parameters",
    "examples",
    "requestBodies",
    "headers",
    "securitySchemes",
    "links",
    "callbacks",
    "pathItems",
)
_INHERITED: Final = ("parameters", "servers")
"""What a path item says for all its operations; spelled out on each when merging."""
_ROOT: Final = ("openapi", "info", "servers", "security", "tags", "paths", "components")


@dataclass(slots=True)
class Merged:
    """The merged document and where its parts come from.

    Attributes:
        data: The document.
        origins: For the pointer of each path, operation and component, the fragment it was first
            met in and the pointer there.
    """

    data: dict[str, Any]
    origins: dict[str, tuple[Fragment, str]]

    def origin(self, place: str) -> tuple[Fragment, str] | None:
        """The fragment that a place of the merged document comes from, and the place there."""
        prefix = place
        while prefix:
            if prefix in self.origins:
                fragment, there = self.origins[prefix]
                return fragment, there + place[len(prefix) :]
            prefix = prefix.rpartition("/")[0]
        return None

    def locate(self, place: str) -> tuple[str | None, int | None]:
        """File and line of the fragment that a pointer into the merged document comes from."""
        known = self.origin(place)
        if known is None:
            return None, None
        fragment, there = known
        return fragment.source.name, fragment.source.line(there)


@dataclass(slots=True)
class _Merge:
    problems: list[Problem] = field(default_factory=list)
    origins: dict[str, tuple[Fragment, str]] = field(default_factory=dict)
    seen: dict[tuple[str, ...], tuple[Fragment, str, str]] = field(default_factory=dict)
    operation_ids: dict[str, tuple[Fragment, str]] = field(default_factory=dict)
    templates: dict[str, tuple[Fragment, str]] = field(default_factory=dict)

    def conflict(self, what: str, one: Fragment, other: Fragment, place: str) -> None:
        first, second = one.source, other.source
        line = first.line(place)
        at = first.name if line is None else f"{first.name}:{line}"
        self.problems.append(
            Problem(f"conflict with {at}: {what}", second.name, second.line(place), place)
        )

    def share(self, key: tuple[str, ...], value: object, fragment: Fragment, place: str) -> bool:
        """Whether `value` is the first under `key`; reports it when it differs from the first."""
        text = canonical(value)
        known = self.seen.setdefault(key, (fragment, text, place))
        if known[0] is fragment and known[2] == place:
            return True
        if known[1] != text:
            self.conflict(f"{' '.join(key)} is defined differently", known[0], fragment, place)
        return False


def merge(fragments: Sequence[Fragment]) -> Merged:
    """One document of all `fragments`.

    Raises:
        PipelineError: They conflict, or mix OpenAPI 3.0 and 3.1; every conflict is listed.
    """
    fragments = sorted(fragments, key=lambda fragment: fragment.name)
    state = _Merge()
    data: dict[str, Any] = {
        "openapi": _version(fragments, state),
        "info": _info(fragments),
    }
    servers = _main(_servers(f) for f in fragments)
    if servers:
        data["servers"] = copy.deepcopy(servers)
    data |= _root_extensions(fragments, state)
    tags: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    sections: dict[str, dict[str, Any]] = {}
    for fragment in fragments:
        _tags(fragment, tags, state)
        _paths(fragment, paths, state, servers)
        _components(fragment, sections, state)
    if state.problems:
        raise PipelineError.of(state.problems)
    if tags:
        data["tags"] = [tags[name] for name in sorted(tags)]
    data["paths"] = {path: _ordered_item(paths[path]) for path in sorted(paths)}
    if sections:
        data["components"] = {
            section: {name: sections[section][name] for name in sorted(sections[section])}
            for section in sorted(sections, key=_section_rank)
        }
    return Merged(data, state.origins)


def _section_rank(section: str) -> tuple[int, str]:
    return (COMPONENTS.index(section) if section in COMPONENTS else len(COMPONENTS), section)


def _version(fragments: Sequence[Fragment], state: _Merge) -> str:
    versions = {fragment.name: frag.version(fragment.source) for fragment in fragments}
    minors = Counter(version[:2] for version in versions.values())
    usual = min(minors, key=lambda minor: (-minors[minor], minor))
    like = next(fragment for fragment in fragments if versions[fragment.name][:2] == usual)
    for fragment in fragments:
        mine = versions[fragment.name]
        if mine[:2] != usual:
            state.conflict(
                f"OpenAPI {mine[0]}.{mine[1]} among {usual[0]}.{usual[1]}: convert one of them",
                like,
                fragment,
                "/openapi",
            )
    return ".".join(map(str, max(versions.values())))


def _info(fragments: Sequence[Fragment]) -> dict[str, Any]:
    """The common info; several titles are listed, an overlay gives the whole its name."""
    infos = [fragment.data.get("info", {}) for fragment in fragments]
    titles = sorted({fragment.title for fragment in fragments})
    if len(titles) == 1:
        return {"title": titles[0], "version": "1.0.0"} | copy.deepcopy(_main(infos) or {})
    return {"title": " + ".join(titles), "version": "1.0.0"}


def _servers(fragment: Fragment) -> list[dict[str, Any]]:
    servers: list[dict[str, Any]] = fragment.data.get("servers", [])
    return servers


def _main(values: Iterable[Any]) -> Any:  # noqa: ANN401 - whatever the caller compares
    """The most common value; of equally common ones the shortest, then the first in text order."""
    kept = [value for value in values if value]
    counts = Counter(canonical(value) for value in kept)
    by_text = {canonical(value): value for value in kept}
    if not counts:
        return None
    return by_text[min(counts, key=lambda text: (-counts[text], len(text), text))]


def _root_extensions(fragments: Sequence[Fragment], state: _Merge) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for fragment in fragments:
        for key, value in fragment.data.items():
            if key in _ROOT or key == frag.PROVENANCE:
                continue
            if state.share((key,), value, fragment, join("", key)):
                found[key] = copy.deepcopy(value)
    return dict(sorted(found.items()))


def _tags(fragment: Fragment, tags: dict[str, Any], state: _Merge) -> None:
    for index, tag in enumerate(fragment.data.get("tags", [])):
        if state.share(("tag", str(tag.get("name"))), tag, fragment, f"/tags/{index}"):
            tags[str(tag.get("name"))] = copy.deepcopy(tag)


def _paths(
    fragment: Fragment, paths: dict[str, Any], state: _Merge, servers: list[dict[str, Any]] | None
) -> None:
    base, own_servers = _placed(_servers(fragment), servers)
    for path, item in fragment.data.get("paths", {}).items():
        place = join("/paths", path)
        if path.startswith("x-"):
            continue
        full = base + path
        _same_template(full, fragment, place, state)
        known = paths.setdefault(full, {})
        state.origins.setdefault(join("/paths", full), (fragment, place))
        for method in (key for key in frag.METHODS if key in item):
            here = join(place, method)
            if method in known:
                what = f"{method.upper()} {full} is described twice"
                state.conflict(what, _origin(state, full, method), fragment, here)
                continue
            known[method] = _operation(fragment, item, method, own_servers)
            state.origins[join("/paths", full, method)] = (fragment, here)
            _operation_id(known[method], fragment, join(here, "operationId"), state)
        for key in (key for key in item if key not in frag.METHODS and key not in _INHERITED):
            if state.share(("path", full, key), item[key], fragment, join(place, key)):
                known[key] = copy.deepcopy(item[key])


def _operation(
    fragment: Fragment, item: dict[str, Any], method: str, servers: list[dict[str, Any]]
) -> dict[str, Any]:
    """One operation with all that it takes over from its path and its page.

    Another page may describe another method of the same path: what this page says for the whole
    path is not for that one.
    """
    operation: dict[str, Any] = copy.deepcopy(item[method])
    if "servers" not in operation and (item.get("servers") or servers):
        operation["servers"] = copy.deepcopy(item.get("servers") or servers)
    if "security" in fragment.data and "security" not in operation:
        operation["security"] = copy.deepcopy(fragment.data["security"])
    if item.get("parameters"):
        own = operation.get("parameters", [])
        names = {_parameter(fragment, parameter) for parameter in own}
        above = [p for p in item["parameters"] if _parameter(fragment, p) not in names]
        operation["parameters"] = [*copy.deepcopy(above), *own]
    return operation


def _parameter(fragment: Fragment, parameter: dict[str, Any]) -> str:
    """What makes a parameter the same as another: its place and its name."""
    reference = parameter.get("$ref")
    if isinstance(reference, str):
        parameter = resolve(fragment.data, reference.removeprefix("#"))
    return canonical([parameter.get("in"), parameter.get("name")])


def _origin(state: _Merge, path: str, method: str) -> Fragment:
    return state.origins[join("/paths", path, method)][0]


def _same_template(path: str, fragment: Fragment, place: str, state: _Merge) -> None:
    template = re.sub(r"\{[^}]*\}", "{}", path)
    other, known = state.templates.setdefault(template, (fragment, path))
    if known != path:
        state.conflict(f"the same path as {known} but for parameter names", other, fragment, place)


def _operation_id(operation: dict[str, Any], fragment: Fragment, place: str, state: _Merge) -> None:
    name = operation.get("operationId")
    if name is None:
        return
    if name in state.operation_ids:
        other, there = state.operation_ids[name]
        line = other.source.line(there)
        state.problems.append(
            Problem(
                f"conflict with {other.source.name}:{line}#{there}: operationId {name} given twice",
                fragment.source.name,
                fragment.source.line(place),
                place,
            )
        )
        return
    state.operation_ids[name] = (fragment, place)


def _components(fragment: Fragment, sections: dict[str, dict[str, Any]], state: _Merge) -> None:
    for section, named in fragment.data.get("components", {}).items():
        for name, value in named.items() if isinstance(named, dict) else ():
            place = join("/components", section, name)
            if state.share((section, name), value, fragment, place):
                sections.setdefault(section, {})[name] = copy.deepcopy(value)
                state.origins[place] = (fragment, place)


def _placed(
    own: list[dict[str, Any]], main: list[dict[str, Any]] | None
) -> tuple[str, list[dict[str, Any]]]:
    """A fragment's servers seen from the main ones: a base path to fold in, servers to keep."""
    if not own or not main or [s.get("url") for s in own] == [s.get("url") for s in main]:
        return "", []
    if len(own) == len(main) == 1 and not ("variables" in own[0] or "variables" in main[0]):
        mine, theirs = (urlsplit(str(servers[0].get("url"))) for servers in (own, main))
        base = theirs.path.rstrip("/")
        same_host = (mine.scheme, mine.netloc) == (theirs.scheme, theirs.netloc)
        if same_host and mine.path.rstrip("/").startswith(base + "/"):
            return mine.path.rstrip("/")[len(base) :], []
    return "", own


def _ordered_item(item: dict[str, Any]) -> dict[str, Any]:
    """A path item with its shared fields first and its methods in the specification's order.

    Servers that all its operations have in common move up to the path.
    """
    shared = {key: value for key, value in item.items() if key not in frag.METHODS}
    methods: dict[str, Any] = {method: item[method] for method in frag.METHODS if method in item}
    kept = [operation.get("servers") for operation in methods.values()]
    if kept and kept[0] and "servers" not in shared and all(k == kept[0] for k in kept):
        shared["servers"] = kept[0]
        methods = {
            method: {key: value for key, value in operation.items() if key != "servers"}
            for method, operation in methods.items()
        }
    return {**shared, **methods}
