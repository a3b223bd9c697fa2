"""Hostile names: whatever a contract calls its parts, the client works or the part is told."""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import itertools
import keyword
import string
import sys
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from akool_pipeline.documents.document import Document
from akool_pipeline.errors import PipelineError
from akool_pipeline.generating import names
from akool_pipeline.generating.generate import generate

BASES = ("x", "d", "data", "body", "prop")
MADE = "{0}_item {0}_item_data _{0} json_{0} parse_{0} _parse_{0} {0}_data {0}_type_0 {0}_element"
OTHERS = """
params kwargs _kwargs field_dict__ response_200 additional_property module self Self SELF id ID Id
a-b a_b a.b aB AB __init__ __class__ _ __ 1 2x print list Exception type
"""
ODD = ("", " ", "a b", "☃", "日本", "ß", '"', "'", "\\", "\\n", "{x}", "}", "%s", '"""', "#", "\t")
HOSTILE = sorted(
    {
        *keyword.kwlist[::4],
        *keyword.softkwlist,
        *names.IN_MODELS,
        *names.IN_OPERATIONS,
        *(made.format(base) for base in BASES for made in MADE.split()),
        *BASES,
        *OTHERS.split(),
        *ODD,
    }
)
TOKENS = [name for name in HOSTILE if name and set(name) <= {*string.ascii_letters, *"_-"}]
"""Those that can be a header or stand in a path."""

# A schema and a value of it; the value must come back as it went in.
MODEL = {"$ref": "#/components/schemas/Leaf"}
KINDS: list[tuple[dict[str, Any], Any]] = [
    ({"type": "string"}, "text"),
    ({"type": "integer"}, 3),
    ({"type": "string", "nullable": True}, None),
    (MODEL, {"d": "leaf"}),
    ({"type": "array", "items": MODEL}, [{"d": "a"}, {"d": "b"}]),
    ({"type": "array", "items": {"type": "array", "items": MODEL}}, [[{"d": "a"}], []]),
    ({"oneOf": [MODEL, {"type": "array", "items": MODEL}]}, [{"d": "a"}]),
    ({"oneOf": [{"type": "string"}, MODEL]}, {"d": "a"}),
    ({"type": "string", "format": "date"}, "2026-01-02"),
    ({"type": "string", "format": "uuid"}, "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
    ({"type": "string", "enum": ["asc", "ASC"]}, "ASC"),
    ({"type": "object", "additionalProperties": {"type": "array", "items": MODEL}}, {"k": [{}]}),
]
PLAIN = [({"type": "string"}, "text"), ({"type": "integer"}, 3), ({"type": "boolean"}, True)]
_NUMBERS = itertools.count()


@st.composite
def models(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A schema and an instance of it."""
    fields = draw(st.dictionaries(st.sampled_from(HOSTILE), st.sampled_from(KINDS), max_size=8))
    required = [name for name in fields if draw(st.booleans())]
    schema = {"type": "object", "properties": {name: kind for name, (kind, _) in fields.items()}}
    if required:
        schema["required"] = required
    if draw(st.booleans()):
        schema["additionalProperties"] = draw(st.sampled_from([False, {"type": "integer"}, MODEL]))
    there = {n: v for n, (_, v) in fields.items() if n in required or draw(st.booleans())}
    return schema, there


@st.composite
def operations(draw: st.DrawFn) -> dict[str, Any]:
    """Parameters by place, each with a value, and whether there is a body."""
    tokens = st.sampled_from(TOKENS)
    return {
        "path": draw(st.lists(tokens, max_size=2, unique=True)),
        "query": draw(st.lists(st.sampled_from(HOSTILE), max_size=4, unique=True)),
        "header": draw(st.lists(tokens, max_size=2, unique_by=str.lower)),
        "cookie": draw(st.lists(tokens, max_size=1)),
        "body": draw(st.booleans()),
    }


def word(number: int) -> str:
    """A component's name that no property's name can complete to another one's."""
    return f"Model{chr(65 + number // 26)}{chr(97 + number % 26)}"


def contract(schemas: list[dict[str, Any]], calls: list[dict[str, Any]]) -> dict[str, Any]:
    leaf = {"type": "object", "properties": {"d": {"type": "string"}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {
            f"/{i}" + "".join(f"/{{{name}}}" for name in call["path"]): {"post": operation(i, call)}
            for i, call in enumerate(calls)
        },
        "components": {
            "schemas": {"Leaf": leaf} | {word(i): schema for i, schema in enumerate(schemas)}
        },
    }


def operation(number: int, call: dict[str, Any]) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": place, "required": True, "schema": {"type": "string"}}
        for place in ("path", "query", "header", "cookie")
        for name in call[place]
    ]
    result = {
        "operationId": f"call{number}",
        "parameters": parameters,
        "responses": {"200": {"description": "fine"}},
    }
    if call["body"]:
        result["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": MODEL}},
        }
    return result


