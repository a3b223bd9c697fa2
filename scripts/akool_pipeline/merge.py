"""Merges fragments into one document. A conflict is an error that names both sides, never last-one-wins."""

from __future__ import annotations

import copy
from typing import Any
from urllib.parse import urlsplit

from akool_pipeline.errors import PipelineError

Document = dict[str, Any]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def _pointer(*parts: str) -> str:
    return "".join("/" + p.replace("~", "~0").replace("/", "~1") for p in parts)


class _Merge:
    def __init__(self, main_server: str) -> None:
        self.main_server = main_server
        self.paths: Document = {}
        self.components: dict[str, Document] = {}
        self.tags: list[str] = []
        self.origin: dict[str, str] = {}
        self.conflicts: list[str] = []

    def claim(self, holder: Document, key: str, value: Any, pointer: str, name: str) -> None:
        if key not in holder:
            holder[key] = copy.deepcopy(value)
            self.origin[pointer] = name
        elif holder[key] != value:
            self.conflicts.append(f"{pointer}: {self.origin[pointer]} and {name} differ")

    def add(self, name: str, fragment: Document) -> None:
        servers = fragment.get("servers") or [{"url": self.main_server}]
        for path, item in fragment.get("paths", {}).items():
            item = copy.deepcopy(item)
            path, item = self._placed(path, item, servers)
            target = self.paths.setdefault(path, {})
            for key, value in item.items():
                pointer = _pointer("paths", path, key)
                if key in METHODS:
                    value.setdefault("security", fragment.get("security", []))
                    if key in target:
                        self.conflicts.append(
                            f"{pointer}: {self.origin[pointer]} and {name} both define it"
                        )
                        continue
                    for tag in value.get("tags", []):
                        if tag not in self.tags:
                            self.tags.append(tag)
                self.claim(target, key, value, pointer, name)
        for kind, members in fragment.get("components", {}).items():
            for key, value in members.items():
                pointer = _pointer("components", kind, key)
                self.claim(self.components.setdefault(kind, {}), key, value, pointer, name)

    def _placed(self, path: str, item: Document, servers: list[Document]) -> tuple[str, Document]:
        """A page's own server stays: folded into the path where only the base path differs."""
        own, main = urlsplit(servers[0]["url"]), urlsplit(self.main_server)
        if len(servers) == 1 and (own.scheme, own.netloc) == (main.scheme, main.netloc):
            extra = own.path.rstrip("/").removeprefix(main.path.rstrip("/"))
            return extra + path, item
        return path, {"servers": copy.deepcopy(servers), **item}


def merge(fragments: dict[str, Document], title: str) -> Document:
    """Merges fragments (by name) into one document, in name order.

    Raises:
        PipelineError: All conflicts at once, each with both fragments and a JSON pointer.
    """
    urls = [f["servers"][0]["url"] for f in fragments.values() if f.get("servers")]
    main = max(sorted(set(urls)), key=urls.count) if urls else "/"
    state = _Merge(main)
    for name in sorted(fragments):
        state.add(name, fragments[name])
    if state.conflicts:
        raise PipelineError("\n".join(f"conflict at {c}" for c in state.conflicts))
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "version": "1.0.0"},
        "servers": [{"url": main}],
        "tags": [{"name": t} for t in sorted(state.tags)],
        "paths": dict(sorted(state.paths.items())),
        "components": {
            kind: dict(sorted(members.items()))
            for kind, members in sorted(state.components.items())
        },
    }
