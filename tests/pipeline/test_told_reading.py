"""What reading and repairing documents tell and make, as it is today: `told_reading.txt`.

A record and no proof: the code under test wrote it. It shows what a change does to the lines, and
does not say that they are right; that is held by the other tests of this folder.
`python -m tests.pipeline.test_told_reading` writes the file anew; read what changed in it.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.pipeline.conftest import THINGS
from tests.pipeline.edits import Json, changes, overlay_of, record, recorded, told, unshared
from tests.pipeline.test_documents import GOOD, REFUSED, UNFIT
from tests.pipeline.test_overlays import DOCUMENT, STALE
from tests.pipeline.test_overlays import REFUSED as NO_OVERLAYS
from tests.pipeline.test_wildcards import DOCUMENT as REACHED
from tests.pipeline.test_wildcards import NAMING, REACHING

from akool_pipeline.building import fragments, overlay
from akool_pipeline.documents import document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOLD = Path(__file__).with_name("told_reading.txt")
SLOW = {"anchors that explode", "nesting without end", "too many bytes"}
"""Documents of many values, of which another test holds the message."""
READ = {
    "lines of all": "a:\n  b: [1,\n    {c: d}]\n? e\n: f\n",
    "an alias keeps its first line": "a: &a\n  b: 1\nc: *a\n",
    "merged": "a: &a {x: 1, y: {z: 1, w: [1]}}\nb:\n  y: 2\n  <<: *a\n  <<: {x: 2, v: 3}\n",
    "merged below": "r:\n  a: &a\n    x:\n      y: 1\n  b:\n    c:\n      <<: *a\n      z: 2\n",
    "merged from several": "a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b], z: {<<: *b}}\n",
    "merged from what is none": "a: &a {x: 1}\nb:\n  - <<: [*a, 3]\n",
    "a text like a merge": "a: {'<<': 1, \"<<\": 2}\n",
    "a merge by its tag": "a: {!!merge x: {b: 1}}\n",
    "numbers": "- 0o17\n- 0x1f\n- 0o\n- 010\n- -0\n- 1e2\n- +.5\n- 12\n",
    "versions": "info: {version: null}\nversion: 1.10\na: {info: {version: 1.10}}\n",
    "a tag at the end": "a:\n  b:\n  - !!set {}\n",
    "a tag of another kind": "a: !!seq {}\nb: 1\n",
    "tags that fit": "a: !!map {b: !!seq [!!str 1, !!null '', !!bool TRUE]}\n",
    "not null": "a: !!null x\n",
    "not a number": "a:\n  b: !!float x\n",
    "a list as a key": "a:\n  ? {b: 1}\n  : 2\n",
    "a key twice below": "a:\n- b: 1\n  c: 2\n  b: 3\n",
    "too long": f"a:\n- {'9' * 5000}\n",
    "nothing": "# nothing\n",
    "a tab later": "a: 1\nb: [\n\t1\nc",
    "a tab elsewhere": "a: 'x\ty'\nb: [1\nc: 1\n",
    "no end": 'a: "b\n',
    "a colon": "a: b: c\n",
    "an unknown alias": "a: 1\nb: *c\n",
    "an unknown tag handle": "a: !e!x 1\n",
    "another directive": "%YAML 3.0\n---\na: 1\n",
}


def of_documents() -> Iterator[str]:
    def of(raw: bytes) -> Iterator[str]:
        found = document.parse(raw, "f")
        yield json.dumps(found.data)
        yield json.dumps(found.lines)

    for title, (raw, _) in REFUSED.items():
        if title not in SLOW:
            yield from told(title, lambda raw=raw: [*of(raw)])
    for title, text in READ.items():
        yield from told(title, lambda text=text: [*of(text.encode())])
    for depth in (99, 100):
        deep = b"a: " + b"[" * depth + b"]" * depth
        yield from told(f"{depth + 1} deep", lambda deep=deep: [*of(deep)][:1])
    for size in (5_000_000, 5_000_001):
        raw = b"a" + b" " * (size - 1)
        yield from told(f"{size} bytes", lambda raw=raw: [*of(raw)])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.yaml")
        yield from told("no file", lambda: [document.read(path, "x.yaml").name])
        path.write_text("a:\n- 1\n- b: 2")
        source = document.read(path, "x.yaml")
        assert document.read(path).name == str(path)
        for place in ("", "/a", "/a/0", "/a/1/b/c", "/b", "b"):
            yield f"{place}: {source.locate(place)} {source.error('E', place)}"
        yield str(document.Document("n", {}).error("E"))


VERSIONS = (
    {"swagger": "2.0", "openapi": "3"},
    {"swagger": "2.0"},
    *({"openapi": stated} for stated in
      (3, 3.0, 3.1, "3", "3.0", "3.1", "3.2.0", "3.0.1234", "13.0.1", None, [], True)),
    {"paths": {"path": 1, "method": 2}},
    {"paths": {"path": 1}},
    {"paths": {"method": 1}},
    {"paths": ["path", "method"]},
)  # fmt: skip


def of_fragments() -> Iterator[str]:
    def of(data: Any) -> Iterator[str]:
        fragments.check(document.Document("f", data, {"": 1}))
        yield from ()

    for title, (raw, _) in UNFIT.items():
        yield from told(title, lambda raw=raw: [*of(document.parse(raw, "f").data)])
    for data in VERSIONS:
        yield from told(json.dumps(data), lambda data=data: [*of(data)])
    for text in ("other.yaml", "#a", "#", "#/", "#/paths", "#/paths/0", "#/%70aths", "", "#a/b"):
        yield f"{text}: {fragments.bad_reference(THINGS, text)}"
    for data in (THINGS, {}, {"paths": {"x-a": 1, "/a": {"put": {}, "get": {}, "post": 3}}}):
        yield json.dumps([*fragments.operations(data)])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "fragments")

        def load(folder: Path = folder) -> list[str]:
            return [f"{one.name} {one.source.name}" for one in fragments.load_folder(folder)]

        def all_told(title: str) -> Iterator[str]:
            yield from (line.replace(name, "") for line in told(title, load))

        yield from all_told("no folder")
        folder.mkdir()
        yield from all_told("an empty folder")
        for file in ("a.yaml", "b.yml", "C.JSON", "d.txt"):
            (folder / file).write_bytes(GOOD)
        yield from all_told("files")
        for file in ("a.json", "b.yaml", "c.yaml"):
            (folder / file).write_text("a: [")
        (folder / "e.yaml").write_text("openapi: 4.0.0")
        yield from all_told("faulty files")


A = "$.components.schemas.A"
GET = "$.paths['/a'].get"
ACTIONS: dict[str, list[str]] = {
    "an object": [f"target: {A}\n    update: {{title: T, x: {{y: [1]}}, required: [b, c]}}"],
    "an object twice": [
        f"target: {A}\n    update: {{title: T, x: {{y: 1, z: {{a: 1}}}}}}",
        f"target: {A}\n    update: {{title: U, type: object, x: {{y: 1.0, w: 2, z: {{a: 2}}}}}}",
    ],
    "a list": [f"target: {A}.required\n    update: b", f"target: {A}.required\n    update: [c]"],
    "lists": [
        f"target: {GET}.parameters\n    update: {{name: z}}",
        f"target: {GET}.parameters[?@.name=='y']\n    update: {{in: query}}",
        f"target: {GET}.parameters[?@.name=='x']\n    remove: true",
        f"target: {GET}.parameters[1]\n    update: {{in: path}}",
    ],
    "an object in a list": [
        f"target: {GET}.parameters[0]\n    update: {{in: query}}",
        f"target: {GET}.parameters[0]\n    remove: true",
        f"target: {GET}\n    update: {{parameters: [{{name: z}}, {{name: w}}], tags: [B]}}",
    ],
    "what was written": [
        f"target: {A}\n    update: {{x: {{y: {{}}}}}}",
        f"target: {A}.x.y\n    remove: true",
        f"target: {A}.x\n    update: {{y: {{z: 1}}}}",
    ],
    "another type": [f"target: {A}\n    update: {{required: x, type: [a], properties: {{}}}}"],
    "the root": ["target: $\n    update: {info: {title: T}}"],
    "the root removed": ["target: $\n    remove: true"],
    "a value": [f"target: {A}.type\n    update: x"],
    "a value removed": [f"target: {A}.type\n    remove: true"],
    "no object": [f"target: {A}\n    update: x"],
    "both of two": [f"target: {GET}['tags','parameters']\n    remove: true"],
    "one place twice": [f"target: {A}['required','required']\n    update: b"],
    "two faults and a repair": [
        "target: $.x[\n    update: {}",
        f"target: {A}\n    update: {{type: string}}",
        "target: $.components.schema\n    update: {}",
        f"target: {A}.require\n    remove: true",
        f"target: {GET}.parameters[7].x\n    remove: true",
        f"target: {GET}.parameters[0].nam\n    remove: true",
        "target: $.components.*.B\n    remove: true",
        "target: $.path['/a']\n    remove: true",
        "target: $.paths['/a'].get.responses\n    remove: true",
    ],
    "a remove that is none": [f"target: {A}\n    remove: false\n    update: {{a: 1}}"],
    "nothing that was not there": [f"target: {A}\n    update: {{x: null, type: object}}"],
    "wildcards in two": [
        "target: $.paths.*.*\n    update: {x: 1}",
        "target: $..get\n    update: {y: 1}",
        "target: $.paths.*\n    update: {post: {z: 1}}",
    ],
}
WILD: dict[str, list[str]] = {
    "both of two": ["target: $.paths.*\n    update: {get: {x: 1}, post: {x: 1}}"],
    "what is gone after all": [
        "target: $.paths.*.get\n    update: {x: 1}",
        "target: $.paths.*.get\n    remove: true",
    ],
    "what the path says": [
        "target: $.paths['/a']\n    update: {summary: s}",
        "target: $.paths['/a'][?$.paths['/a'].summary=='s']\n    update: {x: 1}",
    ],
    "what another says": [
        "target: $.paths['/b']\n    update: {summary: s}",
        "target: $.paths[?@.summary=='s'].post\n    update: {x: 1}",
        "target: $.paths[?@.summary=='s'].post.parameters\n    update: {name: z}",
    ],
    "the lists of what contains them": ["target: $.*\n    update: {/a: {get: {x: 1}}}"],
    "a new one": ["target: $.paths.*\n    update: {put: {x: 1}}"],
    "a new one that is named": ["target: $.paths['/a']\n    update: {put: {x: 1}}"],
    "a webhook": ["target: $.webhooks\n    update: {moved: {post: {x: 1}}, new: {get: {}}}"],
    "the sections": ["target: $\n    update: {webhooks: {moved: {post: {x: 1}}}, paths: {/a: 3}}"],
    "removed by a wildcard": ["target: $.paths.*[?@.tags]\n    remove: true"],
    "in reverse": [
        "target: $.webhooks.*.*\n    update: {x: 1}",
        "target: $.paths.*.post\n    update: {x: 1}",
        "target: $.paths.*.*\n    update: {y: 1}",
        "target: $.paths['/b'].post.tags\n    update: y",
    ],
}
ODD: dict[str, Any] = {"paths": {"/a": 3, "/b": {"get": 3}}, "webhooks": []}


def of_overlays() -> Iterator[str]:
    def of(data: Json, raw: bytes) -> Iterator[str]:
        actions = overlay.read(document.parse(raw, "o.yaml"))
        before = unshared(data)
        done = overlay.apply(data, actions)
        assert data == before
        yield from changes(data, done.data)
        for action, changed in done.effects:
            yield f"{action.index} on line {action.line}: {sorted(changed)}"
        for place, written in sorted(done.written.items()):
            yield f"{place} < {written.author.index} {written.source}"
        for place, action in done.removed.items():
            yield f"{place} removed by {action.index}"

    for title, (text, _) in NO_OVERLAYS.items():
        yield from told(title, lambda text=text: [*of({}, text.encode())])
    stale = {title: [text] for title, (text, _) in STALE.items()}
    for data, actions in ((DOCUMENT, stale | ACTIONS), (REACHED, WILD)):
        for title, texts in actions.items():
            yield from told(title, lambda data=data, t=texts: [*of(data, overlay_of(*t))])


def of_wildcards() -> Iterator[str]:
    def of(data: Json, *texts: str) -> list[str]:
        overlay.apply(data, overlay.read(document.parse(overlay_of(*texts), "o.yaml")))
        return []

    wild = [f'target: "{target}"\n    update: {{x-new: 1}}' for target, _ in REACHING.values()]
    for title, data in (("wildcards", REACHED), ("odd", ODD), ("nothing", {})):
        yield from told(title, lambda data=data: of(data, *wild))
        for text in (*wild, "target: $..*\n    update: {x: 1}"):
            yield from told(
                f"{title}, {text.splitlines()[0]}", lambda data=data, t=text: of(data, t)
            )
    for line in NAMING.values():
        text = line.replace(", update", "\n    update")
        yield from told(line, lambda text=text: of(REACHED, wild[0], text))


SECTIONS: dict[str, Callable[[], Iterator[str]]] = {
    "documents": of_documents,
    "fragments": of_fragments,
    "overlays": of_overlays,
    "wildcards": of_wildcards,
}


@pytest.mark.parametrize("name", SECTIONS)
def test_lines_are_those_of_the_record(name: str) -> None:
    anew = "`python -m tests.pipeline.test_told_reading` writes told_reading.txt; read the changes"
    assert [*SECTIONS[name]()] == recorded(TOLD)[name], anew


if __name__ == "__main__":
    record(TOLD, SECTIONS)
