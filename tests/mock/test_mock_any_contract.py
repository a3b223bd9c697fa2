"""Operations without a handler: any contract is served from its examples and schemas."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_contract._wire.contract import Contract as SuiteContract
from akool_mock import Contract, MockError, MockServer
from akool_mock._contract.patterns import PatternError, matching
from akool_mock._contract.samples import sample
from akool_mock._contract.schema import Validator
from akool_mock._operations.handlers import BY_HAND

LIBRARY = {
    "openapi": "3.0.3",
    "info": {"title": "Library", "version": "1"},
    "security": [{"key": []}],
    "paths": {
        "/books": {
            "get": {
                "operationId": "listBooks",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}},
                    {"name": "tag", "in": "query", "schema": {
                        "type": "array", "items": {"type": "string", "enum": ["new", "old"]}}},
                    {"name": "X-Shelf", "in": "header", "schema": {"type": "boolean"}},
                ],
                "responses": {"200": {"description": "", "content": {"application/json": {
                    "schema": {"type": "array", "minItems": 2, "items": {
                        "$ref": "#/components/schemas/Book"}}}}}},
            },
            "post": {
                "operationId": "addBook",
                "requestBody": {"required": True, "content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/Book"}}}},
                "responses": {"201": {"description": "", "content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/Book"},
                    "examples": {"bad": {"value": {"title": 7}}, "good": {
                        "value": {"title": "Dune", "pages": 412}}}}}}},
            },
        },
        "/books/{isbn}": {
            "parameters": [{"name": "isbn", "in": "path", "required": True, "schema": {
                "type": "string", "pattern": "^[0-9]{3}$"}}],
            "delete": {"operationId": "dropBook", "security": [], "responses": {
                "204": {"description": "gone"}}},
            "get": {"responses": {"default": {"description": "", "content": {
                "text/plain": {"example": "a book"}}}}},
        },
        "/books/all": {"get": {"operationId": "allBooks", "security": [], "responses": {
            "2XX": {"description": "", "content": {"application/json": {"example": []}}}}}},
    },
    "components": {"schemas": {
        "Book": {"type": "object", "required": ["title"], "properties": {
            "title": {"type": "string", "minLength": 3},
            "pages": {"type": "integer", "minimum": 10, "exclusiveMinimum": True},
            "author": {"type": "string", "nullable": True},
            "sequel": {"$ref": "#/components/schemas/Book"},
        }},
    }},
}  # fmt: skip


@pytest.fixture
def library(make):
    return make(contract=LIBRARY)


def test_an_answer_is_made_from_the_schema(library):
    books = library.get("/books")
    assert len(books) == 2
    assert all(book["pages"] > 10 and len(book["title"]) >= 3 for book in books)


def test_an_example_that_keeps_the_schema_is_preferred(library):
    answer = library.raw("POST", "/books", b'{"title":"abc"}')
    assert (answer.status, answer.json()) == (201, {"title": "Dune", "pages": 412})


def test_an_answer_without_a_body_has_none(library):
    answer = library.raw("DELETE", "/books/123")
    assert (answer.status, answer.body) == (204, b"")


def test_an_answer_that_is_no_json_is_served_as_it_is(library):
    answer = library.raw("GET", "/books/123")
    assert (answer.status, answer.body) == (200, b"a book")
    assert answer.header(b"content-type") == b"text/plain"


def test_a_fixed_path_beats_a_template(library):
    assert library.get("/books/all") == []


@pytest.mark.parametrize(
    ("method", "path", "field"),
    [
        ("GET", "/books?limit=10", "limit"),
        ("GET", "/books?limit=many", "limit"),
        ("GET", "/books?tag=new,lost", "tag"),
        ("GET", "/books?tag=new&tag=lost", "tag"),
        ("GET", "/books/12", "isbn"),
    ],
)
def test_parameters_are_held_against_their_schemas(library, method, path, field):
    answer = library.raw(method, path).json()
    assert answer["code"] == 1003
    assert field in answer["msg"]


def test_good_parameters_are_read_as_their_types(library):
    assert isinstance(library.get("/books?limit=9&tag=new,old", **{"x-shelf": "true"}), list)
    assert library.get("/books", **{"x-shelf": "maybe"})["code"] == 1003


def test_credentials_are_asked_for_as_the_contract_says(library):
    assert library.get("/books", x_api_key="")["code"] == 1102
    assert library.raw("DELETE", "/books/123", x_api_key="").status == 204


def test_a_nullable_field_takes_null_and_another_does_not(library):
    book = {"title": "abc", "author": None}
    assert library.raw("POST", "/books", json.dumps(book).encode()).status == 201
    assert library.post("/books", {"title": None})["code"] == 1003


def test_faults_befall_any_operation(library):
    assert library.raw("GET", "/books", x_akool_mock="http=503").status == 503


def answering(schema, *, path="/a", **components):
    """A contract with one GET that answers by a schema."""
    answer = {"description": "", "content": {"application/json": {"schema": schema}}}
    operation = {"operationId": "getIt", "responses": {"200": answer}}
    return {
        "openapi": "3.0.3",
        "paths": {path: {"get": operation}},
        "components": {"schemas": components},
    }


REF = "#/components/schemas/"


@pytest.mark.parametrize(
    ("schema", "components", "why"),
    [
        ({"type": "string", "pattern": "^(?=x)y$"}, {}, "is not understood"),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 10**9}, {}, "more than"),
        ({"type": "string", "minLength": 10**9}, {}, "characters"),
        ({"type": "integer", "not": {"minimum": -5}}, {}, "breaks it"),
        ({"$ref": REF + "Endless"}, {"Endless": {
            "type": "object", "required": ["next"],
            "properties": {"next": {"$ref": REF + "Endless"}}}}, "itself|more than"),
        ({"$ref": REF + "Whole"}, {"Whole": {"allOf": [{"$ref": REF + "Whole"}]}}, "itself|more"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_a_501_that_says_why(make, schema, components, why):
    api = make(contract=answering(schema, **components))
    answer = api.raw("GET", "/a")
    assert answer.status == 501
    assert re.search(why, answer.body.decode())
    assert b"getIt" in answer.body
    assert not api.sim.failures


ROUND = {"type": "object", "properties": {"r": {"type": "integer"}}}
SQUARE = {"type": "object", "properties": {"side": {"type": "integer"}}}
EITHER = {"oneOf": [{"$ref": REF + "Round"}, {"$ref": REF + "Square"}]}


def test_an_alternative_that_is_another_too_is_left_out_of_an_answer(make):
    """It was a 500 once: nothing could be told of a value that fits two schemas."""
    shape = {"type": "object", "required": ["id"], "properties": {"id": {}, "shape": EITHER}}
    answer = make(contract=answering(shape, Round=ROUND, Square=SQUARE)).raw("GET", "/a")
    assert (answer.status, json.loads(answer.body)) == (200, {"id": None})


def test_a_value_that_fits_two_alternatives_is_told(make):
    numbers = {"oneOf": [{"type": "integer"}, {"type": "number"}]}
    answer = make(contract=answering(numbers)).raw("GET", "/a")
    assert answer.status == 501
    assert b"fits several alternatives" in answer.body


@pytest.mark.parametrize(
    "schema",
    [
        EITHER,
        {"oneOf": [EITHER, {"type": "array", "items": {"$ref": REF + "Round"}}]},
        {"oneOf": [{"$ref": REF + "Round"}, {"type": "object"}, {"type": "string"}]},
        {"oneOf": [{"oneOf": [EITHER, {"$ref": REF + "Square"}]}, EITHER, {"type": "boolean"}]},
    ],
)
def test_an_alternative_is_chosen_or_made_so_that_no_other_fits(make, schema):
    """Real contracts list objects without required parts, of which each fits every other."""
    contract = answering(schema, Round=ROUND, Square=SQUARE)
    answer = make(contract=contract).raw("GET", "/a")
    assert answer.status == 200, answer.body
    assert Validator(contract, schema).is_valid(json.loads(answer.body))


PROBLEM = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        }
    },
}


@pytest.mark.parametrize(("documented", "came"), [("400", 400), ("422", 422), ("default", 400)])
def test_a_refusal_has_the_shape_that_the_contract_gives_it(make, documented, came):
    contract = answering({"type": "object"})
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
    operation = contract["paths"]["/a"]["get"]
    operation["parameters"] = [limit]
    content = {"application/problem+json": {"schema": PROBLEM}}
    operation["responses"][documented] = {"description": "", "content": content}
    answer = make(contract=contract).raw("GET", "/a?limit=many")
    assert answer.status == came
    assert dict(answer.headers)[b"content-type"] == b"application/problem+json"
    body = json.loads(answer.body)
    assert Validator(contract, PROBLEM).is_valid(body)
    assert "limit" in body["error"]["message"]


def test_recursion_is_bounded_in_size(make):
    names = [f"a{number}" for number in range(8)]
    tree = {"type": "object", "properties": {name: {"$ref": REF + "Tree"} for name in names}}
    answer = make(contract=answering({"$ref": REF + "Tree"}, Tree=tree)).raw("GET", "/a")
    assert answer.status == 200
    assert len(answer.body) < 1 << 20


def test_a_bad_example_inside_a_schema_is_not_used(make):
    schema = {"type": "object", "properties": {"n": {"type": "integer", "example": "seven"}}}
    assert make(contract=answering(schema)).get("/a") == {"n": 0}


def routes(*paths):
    """A contract whose operations are named after method and path."""
    empty = {"responses": {"204": {"description": ""}}}
    found = {}
    for method, path in (item.split() for item in paths):
        found.setdefault(path, {})[method.lower()] = empty
    return Contract({"openapi": "3.0.3", "paths": found})


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/a/b/c", "/a/b/{y}"),
        ("/a/x/c", "/a/{x}/c"),
        ("/a/x/y", "/a/{x}/{y}"),
        ("/a/v1/c", "/a/v{n}/c"),
        ("/z/b/c", "/{w}/b/c"),
    ],
)
def test_a_literal_segment_beats_a_parameter(path, template):
    contract = routes(
        "GET /{w}/b/c", "GET /a/{x}/{y}", "GET /a/{x}/c", "GET /a/b/{y}", "GET /a/v{n}/c"
    )
    assert contract.route("GET", path).operation.path == template


def test_where_a_method_is_missing_the_next_pattern_may_have_it():
    contract = routes("GET /jobs/latest", "DELETE /jobs/{id}", "PUT /{kind}/{id}")
    assert contract.route("DELETE", "/jobs/latest").operation.path == "/jobs/{id}"
    assert contract.route("PUT", "/jobs/latest").values == {"kind": "jobs", "id": "latest"}
    assert contract.route("POST", "/jobs/latest").allowed == ("DELETE", "GET", "PUT")


@pytest.mark.parametrize("name", list(BY_HAND))
def test_an_operation_called_like_one_of_ours_is_not_ours_elsewhere(make, name):
    contract = answering({"type": "object", "properties": {"n": {"type": "integer"}}})
    contract["paths"]["/a"]["get"]["operationId"] = name
    contract["paths"]["/a"]["post"] = {
        "operationId": f"{name}2",
        "requestBody": {"content": {"application/json": {"schema": {}}}},
        "responses": {"200": {"description": "", "content": {"application/json": {"example": 1}}}},
    }
    api = make(contract=contract)
    assert api.get("/a") == {"n": 0}
    assert api.post("/a", {}) == 1
    assert not api.sim.failures


@pytest.mark.parametrize(
    "pattern",
    [
        "^[0-9]{3}$", "^[a-f0-9]{24}$", r"^\d{4}-\d{2}-\d{2}$", "^(GET|POST)$", "^https?://.+$",
        r"^\w+@\w+\.com$", "^[^a-z]+$", "^(?:a|b)*c?$", r"^\d{1,4}(,\d{1,4})*$", "abc",
        r"^[\w.-]{2,}$", r"^\S+\u0041$", "^(?<year>[0-9]{4})$", r"^[A-Za-z][A-Za-z0-9_]*$",
    ],
)  # fmt: skip
@pytest.mark.parametrize("shortest", [0, 30])
def test_a_made_up_text_matches_its_pattern(pattern, shortest):
    try:
        text = matching(pattern, shortest)
    except PatternError:
        assert shortest
        return
    assert len(text) >= shortest
    assert Validator({"openapi": "3.1.0"}, {"pattern": pattern}).is_valid(text)


@pytest.mark.parametrize(
    "pattern", ["^(?=a)$", r"(a)\1", "a{", "[", "(", "*", r"\p{L}", "a**", "(a{9999}){9999}"]
)
def test_a_pattern_that_is_not_understood_is_refused(pattern):
    with pytest.raises(PatternError):
        matching(pattern)


@given(st.text(alphabet="ab01[](){}|*+?^$\\dw.,-", max_size=12))
def test_any_pattern_gives_a_bounded_text_or_is_refused(pattern):
    try:
        text = matching(pattern)
    except PatternError:
        return
    assert len(text) <= 10_000


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"swagger": "2.0"},
        {"openapi": "3.0.3", "paths": {"/a": {"get": {"parameters": [{"$ref": "#/nowhere"}]}}}},
        {"openapi": "3.0.3", "paths": []},
    ],
)
def test_what_is_no_contract_is_refused_at_the_start(document):
    with pytest.raises(MockError, match="contract"):
        MockServer(contract=document)


def schemas(depth=2):
    bounds = st.integers(-20, 20)
    plain = st.one_of(
        st.just({"type": "boolean"}),
        st.builds(lambda low: {"type": "integer", "minimum": low}, bounds),
        st.builds(lambda high: {"type": "number", "maximum": high}, bounds),
        st.builds(
            lambda low: {"type": "integer", "minimum": low, "exclusiveMinimum": True}, bounds
        ),
        st.builds(lambda count: {"type": "string", "minLength": count}, st.integers(0, 30)),
        st.builds(lambda word: {"type": "string", "enum": [word]}, st.text(max_size=5)),
        st.sampled_from(["date-time", "uri", "uuid", "email", "date", "ipv4"]).map(
            lambda name: {"type": "string", "format": name}
        ),
    )
    if not depth:
        return plain
    inner = schemas(depth - 1)
    names = st.sampled_from(["a", "b", "c"])
    objects = st.dictionaries(names, inner, max_size=3).map(
        lambda properties: {
            "type": "object",
            "properties": properties,
            "required": sorted(properties),
        }
    )
    return st.one_of(
        plain,
        objects,
        st.builds(
            lambda items, count: {"type": "array", "items": items, "minItems": count},
            inner,
            st.integers(0, 3),
        ),
        st.lists(objects, min_size=1, max_size=1).map(lambda parts: {"allOf": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"anyOf": parts}),
    )


@given(schemas())
def test_a_made_up_value_keeps_its_schema(schema):
    assert Validator({"openapi": "3.0.3"}, schema).first_error(sample({}, schema)) is None


REFERENCE = {"$ref": "#/components/schemas/Book"}


@pytest.mark.parametrize(
    ("schema", "value", "fits"),
    [
        ({"nullable": True, "allOf": [REFERENCE]}, None, True),
        ({"nullable": True, "allOf": [REFERENCE]}, 1, False),
        ({"nullable": True, "enum": ["a"]}, None, True),
        ({"nullable": True, "type": "string", "enum": ["a", None]}, None, True),
        ({"nullable": True}, 1, True),
        ({"nullable": False, "type": "string"}, None, False),
        ({**REFERENCE, "nullable": True}, None, False),  # 3.0 reads nothing beside a reference
        ({"type": "number", "minimum": 1, "exclusiveMinimum": True}, 1, False),
        ({"type": "number", "maximum": 1, "exclusiveMaximum": False}, 1, True),
        ({"properties": {"nullable": {"type": "string"}}}, {"nullable": 1}, False),
    ],
)
def test_mock_and_suite_read_a_schema_of_3_0_alike(schema, value, fits) -> None:
    contract = answering(schema, Book={"type": "object"})
    assert Validator(contract, schema).is_valid(value) is fits
    suite = SuiteContract(contract)
    operation = suite.operations["getIt"]
    assert (suite.response_errors(operation, 200, value) == []) is fits


def test_what_stands_beside_a_reference_counts_in_3_1() -> None:
    schema = {**REFERENCE, "required": ["title"]}
    contract = answering(schema, Book={"type": "object"}) | {"openapi": "3.1.0"}
    suite = SuiteContract(contract)
    assert not Validator(contract, schema).is_valid({})
    assert suite.response_errors(suite.operations["getIt"], 200, {}) != []
