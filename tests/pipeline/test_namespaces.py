"""Whatever is renamed between products, the wire stays: what fits before fits after."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_schema_validator import OAS30Validator

from akool_pipeline.building import namespace
from akool_pipeline.building.fragments import Fragment
from akool_pipeline.building.merge import merge
from akool_pipeline.building.validate import validate
from akool_pipeline.documents import grammar, pointer
from akool_pipeline.documents.document import Document

NAMES = ("Cat", "Dog", "Pet", "Box")


def page(title: str, schemas: dict[str, Any]) -> dict[str, Any]:
    path = "/" + "".join(letter for letter in title.lower() if letter.isalnum()) + "x"
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "version": "1"},
        "security": [{"Key": []}],
        "paths": {
            path: {
                "get": {
                    "operationId": "find",
                    "responses": {
                        "200": {
                            "description": "ok",
                            "content": {
                                "application/json": {
                                    "schema": {"$ref": "#/components/schemas/Pet"},
                                    "example": {
                                        "security": ["tls", "wpa"],
                                        "operationId": "find",
                                        "$ref": "#/components/schemas/Cat",
                                        "discriminator": {"mapping": {"Cat": "Cat"}},
                                    },
                                }
                            },
                            "links": {"again": {"operationId": "find"}},
                        }
                    },
                }
            }
        },
        "components": {
            "schemas": schemas,
            "securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": title[:1]}},
        },
    }


def reference(name: str) -> dict[str, str]:
    return {"$ref": "#/components/schemas/" + name}


LEAVES = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer", "maximum": 5},
        {"type": "string", "enum": ["Cat", "Dog"]},
        {"enum": [{"$ref": "#/components/schemas/Cat"}, "x"]},
        {"default": {"security": ["tls"]}, "type": "object"},
        {},
    ]
)
SCHEMAS = st.recursive(
    LEAVES | st.sampled_from(NAMES).map(reference),
    lambda inner: (
        st.builds(lambda s: {"type": "array", "items": s}, inner)
        | st.builds(lambda s: {"allOf": s}, st.lists(inner, min_size=1, max_size=2))
        | st.builds(lambda s: {"oneOf": s}, st.lists(inner, min_size=1, max_size=2))
        | st.builds(
            lambda p: {"type": "object", "properties": p},
            st.dictionaries(
                st.sampled_from(["$ref", "security", "operationId", "kind", "mapping"]),
                inner,
                max_size=2,
            ),
        )
    ),
    max_leaves=4,
)
VALUES = st.recursive(
    st.sampled_from(["Cat", "Dog", "x", 3, 9, None, True, {"$ref": "#/components/schemas/Cat"}]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["$ref", "security", "kind", "mapping"]), inner, max_size=2
        )
    ),
    max_leaves=4,
)


def fits(document: dict[str, Any], name: str, value: Any) -> bool:
    schema = {**reference(name), "components": document["components"]}
    return bool(OAS30Validator(schema).is_valid(value))


def fragments_of(*pages: dict[str, Any]) -> list[Fragment]:
    return [
        Fragment(f"p{index}", Document(f"p{index}.yaml", data, {"": 1}))
        for index, data in enumerate(pages)
    ]


@given(
    st.fixed_dictionaries(dict.fromkeys(NAMES, SCHEMAS)),
    st.fixed_dictionaries(dict.fromkeys(NAMES, SCHEMAS)),
    VALUES,
)
def test_an_instance_that_fits_before_fits_after_and_no_other(one, other, value) -> None:
    before = [page("A", one), page("B", other)]
    after = [f.data for f in namespace.separate(fragments_of(*copy.deepcopy(before)))]
    merged = merge(fragments_of(*after)).data
    for old, new in zip(before, after, strict=True):
        for name, renamed in zip(
            old["components"]["schemas"], new["components"]["schemas"], strict=True
        ):
            try:
                expected = fits(old, name, value)
            except RecursionError:  # a schema that is nothing but itself
                continue
            assert fits(merged, renamed, value) == expected
        assert data_of(old) == data_of(new)


def data_of(document: dict[str, Any]) -> list[Any]:
    """Every example, enum and default, in order."""
    return [
        part.value[key]
        for part in grammar.parts(document)
        for key in ("example", "enum", "default")
        if key in part.value and part.kind in {"schema", "mediaType"}
    ]


def meaning(document: dict[str, Any], schema: dict[str, Any], value: str) -> Any:
    """The schema that a discriminator's value stands for, by the specification's own words."""
    schemas = document["components"]["schemas"]
    mapping = schema["discriminator"].get("mapping", {})
    target = mapping.get(value)
    if target is None:
        branches = schema.get("oneOf", schema.get("anyOf"))
        if branches is not None and {"$ref": f"#/components/schemas/{value}"} not in branches:
            return None
        target = value
    name = pointer.of(target).rpartition("/")[2]
    return None if name not in schemas else described(schemas[name])


def described(schema: dict[str, Any]) -> Any:
    return schema.get("x-is")


def zoo(title: str, discriminator: dict[str, Any], *, one_of: bool) -> dict[str, Any]:
    """Cat and Dog are told apart by their kind, as branches of Pet or as its heirs."""
    pet: dict[str, Any] = {
        "type": "object",
        "x-is": "Pet",
        "required": ["kind"],
        "properties": {"kind": {"type": "string"}},
        "discriminator": {"propertyName": "kind", **discriminator},
    }
    schemas: dict[str, Any] = {"Pet": pet}
    for name in ("Cat", "Dog"):
        own = {"type": "object", "properties": {title: {"type": "string"}}, "x-is": name}
        schemas[name] = own if one_of else {"allOf": [reference("Pet"), own], "x-is": name}
    if one_of:
        pet["oneOf"] = [reference("Cat"), reference("Dog")]
    schemas["Box"] = {"type": "array", "items": reference("Pet")}
    return page(title, schemas)


MAPPINGS: dict[str, dict[str, Any]] = {
    "no mapping": {},
    "a bare name": {"mapping": {"meow": "Cat"}},
    "a reference": {"mapping": {"meow": "#/components/schemas/Cat"}},
    "a name for another": {"mapping": {"Cat": "Dog"}},
    "an encoded reference": {"mapping": {"meow": "#/components/schemas/C%61t"}},
}


@pytest.mark.parametrize("one_of", [True, False], ids=["branches", "heirs"])
@pytest.mark.parametrize("mapping", MAPPINGS.values(), ids=MAPPINGS.keys())
def test_a_discriminators_values_mean_what_they_meant(mapping, one_of) -> None:
    before = [zoo(title, mapping, one_of=one_of) for title in ("A", "B")]
    after = [f.data for f in namespace.separate(fragments_of(*copy.deepcopy(before)))]
    merged = merge(fragments_of(*after))
    validate(merged.data, "merged", merged.locate)
    for title, old in zip(("A", "B"), before, strict=True):
        pet = merged.data["components"]["schemas"][title + "Pet"]
        for value in ("Cat", "Dog", "Pet", "meow", "Fish", "BCat", "ACat"):
            if value.endswith("Cat") and len(value) > 3:
                continue
            expected = meaning(old, old["components"]["schemas"]["Pet"], value)
            assert meaning(merged.data, pet, value) == expected, value


def test_heirs_on_another_page_of_the_product_are_known() -> None:
    first, second = zoo("A", {}, one_of=False), zoo("A", {}, one_of=False)
    del first["components"]["schemas"]["Dog"], second["components"]["schemas"]["Cat"]
    second["paths"] = {"/more": {"get": {"responses": {"200": {"description": "ok"}}}}}
    pages = fragments_of(first, second, zoo("B", {}, one_of=False))
    merged = merge(namespace.separate(pages))
    mapping = merged.data["components"]["schemas"]["APet"]["discriminator"]["mapping"]
    assert mapping == {name: f"#/components/schemas/A{name}" for name in ("Pet", "Cat", "Dog")}


def test_examples_keep_what_looks_like_keywords() -> None:
    pages = fragments_of(zoo("A", {}, one_of=True), zoo("B", {}, one_of=True))
    merged = merge(namespace.separate(pages)).data
    for path, name in (("/ax", "aFind"), ("/bx", "bFind")):
        operation = merged["paths"][path]["get"]
        answer = operation["responses"]["200"]
        assert answer["content"]["application/json"]["example"] == {
            "security": ["tls", "wpa"],
            "operationId": "find",
            "$ref": "#/components/schemas/Cat",
            "discriminator": {"mapping": {"Cat": "Cat"}},
        }
        assert operation["operationId"] == answer["links"]["again"]["operationId"] == name
        assert operation["security"] == [{path[1].upper() + "Key": []}]


def test_products_that_differ_in_words_alone_keep_their_names() -> None:
    one, other = page("A", {"Pet": {"title": "a"}}), page("A", {"Pet": {"title": "b"}})
    other["info"]["title"] = "B"
    other["paths"] = {"/other": {"get": {"responses": {"200": {"description": "ok"}}}}}
    merged = merge(namespace.separate(fragments_of(one, other)))
    assert merged.data["components"]["schemas"] == {"Pet": {"title": "a"}}
    assert [note.pointer for note in merged.notes] == ["/components/schemas/Pet/title"]


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (("Head Swap API", "head-swap api"), {"HeadSwapApiPet", "HeadSwapApi2Pet"}),
        (("换脸", "A"), {"ProductPet", "APet"}),
        (("换脸", "检测"), {"ProductPet", "Product2Pet"}),
    ],
)
def test_each_product_has_a_prefix_of_its_own(titles, expected) -> None:
    pages = [page(title, {"Pet": {"maximum": i}}) for i, title in enumerate(titles)]
    for index, one in enumerate(pages):
        one["paths"] = {f"/p{index}": next(iter(one["paths"].values()))}
    schemas = merge(namespace.separate(fragments_of(*pages))).data["components"]["schemas"]
    assert set(schemas) == expected


def test_a_new_name_never_hits_one_that_is_there() -> None:
    one = page("A", {"Pet": {"maximum": 1}, "APet": {"maximum": 2}})
    schemas = merge(namespace.separate(fragments_of(one, page("B", {"Pet": {"maximum": 3}})))).data[
        "components"
    ]["schemas"]
    assert schemas == {
        "APet": {"maximum": 2},
        "APet_": {"maximum": 1},
        "BPet": {"maximum": 3},
    }


def test_lines_follow_what_is_renamed() -> None:
    pages = fragments_of(page("A", {"Pet": {"maximum": 1}}), page("B", {"Pet": {"maximum": 3}}))
    pages[0].source.lines["/components/schemas/Pet/maximum"] = 42
    merged = merge(namespace.separate(pages))
    assert merged.locate("/components/schemas/APet/maximum") == ("p0.yaml", 42)


def test_names_that_openapi_does_not_allow_are_respelled_and_the_wire_stays() -> None:
    odd = {"$ref": "#/components/schemas/My%20Cat"}
    schemas = {
        "Pet": {"oneOf": [odd], "discriminator": {"propertyName": "kind"}},
        "My Cat": {"type": "object", "properties": {"of": {"$ref": "#/components/schemas/«»"}}},
        "My_Cat": {"type": "string"},
        "«»": {"type": "integer"},
    }
    documents = [page("One", copy.deepcopy(schemas)), page("Two", copy.deepcopy(schemas))]
    documents[1]["paths"]["/twox"]["get"]["operationId"] = "other"
    documents[1]["paths"]["/twox"]["get"]["responses"]["200"]["links"] = {}
    documents[1]["components"]["securitySchemes"]["Key"]["name"] = "O"
    pages = [
        Fragment(name, Document(f"{name}.yaml", data, {"": 1}))
        for name, data in zip("ab", documents, strict=True)
    ]
    found, notes = namespace.respell(pages)
    data = merge(found).data
    assert data["components"]["schemas"] == {
        "Pet": {
            "oneOf": [{"$ref": "#/components/schemas/My_Cat_"}],
            "discriminator": {
                "propertyName": "kind",
                "mapping": {"My Cat": "#/components/schemas/My_Cat_"},
            },
        },
        "My_Cat_": {
            "type": "object",
            "properties": {"of": {"$ref": "#/components/schemas/Component"}},
        },
        "My_Cat": {"type": "string"},
        "Component": {"type": "integer"},
    }
    assert len(notes) == 4
    assert str(notes[0]).endswith("'My Cat' is no name that OpenAPI allows: it becomes 'My_Cat_'")
    assert "My Cat" in pages[0].data["components"]["schemas"]  # a fragment is never changed


def test_references_are_written_as_every_reader_takes_them(things, fragment) -> None:
    item = things["paths"].pop("/things")
    things["paths"]["/things/{id}"] = item
    thing = item["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    thing["items"] = {"$ref": "#/paths/~1things~1{id}/get/x-thing"}
    item["get"]["x-thing"] = {"type": "string"}
    data = merge([fragment("a", things)]).data
    written = data["paths"]["/things/{id}"]["get"]["responses"]["200"]["content"]
    target = written["application/json"]["schema"]["items"]["$ref"]
    assert target == "#/paths/~1things~1%7Bid%7D/get/x-thing"


def test_operations_that_differ_in_a_capital_alone_stay_apart(fragment) -> None:
    """`find` and `Find` would become one name in front of which a product's is put."""
    pages = [page(title, {"Pet": {"type": "string"}}) for title in ("One", "Two")]
    for data in pages:
        (item,) = data["paths"].values()
        item["post"] = copy.deepcopy(item["get"]) | {"operationId": "Find"}
    fragments = [fragment(data["info"]["title"], data) for data in pages]
    named = [
        part.value["operationId"]
        for one in namespace.separate(fragments)
        for part in grammar.parts(one.data)
        if part.kind == "operation"
    ]
    assert len({*named}) == len(named) == 4
