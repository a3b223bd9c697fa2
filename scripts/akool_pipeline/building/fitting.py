"""A fragment made to fit into the whole: what it says for all its operations, said by each.

A fragment may state servers, security and (per path) parameters once for several operations. In
the merged document operations of other pages stand beside them, for which that was not said.
"""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from akool_openapi.operations import METHODS
from akool_pipeline.building.record import Found, shown
from akool_pipeline.documents import grammar, pointer, words
from akool_pipeline.documents.pointer import join
from akool_pipeline.documents.values import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akool_pipeline.building.fragments import Fragment
    from akool_pipeline.building.record import MergeRecord


@dataclass(slots=True)
class Fitted:
    """A fragment as it goes into the whole.

    Attributes:
        fragment: The fragment, for names and lines.
        data: A copy of its document in which references name the new places.
        base: What stands in front of its paths.
        servers: Servers that its operations must name, as the document's are others.
        record: Where it is listed what finds no place.
        used: Which of the fragment's `security` and `servers` an operation has taken over.
    """

    fragment: Fragment
    data: dict[str, Any]
    base: str
    servers: list[dict[str, Any]]
    record: MergeRecord
    used: set[str] = field(default_factory=set)

    def found(self, place: str) -> Found:
        """What stands at `place`, a pointer into the fragment."""
        return Found(self.fragment, place, pointer.resolve(self.data, place))

    def operation(self, item: dict[str, Any], method: str, place: str, merged: str) -> Any:  # noqa: ANN401
        """The operation `method` of a path item with all that it takes over.

        Args:
            item: The path item.
            method: Which of its operations.
            place: Where the path item stands in the fragment.
            merged: Where the operation will stand in the merged document.
        """
        operation = self.spelled(item[method], item.get("servers"))
        above = self._inherited(place, method)
        if not above:
            return operation
        own = operation.get("parameters", [])
        operation["parameters"] = [*(copy.deepcopy(item["parameters"][i]) for i in above), *own]
        stated = [f"/parameters/{index}" for index in above]
        stated += [f"/{method}/parameters/{index}" for index in range(len(own))]
        for index, there in enumerate(stated):
            self.record.place(f"{merged}/parameters/{index}", self.found(place + there))
        return operation

    def spelled(self, operation: dict[str, Any], servers: object = None) -> dict[str, Any]:
        """A copy of an operation that names its servers and its security itself.

        Args:
            operation: The operation.
            servers: What its path item says for it.
        """
        result = dict(operation)
        if "servers" not in operation:
            if servers:
                result["servers"] = copy.deepcopy(servers)
            else:
                self.used.add("servers")
                if self.servers:
                    result["servers"] = copy.deepcopy(self.servers)
        if "security" not in operation:
            self.used.add("security")
            if "security" in self.data:
                result["security"] = copy.deepcopy(self.data["security"])
        return result

    def item(self, item: dict[str, Any]) -> dict[str, Any]:
        """A copy of a path item that is shared whole: each operation names its own."""
        return {
            key: self.spelled(value, item.get("servers"))
            if key in METHODS and isinstance(value, dict)
            else value
            for key, value in item.items()
        }

    def list_unused(self, item: dict[str, Any], place: str) -> None:
        """List what a path item says for all its operations and each says itself."""
        methods = [method for method in METHODS if method in item]
        taken = {index for method in methods for index in self._inherited(place, method)}
        for index in range(len(item.get("parameters", ()))):
            if index not in taken:
                found = self.found(f"{place}/parameters/{index}")
                self._unused(found)
        if item.get("servers") and all("servers" in item[method] for method in methods):
            found = self.found(place + "/servers")
            self._unused(found)

    def _inherited(self, place: str, method: str) -> list[int]:
        """See `_inherited`; decided in the page itself, where its references lead somewhere."""
        data = self.fragment.data
        return _inherited(data, pointer.resolve(data, place), method)

    def _unused(self, found: Found) -> None:
        self.record.note(f"left out {shown(found.value)}: every operation has its own", found)

    def list_unused_root(self) -> None:
        """List the fragment's security and servers if no operation took them over."""
        for key in ("security", "servers"):
            stated = self.servers if key == "servers" else self.data.get("security")
            if stated and key not in self.used:
                self._unused(self.found("/" + key))