def check_operation(package: str, number: int, call: dict[str, Any], leaf: Any) -> None:
    """The values stand where the contract wants them."""
    module = importlib.import_module(f"{package}.api.operations.call{number}")
    wanted = [
        (place, name) for place in ("path", "query", "header", "cookie") for name in call[place]
    ]
    ours = list(inspect.signature(module._get_kwargs).parameters)
    arguments: dict[str, Any] = {"body": leaf.from_dict({"d": "v"})} if call["body"] else {}
    if call["body"]:
        ours.remove("body")
    values = {ours[i]: f"{place}-{i}" for i, (place, _) in enumerate(wanted)}
    assert len(ours) == len(wanted)
    kwargs = module._get_kwargs(**arguments, **values)
    told = {(place, name): f"{place}-{i}" for i, (place, name) in enumerate(wanted)}
    assert kwargs["url"] == "/".join([f"/{number}", *(told["path", n] for n in call["path"])])
    assert kwargs.get("params", {}) == {n: told["query", n] for n in call["query"]}
    headers = {n: told["header", n] for n in call["header"]}
    assert headers.items() <= kwargs.get("headers", {}).items()
    assert kwargs.get("cookies", {}) == {n: told["cookie", n] for n in call["cookie"]}
    assert kwargs.get("json") == ({"d": "v"} if call["body"] else None)


def check(schemas: list[tuple[dict[str, Any], Any]], calls: list[dict[str, Any]]) -> int:
    """Generate, import, use; returns how many parts were left out."""
    document = Document("contract", contract([schema for schema, _ in schemas], calls))
    with tempfile.TemporaryDirectory() as folder:
        package = f"hostile{next(_NUMBERS)}_api"
        try:
            left_out = generate(document, None, Path(folder) / package)
        except PipelineError as error:
            told = [str(problem) for problem in error.problems]
            left_out = None
        else:
            told = [str(item) for item in left_out]
        assert all("\n" not in line and "object at 0x" not in line for line in told)
        if left_out is None:
            return len(schemas) + len(calls)
        sys.path.insert(0, folder)
        try:
            importlib.invalidate_caches()
            found = importlib.import_module(f"{package}.models")
            for index, (_, value) in enumerate(schemas):
                if any(line.startswith(f"component {word(index)}:") for line in told):
                    continue
                assert getattr(found, word(index)).from_dict(value).to_dict() == value
            for index, call in enumerate(calls):
                if not any(f"(call{index})" in line for line in told):
                    check_operation(package, index, call, found.Leaf)
        finally:
            sys.path.remove(folder)
            for name in [name for name in sys.modules if name.partition(".")[0] == package]:
                del sys.modules[name]
    return len(told)


@settings(
    max_examples=max(5, settings.default.max_examples // 40),
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(models(), min_size=6, max_size=12), st.lists(operations(), min_size=6, max_size=8))
def test_whatever_the_names_are_it_works_or_is_told(schemas, calls) -> None:
    check(schemas, calls)


def test_every_hostile_name_is_generated() -> None:
    # A class is made of the names of model and property: of signs alone nothing would be added.
    named = [name for name in HOSTILE if any(c.isalpha() for c in name)]
    rest = [name for name in HOSTILE if name not in named]
    pairs = [(name, KINDS[i % len(KINDS)]) for i, name in enumerate(named)]
    pairs += [(name, kind) for name in rest for kind in KINDS[:4]]
    schemas = [
        (
            {"type": "object", "properties": {name: kind}}
            | ({"required": [name]} if i % 2 else {}),
            {name: value},
        )
        for i, (name, (kind, value)) in enumerate(pairs)
    ]
    none = {"path": [], "query": [], "header": [], "cookie": [], "body": True}
    calls = [none, *({**none, "query": [name]} for name in HOSTILE)]
    assert check(schemas, calls) == 0


def test_a_name_that_cannot_be_written_is_told() -> None:
    none = {"path": [], "query": [], "header": [], "cookie": [], "body": False}
    schemas = [({"type": "object", "properties": {"a\x07": {"type": "string"}}}, {})]
    assert check([*schemas, ({"type": "object"}, {})], [none, {**none, "query": ["\x00"]}]) == 2


def test_what_the_generated_code_calls_its_own_is_known() -> None:
    """The lists of names are what a neutral package uses, no name more that could be met."""
    fields = {f"zz{i}": kind for i, (kind, _) in enumerate(KINDS)}
    call = {"path": ["zzp"], "query": ["zzq"], "header": ["zzh"], "cookie": ["zzc"], "body": True}
    schema = {"type": "object", "properties": fields, "required": list(fields)[::2]}
    data = contract([schema], [call])
    with tempfile.TemporaryDirectory() as folder:
        generate(Document("contract", data), None, Path(folder) / "neutral_api")
        models = used(Path(folder) / "neutral_api" / "models")
        calls = used(Path(folder) / "neutral_api" / "api")
    assert models <= names.IN_MODELS
    assert calls <= names.IN_OPERATIONS


def used(folder: Path) -> set[str]:
    """Names in functions that are neither a builtin, nor private, nor made of the contract's."""
    found: set[str] = set()
    for file in folder.rglob("*.py"):
        for function in ast.walk(ast.parse(file.read_text("utf-8"))):
            is_function = isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            if is_function and not function.name.startswith(("__", "_parse_zz")):
                found |= {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
                found |= {n.arg for n in ast.walk(function) if isinstance(n, ast.arg)}
    made = ("zz", "Model", "model", "Leaf", "leaf", "_", "json_zz", "response_2", "additional_prop")
    known = {*dir(builtins), "additional_properties", "datetime", "self", "data", "k", "v", "d_"}
    return {name for name in found if not name.startswith(made)} - known
