"""What building and checking documents tell and make, as it is today: `told_building.txt`.

A record and no proof: the code under test wrote it. It shows what a change does to the lines, and
does not say that they are right; that is held by the other tests of this folder.
`python -m tests.pipeline.test_told_building` writes the file anew; read what changed in it.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.pipeline.edits import (
    Json,
    edits,
    news,
    overlay_of,
    places,
    record,
    recorded,
    told,
    unshared,
)
from tests.pipeline.test_arazzo import task_api
from tests.pipeline.test_finite import ENDLESS, FINITE

from akool_openapi.operations import ExtensionError
from akool_pipeline.building import arazzo, build
from akool_pipeline.building.finite import endless
from akool_pipeline.building.validate import validate
from akool_pipeline.checking import Finding
from akool_pipeline.documents.pointer import join, resolve
from akool_pipeline.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOLD = Path(__file__).with_name("told_building.txt")


def of_finite() -> Iterator[str]:
    def of(data: Json) -> list[str]:
        return [f"{place}: {' -> '.join(way)}" for place, way in endless(data)]

    user = {"properties": {n: {"$ref": f"#/components/schemas/{n}"} for n in "AB"}}
    for title, schemas in {**FINITE, **ENDLESS}.items():
        whole = {"B": {}, **schemas, "User": user}
        yield from told(title, lambda whole=whole: of({"components": {"schemas": whole}}))
        for edit, data in edits(schemas):
            if edit.endswith("/$ref changed"):
                continue  # that it leads somewhere is checked before
            whole = {"A": {}, "B": {}, **data, "User": user}
            yield from told(
                f"{title}, {edit}", lambda whole=whole: of({"components": {"schemas": whole}})
            )


def whole_api() -> Json:
    """One submit with all that a workflow tells of it."""
    data = task_api({"$ref": "#/components/schemas/Jobs"}, separator=",")
    data["security"] = [{"Gone": []}, {"Basic": []}, {"Key": []}, {"Other": []}]
    data["x-envelope"] = {"success": "$response.body#/ok == 'its'", "text": "/why"}
    data["components"] = {
        "schemas": {
            "Jobs": {"oneOf": [{"$ref": "#/components/schemas/Round"}, {"items": {}}]},
            "Round": {"allOf": [{"$ref": "#/components/schemas/Jobs"}, {"type": "object"}]},
        },
        "securitySchemes": {
            "Basic": {"type": "http", "scheme": "basic"},
            "Key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            "Other": {"type": "apiKey", "in": "query", "name": "key"},
        },
    }
    submit = data["paths"]["/tasks"]["post"]
    submit |= {"summary": "Makes a task", "x-effect": "spends"}
    submit["requestBody"] = {
        "content": {
            "application/json": {"example": {"a": 1}, "examples": {"e": {}, "f": {"value": 2}}}
        }
    }
    submit["x-job"]["delete"] = {"operationId": "drop", "parameter": "$request.body#/a~1b/c~0d"}
    submit["x-job"]["statuses"] = {"succeeded": ["done", 2], "failed": ["it's", None, 3]}
    data["paths"]["/drop"] = {"delete": {"operationId": "drop", "responses": {}}}
    return data


JOB = "/paths/~1tasks/post/x-job"
NEEDED = ("/info", "/components/securitySchemes/Key/name", "/components/securitySchemes/Other/name")
"""What a valid contract has."""
VARIANTS: dict[str, dict[str, Any]] = {
    "no body": {"/paths/~1tasks/post/requestBody": {}},
    "another body": {"/paths/~1tasks/post/requestBody": {"content": {"a/b": {"example": 1}}}},
    "no key": {"/security": []},
    "a key of its own": {"/paths/~1tasks/post/security": [{"Other": []}]},
    "no key of its own": {"/paths/~1tasks/post/security": []},
    "a key that is sent elsewhere": {"/components/securitySchemes/Key/in": "cookie"},
    "no key at all and no body": {"/security": [], "/paths/~1tasks/post/requestBody": {}},
    "a poll of nobody": {f"{JOB}/poll/operationId": "gone"},
    "a delete by a parameter": {f"{JOB}/delete/parameter": "$request.query.ids"},
    "a list beside an object": {"/components/schemas/Jobs": {"anyOf": [{}, {"type": "array"}]}},
    "an object": {"/components/schemas/Jobs": {"type": "object"}},
    "a list of all": {f"{JOB}/poll/job": "$response.body#"},
    "a job of a name to be escaped": {f"{JOB}/poll/job": "$response.body#/a~1b/c~0d"},
    "reads": {"/paths/~1tasks/post/x-effect": "reads"},
    "a reference that is none": {"/components/schemas/Jobs": {"$ref": 3}},
    "a reference to a list": {"/components/schemas/Jobs": {"$ref": "#/security"}},
}


def leaves(value: Any) -> Iterator[tuple[str, Any]]:
    """What a document holds at its ends, with the places."""
    for above, key in places(value):
        found = resolve(value, above)[key]
        if not found or not isinstance(found, dict | list):
            yield join(above, key), found


def of_workflows() -> Iterator[str]:
    def of(data: Json) -> list[str]:
        found = arazzo.describe(data, "./x.yaml") or {}
        return [f"{place}: {json.dumps(value)}" for place, value in leaves(found)]

    whole = of(whole_api())
    yield from whole
    deep = whole_api()
    answer = deep["paths"]["/tasks/{id}"]["get"]["responses"]["200"]
    media = answer["content"]["application/json"]
    media["schema"] = {
        "anyOf": [
            {"properties": {"a": {}}},
            {"properties": {"a/b": {"allOf": [{"properties": {"c~d": {"type": "array"}}}]}}},
        ]
    }
    for title, edit in VARIANTS.items():
        for name, data in (("whole", whole_api()), ("deep", unshared(deep))):
            for place, value in edit.items():
                above, _, last = place.rpartition("/")
                resolve(data, above)[last] = value
            yield from told(f"{title}, {name}", lambda data=data: [*news(whole, of(data))])
    for title, data in edits(whole_api()):
        if not title.startswith(NEEDED):

            def work(data: Json = data) -> list[str]:
                try:
                    return [*news(whole, of(data))]
                except ExtensionError as error:
                    return [f"!! {error}"]

            yield from told(title, work)


def api(version: str, **schemas: Any) -> Json:
    return {
        "openapi": version,
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": {"description": "d"}}}}},
        "components": {"schemas": schemas},
    }


REF = {"$ref": "#/components/schemas/B"}
WRONG: dict[str, dict[str, Any]] = {
    "nothing": {"/x-a": 1},
    "references": {
        "/components/schemas/A": {"allOf": [REF, {"$ref": "a.yaml"}, {"$ref": "#a"}]},
        "/components/schemas/C": {"$ref": "#/components/schemas/C"},
    },
    "circles": {
        "/components/schemas/A": REF,
        "/components/schemas/B": {"$ref": "#/components/schemas/A"},
        "/components/schemas/C": {"$ref": "#/components/schemas/A"},
        "/components/schemas/D": {
            "required": ["d"], "properties": {"d": {"$ref": "#/components/schemas/D"}}
        },
        "/components/schemas/E": {"items": {"$ref": "#/components/schemas/D"}},
    },
    "mappings": {
        "/components/schemas/A": {
            "discriminator": {
                "propertyName": "k",
                "mapping": {
                    "a/b": 3, "c": "Gone", "d": "#/gone", "e": "A", "f": "#/components/schemas/A"
                },
            }
        },
        "/components/schemas/B": {"discriminator": {"propertyName": "k", "mapping": []}},
    },
    "a mapping without schemas": {
        "/paths/~1a/get/x-schema": 1,
        "/components": {
            "parameters": {"P": {"schema": {"discriminator": {"mapping": {"a": "A"}}}}}
        },
    },
    "types": {
        "/components/schemas/A": {"type": "strange", "items": 3},
        "/components/schemas/B": {"properties": {"x": {"type": "x" * 301}, "y": {"enum": 3}}},
        "/components/schemas/C": {"allOf": [{"allOf": [{"minimum": "3"}]}, {"maximum": "3"}]},
    },
    "long names": {
        "/components/schemas/A": {"type": "x" * 245},
        "/components/schemas/B": {"type": "x" * 246},
    },
    "defaults": {"/components/schemas/A": {"type": "integer", "default": "x"}},
    "no description": {"/paths/~1a/get/responses/200": {}},
    "what is inside a callback": {
        "/paths/~1a/get/callbacks": {
            "c": {
                "{$url}": {
                    "servers": [{"url": "https://a.example"}],
                    "post": {"tags": ["T"], "responses": {"200": {}}},
                    "x-any": 1,
                }
            },
            "d": {"{$url}": {"post": {"security": [{"K": 3}], "parameters": 3, "responses": {}}}},
        }
    },
    "no responses": {"/paths/~1a/get": {}},
    "a parameter": {
        "/paths/~1a/get/parameters": [{"name": "q", "in": "here", "schema": {}}, {"name": "r"}]
    },
    "a body": {
        "/paths/~1a/get/requestBody": {
            "content": {"a/b": {"schema": {"type": "odd", "properties": {"a": {"type": "odd"}}}}}
        }
    },
    "a body and a header": {
        "/paths/~1a/get/requestBody": {"content": {"a/b": {"schema": {"required": []}, "x": 1}}},
        "/paths/~1a/get/responses/200/headers": {"H": {"schema": {"type": 3}}},
    },
    "a path": {"/paths/b": {"get": {"responses": {"200": {"description": "d"}}}}},
    "an operation twice": {
        "/paths/~1a/get/operationId": "a",
        "/paths/~1b": {"get": {"operationId": "a", "responses": {"200": {"description": "d"}}}},
    },
    "a path parameter": {"/paths/~1a~1{id}": {"get": {"responses": {"200": {"description": "d"}}}}},
    "a pattern": {"/components/schemas/A": {"type": "string", "pattern": "("}},
    "a name": {"/components/schemas/a b": {}},
    "no info": {"/info": {"title": "T"}},
    "components": {"/components/links": 3, "/components/schemas/A": {"type": "odd"}},
    "servers": {"/servers": {}},
    "a security requirement": {"/security": [{"Gone": []}]},
}  # fmt: skip


def of_validating() -> Iterator[str]:
    def locate(place: str) -> tuple[str | None, int | None]:
        return ("f.yaml", len(place)) if "/A" in place else (None, None)

    def of(data: Json) -> Iterator[str]:
        validate(data, "whole", locate)
        yield from ()

    for title, edit in WRONG.items():
        for version in ("3.0.3", "3.1.0"):
            data = api(version, A={}, B={})
            for place, value in edit.items():
                above, _, last = place.rpartition("/")
                resolve(data, above)[last.replace("~1", "/")] = unshared(value)
            yield from told(f"{title}, {version}", lambda data=data: [*of(data)])


def tree(name: str) -> Json:
    """A page of one operation that shows an answer of a schema which both pages have."""
    thing = {"$ref": "#/components/schemas/Thing"}
    shown = {"schema": thing, "example": {"id": "a"}}
    answer = {"description": "d", "content": {"application/json": shown}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "https://a.example"}],
        "paths": {f"/{name}": {"get": {"operationId": name, "responses": {"200": answer}}}},
        "components": {
            "schemas": {"Thing": {"type": "object", "properties": {"id": {"type": "string"}}}}
        },
    }


REF_A = "#/components/schemas/A"
SCHEMA = "$.components.schemas.Thing"
THING = f"{SCHEMA}.properties"
RULE = "{id: r, operations: [a], kind: behaviour, text: T, evidence: E}"
EXAMPLE = "$.paths['/a'].get.responses['200'].content['application/json'].example"
BUILT: dict[str, dict[str, Any]] = {
    "two pages": {},
    "an example against an overlay": {
        "overlays/x": [f"target: {THING}.id\n    update: {{maxLength: 0}}"]
    },
    "an overlay against a page": {"overlays/x": [f"target: {EXAMPLE}\n    update: {{id: 3}}"]},
    "an overlay against an overlay": {
        "overlays/x": [f"target: {EXAMPLE}\n    update: {{id: abc}}"],
        "overlays/y": [f"target: {THING}.id\n    update: {{maxLength: 2}}"],
    },
    "a page's overlay against another page": {
        "overlays/fragments/b": [f"target: {EXAMPLE.replace('/a', '/b')}\n    update: {{id: 3}}"]
    },
    "a conflict of pages": {
        "overlays/fragments/b": [f"target: {THING}.id\n    update: {{type: integer}}"]
    },
    "overlays of nobody": {
        "overlays/fragments/c": [f"target: {THING}.id\n    update: {{type: integer}}"],
        "overlays/fragments/d": [f"target: {THING}.id\n    update: {{type: integer}}"],
        "overlays/fragments/b": [f"target: {THING}.is\n    update: {{type: integer}}"],
        "overlays/fragments/a": ["target: $.components.schemas\n    update: {A: {$ref: '#/no'}}"],
    },
    "faulty overlays": {"overlays/x": ["target: 3"], "overlays/y": ["targets: $"]},
    "stale overlays": {
        "overlays/x": [f"target: {THING}.is\n    update: {{type: string}}"],
        "overlays/y": [f"target: {THING}.id\n    update: {{type: string}}"],
    },
    "other words of the first page": {
        "overlays/fragments/a": [f"target: {SCHEMA}\n    update: {{description: A}}"],
        "overlays/fragments/b": [f"target: {SCHEMA}\n    update: {{description: B}}"],
        "pages.toml": "[[page]]\nfragment = 'b'\nurl = 'https://a.example/b.md'\n",
    },
    "entries that are stale": {
        "pages.toml": "".join(
            f"[[page]]\nfragment = '{n}'\nurl = 'https://a.example/{n}.md'\n" for n in "abc"
        ),
        "provenance.json": '{"a": {}, "c": {}}',
        "decisions.toml": (
            "[[decision]]\nquestion = 'q'\ndecision = 'd'\n"
            "actions = ['x.yaml $.info', 'fragments/b.yaml $.info', 'b.yaml $.info']\n"
            "rules = ['r', 's']\n"
        ),
        "overlays/x": [
            "target: $.info\n    update: {description: D}",
            f"target: $\n    update: {{x-rules: [{RULE}]}}",
        ],
        "overlays/fragments/b": ["target: $.info\n    update: {description: B}"],
    },
    "overlays for 3.0 on pages of 3.1": {
        "b": {"openapi": "3.1.0"},
        "overlays/x": [
            f"target: {THING}.id\n    update: {{nullable: true}}",
            f"target: {THING}\n    update: {{b: {{$ref: '{REF_A}', nullable: true}}}}",
            "target: $.components.schemas\n    update: {A: {type: string}}",
        ],
    },
    "names that are not allowed": {
        "a": {"components": {"schemas": {"Thing": {"type": "object"}, "a b": {"type": "string"}}}},
        "b": {"components": {"schemas": {"Thing": {"type": "object"}}}},
    },
    "two products": {
        "b": {"info": {"title": "U", "version": "2"}},
        "overlays/fragments/b": [f"target: {THING}.id\n    update: {{type: integer}}",
                                 f"target: {EXAMPLE.replace('/a', '/b')}\n    update: {{id: 3}}"],
    },
    "a page that is none": {"b": {"openapi": "4.0.0"}},
    "a page that is another": {"b": {"paths": {"/b": {"get": []}}}},
}  # fmt: skip


def of_builds() -> Iterator[str]:
    """A folder with two pages, and more: what is told, what is built, and where it is from."""
    with tempfile.TemporaryDirectory() as name:
        for number, (title, files) in enumerate(BUILT.items()):
            layout = Layout(Path(name, str(number)), "things")
            pages = {page: tree(page) | files.get(page, {}) for page in "ab"}
            texts = {f"fragments/{n}.yaml": json.dumps(d, indent=1) for n, d in pages.items()}
            for place, content in files.items():
                if isinstance(content, list):
                    texts[f"{place}.yaml"] = overlay_of(*content).decode()
                elif isinstance(content, str):
                    texts[place] = content
            for place, text in texts.items():
                path = layout.root / "openapi" / place
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
            for by_namespace in (False, True) if "products" in title else (False,):
                for line in told(
                    title, lambda layout=layout, by=by_namespace: [*built(layout, by_namespace=by)]
                ):
                    yield line.replace(str(layout.root / "openapi"), "")


def built(layout: Layout, *, by_namespace: bool) -> Iterator[str]:
    how: dict[str, bool] = {"by_namespace": True} if by_namespace else {}
    whole = build.assemble(layout, **how)
    yield json.dumps(whole.data)
    yield from map(str, whole.merged.notes)
    yield from (f"{action.overlay.name} {action.index}" for action in whole.actions)
    yield from whole.settled
    for pointer in ("/paths", "/paths/~1a/get"):
        yield str(whole.problem(Finding(pointer, "M", ("/info", "/paths/~1b/get", pointer))))
    for place, _ in leaves(whole.data):
        action = whole.action(place)
        if action:
            file, line = whole.locate(place)
            yield f"{place} < {file}:{line}, action {action[0].index} #{action[1]}"
    for path, content in build.files(whole, layout).items():
        yield f"{path} {str(content).splitlines()[:3]}"
    written, again = build.build(layout, **how)
    assert again.data == whole.data
    yield from map(str, written)


SECTIONS: dict[str, Callable[[], Iterator[str]]] = {
    "finite": of_finite,
    "workflows": of_workflows,
    "validating": of_validating,
    "builds": of_builds,
}


@pytest.mark.parametrize("name", SECTIONS)
def test_lines_are_those_of_the_record(name: str) -> None:
    anew = (
        "`python -m tests.pipeline.test_told_building` writes told_building.txt; read the changes"
    )
    assert [*SECTIONS[name]()] == recorded(TOLD)[name], anew


if __name__ == "__main__":
    record(TOLD, SECTIONS)