def main_servers(fragments: Sequence[Fragment], record: MergeRecord) -> Found | None:
    """The servers that most fragments name, from the first of these; who names none is listed.

    Of equally common ones those whose text is shortest, then the first in text order.
    """
    stated = [
        Found(fragment, "/servers", fragment.data["servers"])
        for fragment in fragments
        if fragment.data.get("servers")
    ]
    if not stated:
        return None
    texts = [_on_the_wire(found.value) for found in stated]
    counts = Counter(texts)
    usual = min(counts, key=lambda text: (-counts[text], len(text), text))
    main = stated[texts.index(usual)]
    for fragment in fragments:
        if not fragment.data.get("servers"):
            record.note(
                f"names no server: those of {main.at()} are taken", Found(fragment, "", None)
            )
    return main


def fit(fragment: Fragment, main: Found | None, record: MergeRecord) -> Fitted:
    """`fragment` as it goes into a document whose servers are `main`."""
    base, servers = "", fragment.data.get("servers", [])
    if main is not None and servers:
        own = Found(fragment, "/servers", servers)
        if _on_the_wire(main.value) == _on_the_wire(servers):
            record.list_words(main, own, "[server]")
            servers = []
        else:
            base = _longer_path(servers, main.value)
            if base:
                alike = [{**servers[0], "url": main.value[0]["url"]}]
                record.list_words(main, own._replace(value=alike), "[server]")
                servers = []
    moves = _moves(fragment.data, base)
    data = _relocated(fragment.data, moves) if moves else fragment.data
    return Fitted(fragment, data, base, servers, record)


def _on_the_wire(servers: object) -> str:
    return canonical(words.wire(servers, "[server]"))


def _longer_path(own: list[dict[str, Any]], main: list[dict[str, Any]]) -> str:
    """By how much one server's path is longer than the other's, if nothing else differs."""
    if len(own) != 1 or len(main) != 1 or "variables" in main[0]:
        return ""
    rest = [canonical(words.wire({**server, "url": ""}, "server")) for server in (own[0], main[0])]
    mine, theirs = (urlsplit(str(server.get("url"))) for server in (own[0], main[0]))
    base, longer = theirs.path.rstrip("/"), mine.path.rstrip("/")
    if rest[0] != rest[1] or mine._replace(path="") != theirs._replace(path=""):
        return ""
    return longer[len(base) :] if longer.startswith(base + "/") else ""


def _moves(data: dict[str, Any], base: str) -> dict[str, str]:
    """Where the parts of `paths` that merging moves will stand."""
    moves: dict[str, str] = {}
    for path, item in data.get("paths", {}).items():
        if path.startswith("x-") or not isinstance(item, dict):
            continue
        old, new = join("/paths", path), join("/paths", base + path)
        if base:
            moves[old] = new
        if "$ref" in item:
            continue
        for method in (method for method in METHODS if method in item):
            above = _inherited(data, item, method)
            for index, stated in enumerate(above):
                moves.setdefault(f"{old}/parameters/{stated}", f"{new}/{method}/parameters/{index}")
            for index in range(len(item[method].get("parameters", ())) if above else 0):
                moves[f"{old}/{method}/parameters/{index}"] = (
                    f"{new}/{method}/parameters/{len(above) + index}"
                )
    return moves


def _inherited(data: dict[str, Any], item: dict[str, Any], method: str) -> list[int]:
    """Which of a path item's parameters an operation takes over: it has none of that name."""
    own = {_identity(data, parameter) for parameter in item[method].get("parameters", ())}
    stated = enumerate(item.get("parameters", ()))
    return [index for index, parameter in stated if _identity(data, parameter) not in own]


def _identity(data: dict[str, Any], parameter: dict[str, Any]) -> str:
    """What makes a parameter the same as another: its place and its name."""
    seen: set[str] = set()
    while isinstance(reference := parameter.get("$ref"), str) and reference not in seen:
        seen.add(reference)
        parameter = pointer.resolve(data, pointer.of(reference))
    return canonical([parameter.get("in"), parameter.get("name")])


def _relocated(data: dict[str, Any], moves: dict[str, str]) -> dict[str, Any]:
    """A copy of `data` whose references follow `moves`."""
    data = copy.deepcopy(data)
    for part in grammar.parts(data):
        for key in ("$ref", "operationRef") if part.kind == "link" else ("$ref",):
            target = part.value.get(key)
            if isinstance(target, str) and target.startswith("#"):
                old = pointer.of(target)
                new = pointer.moved(old, moves)
                if new != old:
                    part.value[key] = pointer.reference(new)
    return data
