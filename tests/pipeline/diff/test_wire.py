"""What other comparisons take for documentation, and breaks."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from tests.pipeline.diff.base import (
    ADDITIVE,
    BASE,
    BREAKING,
    GONE,
    NEITHER,
    REQUEST,
    RESPONSE,
    edited,
    only,
    told,
)
from tests.pipeline.diff.small import NAME, contract, ref, schemas

from akool_pipeline.diff import compare

TEXT = {"type": "string"}


def webhook(**properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties}
    body = {"content": {"application/json": {"schema": schema}}}
    call = {"requestBody": body, "responses": {"200": {"description": "Seen"}}}
    return contract(webhooks={"done": {"post": call}})


class TestWebhooks:
    def test_a_field_that_is_gone_breaks_who_reads_it(self) -> None:
        change = only(webhook(id=TEXT, url=TEXT), webhook(id=TEXT))
        assert told([change]) == [(BREAKING, "property-removed", RESPONSE)]

    def test_a_field_that_is_new_is_more_to_read(self) -> None:
        change = only(webhook(id=TEXT), webhook(id=TEXT, url=TEXT))
        assert told([change]) == [(ADDITIVE, "property-added", RESPONSE)]

    def test_a_webhook_that_is_gone_breaks(self) -> None:
        change = only(webhook(id=TEXT), contract())
        assert told([change]) == [(BREAKING, "webhook-removed", RESPONSE)]
        assert change.message == "webhook done POST is gone"
        assert change.pointer == "/webhooks/done/post"

    def test_a_webhook_that_is_new_does_not(self) -> None:
        change = only(contract(), webhook(id=TEXT))
        assert told([change]) == [(ADDITIVE, "webhook-added", RESPONSE)]

    def test_what_the_caller_answers_is_a_request(self) -> None:
        old = webhook(id=TEXT)
        new = copy.deepcopy(old)
        new["webhooks"]["done"]["post"]["responses"]["200"]["headers"] = {
            "X-Seen": {"schema": TEXT}
        }
        assert told(compare(old, new)) == [(ADDITIVE, "header-added", REQUEST)]


class TestCallbacks:
    def test_a_callback_that_contains_itself_is_compared_once(self) -> None:
        call = {"responses": {"200": {"description": "Seen"}}}
        call["callbacks"] = {"again": {"$ref": "#/components/callbacks/Again"}}
        old = contract(
            callbacks={"done": {"$ref": "#/components/callbacks/Again"}},
            components={"callbacks": {"Again": {"{$request.body#/hook}": {"post": call}}}},
        )
        new = copy.deepcopy(old)
        del new["components"]["callbacks"]["Again"]["{$request.body#/hook}"]["post"]["callbacks"]
        changes = compare(old, new)
        assert told(changes)[0] == (BREAKING, "callback-removed", REQUEST)

    def test_a_parameter_by_reference_is_found(self) -> None:
        call = {
            "parameters": [{"$ref": "#/components/parameters/Sign"}],
            "responses": {"200": {"description": "Seen"}},
        }
        sign = {"in": "header", "name": "Sign", "schema": TEXT}
        old = contract(
            callbacks={"done": {"{$request.body#/hook}": {"post": call}}},
            components={"parameters": {"Sign": sign}},
        )
        new = copy.deepcopy(old)
        new["components"]["parameters"]["Sign"]["schema"] = {"type": "integer"}
        assert told(compare(old, new)) == [(BREAKING, "type-changed", RESPONSE)]


class TestReferences:
    @pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
    def test_a_keyword_beside_a_reference_counts(self, version) -> None:
        components = schemas(A=TEXT)
        old = contract(ref("A"), components=components, version=version)
        new = contract(ref("A", maxLength=5), components=components, version=version)
        assert told(compare(old, new)) == [(BREAKING, "limit-tightened", REQUEST)]

    def test_a_path_behind_a_reference_is_compared(self) -> None:
        old = contract(TEXT)
        item = old["paths"]["/swap"]
        old["paths"]["/swap"] = {"$ref": "#/components/pathItems/Swap"}
        old["components"] = {"pathItems": {"Swap": item}}
        new = copy.deepcopy(old)
        new["components"]["pathItems"]["Swap"]["post"]["requestBody"]["content"] = {
            "application/json": {"schema": {"type": "integer"}}
        }
        change = only(old, new)
        assert told([change]) == [(BREAKING, "type-changed", REQUEST)]
        assert change.operations == (NAME,)
        assert change.pointer.startswith("/components/pathItems/Swap/post/requestBody")
        del new["components"]["pathItems"]["Swap"]["post"]
        assert told(compare(old, new))[0] == (BREAKING, "operation-removed", NEITHER)

    def test_words_beside_a_reference_to_a_parameter_stand_for_its_own(self) -> None:
        there = {
            "parameters": {"Q": {"in": "query", "name": "q", "description": "A", "schema": {}}}
        }
        holder = {"$ref": "#/components/parameters/Q", "description": "B"}
        old = contract(parameters=[holder], components=there)
        new = contract(parameters=[holder | {"description": "C"}], components=there)
        change = only(old, new)
        assert change.pointer == "/paths/~1swap/post/parameters/0/description"
        assert (change.before, change.after) == ("B", "C")

    def test_a_schema_of_another_file_is_known_by_its_reference(self) -> None:
        old, new = (contract({"$ref": f"{name}.yaml#/A"}) for name in "ab")
        assert compare(old, old) == []
        assert told(compare(old, new)) == [(BREAKING, "keyword-changed", REQUEST)]


class TestServers:
    URL = "https://{area}.example"

    def server(self, **variable: Any) -> dict[str, Any]:
        return contract(servers=[{"url": self.URL, "variables": {"area": variable}}])

    def test_another_default_of_a_variable_is_another_server(self) -> None:
        change = only(self.server(default="eu"), self.server(default="us"))
        assert told([change]) == [(BREAKING, "server-variable-changed", NEITHER)]
        assert change.message == "default of server variable area: eu became us"
        assert change.pointer == "/servers/0/variables/area/default"

    def test_a_value_that_is_gone_breaks_and_one_that_is_new_does_not(self) -> None:
        old, new = (
            self.server(default="eu", enum=values) for values in (["eu", "us"], ["eu", "asia"])
        )
        assert [(c.severity, c.message) for c in compare(old, new)] == [
            (BREAKING, "server variable area no longer takes us"),
            (ADDITIVE, "server variable area takes asia"),
        ]

    def test_a_list_of_values_that_comes_takes_fewer_and_one_that_goes_takes_more(self) -> None:
        free, listed = self.server(default="eu"), self.server(default="eu", enum=["eu"])
        (change,) = compare(free, listed)
        assert (change.severity, change.pointer) == (BREAKING, "/servers/0/variables/area/enum")
        (change,) = compare(listed, free)
        assert (change.severity, change.pointer) == (ADDITIVE, "/servers/0/variables/area/enum")

    def test_the_order_of_values_does_not_matter(self) -> None:
        old, new = (self.server(default="eu", enum=v) for v in (["eu", "us"], ["us", "eu"]))
        assert compare(old, new) == []

    def test_another_server_first_is_where_callers_go(self) -> None:
        one, other = {"url": "https://a.example"}, {"url": "https://b.example"}
        change = only(contract(servers=[one, other]), contract(servers=[other, one]))
        assert told([change]) == [(BREAKING, "server-first-changed", NEITHER)]
        assert change.message == "server https://b.example comes first, was https://a.example"
        assert change.operations == (NAME,)

    def test_a_first_server_that_is_gone_is_told_once(self) -> None:
        one, other = {"url": "https://a.example"}, {"url": "https://b.example"}
        change = only(contract(servers=[one, other]), contract(servers=[other]))
        assert told([change]) == [(BREAKING, "server-removed", NEITHER)]

    def test_a_variable_that_comes_or_goes_breaks(self) -> None:
        without, with_it = contract(servers=[{"url": self.URL}]), self.server(default="eu")
        for old, new in ((without, with_it), (with_it, without)):
            assert told(compare(old, new)) == [(BREAKING, "server-variable-changed", NEITHER)]

    def test_a_server_of_the_path_stands_for_that_of_the_document(self) -> None:
        old = contract(servers=[{"url": "https://a.example"}])
        new = copy.deepcopy(old)
        new["paths"]["/swap"]["servers"] = [{"url": "https://b.example"}]
        rules = [(c.rule, c.pointer) for c in compare(old, new)]
        assert rules == [("server-removed", "/servers"), ("server-added", "/paths/~1swap/servers")]


class TestSecurity:
    def oauth(self, needed: list[str], **flow: Any) -> dict[str, Any]:
        offered = {"tokenUrl": "https://a.example/token", "scopes": {"read": "Read", "write": "W"}}
        scheme = {"type": "oauth2", "flows": {"clientCredentials": offered | flow}}
        return contract(security=[{"O": needed}], components={"securitySchemes": {"O": scheme}})

    def test_a_scope_that_is_needed_breaks_and_one_less_does_not(self) -> None:
        few, many = self.oauth(["read"]), self.oauth(["read", "write"])
        assert told(compare(few, many)) == [(BREAKING, "scope-changed", REQUEST)]
        assert told(compare(many, few)) == [(ADDITIVE, "scope-changed", REQUEST)]
        assert only(few, many).message == "scope write of O is needed"

    def test_the_order_of_scopes_does_not_matter(self) -> None:
        assert compare(self.oauth(["read", "write"]), self.oauth(["write", "read"])) == []

    def test_another_address_for_tokens_breaks(self) -> None:
        change = only(self.oauth(["read"]), self.oauth(["read"], tokenUrl="https://b.example"))
        assert told([change]) == [(BREAKING, "security-scheme-changed", REQUEST)]
        assert change.pointer.endswith("/O/flows/clientCredentials/tokenUrl")

    def test_a_scope_that_is_withdrawn_breaks_and_one_that_is_offered_does_not(self) -> None:
        both, one = self.oauth(["read"]), self.oauth(["read"], scopes={"read": "Read"})
        assert told(compare(both, one)) == [(BREAKING, "scope-withdrawn", REQUEST)]
        assert told(compare(one, both)) == [(ADDITIVE, "scope-offered", REQUEST)]

    def test_a_flow_that_is_gone_breaks(self) -> None:
        old = self.oauth(["read"])
        flows = old["components"]["securitySchemes"]["O"]["flows"]
        flows["password"] = {"tokenUrl": "https://a.example/p", "scopes": {}}
        changes = compare(old, self.oauth(["read"]))
        assert {(c.severity, c.rule) for c in changes} == {(BREAKING, "security-scheme-changed")}

    def test_a_way_in_is_known_by_what_it_sends_before_its_name(self) -> None:
        new = copy.deepcopy(BASE)
        schemes = new["components"]["securitySchemes"]
        schemes["Key"], schemes["Token"] = schemes["Token"], schemes["Key"]
        assert compare(BASE, new) == []

    def test_a_scheme_that_is_not_defined_is_known_by_its_name(self) -> None:
        old, new = (contract(security=[{name: []}]) for name in "AB")
        assert compare(old, old) == []
        assert told(compare(old, new)) == [
            (BREAKING, "security-removed", REQUEST),
            (ADDITIVE, "security-added", REQUEST),
        ]

    def test_what_is_needed_together_is_named_together(self) -> None:
        new = edited(BASE, {"/security": [{"Key": [], "Token": []}, {"Key": []}, {"Token": []}]})
        assert only(BASE, new).message == "authentication by Key and Token is accepted"


class TestConditions:
    """What narrows inside a condition may widen outside: it only shifts."""

    def inside(self, keyword: str, schema: Any) -> dict[str, Any]:
        return contract(response={"type": "object", keyword: schema}, components=schemas(A=TEXT))

    @pytest.mark.parametrize("keyword", ["not", "if", "then", "else", "contains", "propertyNames"])
    def test_a_change_inside_is_one_shift_in_both_directions(self, keyword: str) -> None:
        wide, narrow = ({"type": "string", "maxLength": n} for n in (9, 5))
        for old, new in ((wide, narrow), (narrow, wide)):
            change = only(self.inside(keyword, old), self.inside(keyword, new))
            assert told([change]) == [(BREAKING, f"{keyword}-changed", RESPONSE)]
            assert change.pointer.endswith(f"/schema/{keyword}")

    def test_words_inside_are_words(self) -> None:
        old, new = (self.inside("not", {"description": text}) for text in ("One", "Other"))
        assert [c.rule for c in compare(old, new)] == ["text-changed"]

    def test_a_component_inside_may_change_and_is_told_as_a_shift(self) -> None:
        old, new = (self.inside("not", ref("A")) for _ in range(2))
        new["components"]["schemas"]["A"] = {"type": "integer"}
        assert told(compare(old, new)) == [(BREAKING, "not-changed", RESPONSE)]

    def test_a_condition_that_contains_itself_ends(self) -> None:
        old = self.inside("not", ref("B"))
        old["components"]["schemas"]["B"] = {"type": "object", "not": ref("B")}
        new = copy.deepcopy(old)
        new["components"]["schemas"]["B"]["maxProperties"] = 4
        assert told(compare(old, new)) == [(BREAKING, "not-changed", RESPONSE)]

    def test_what_is_ruled_out_narrows(self) -> None:
        free, ruled = contract(response=TEXT), contract(response={**TEXT, "not": {"const": "a"}})
        assert told(compare(free, ruled)) == [(ADDITIVE, "not-changed", RESPONSE)]
        assert told(compare(ruled, free)) == [(BREAKING, "not-changed", RESPONSE)]

    def test_any_other_condition_that_comes_or_goes_shifts(self) -> None:
        free, bound = contract(response=TEXT), contract(response={**TEXT, "if": {"const": "a"}})
        for old, new in ((free, bound), (bound, free)):
            assert told(compare(old, new)) == [(BREAKING, "if-changed", RESPONSE)]


class TestPositions:
    @pytest.mark.parametrize("keyword", ["prefixItems", "patternProperties"])
    def test_a_schema_is_compared_with_the_one_in_its_place(self, keyword: str) -> None:
        def using(*parts: Any) -> dict[str, Any]:
            value = (
                list(parts) if keyword == "prefixItems" else dict(zip("xy", parts, strict=False))
            )
            return contract(response={keyword: value})

        old = using(TEXT, TEXT)
        assert told(compare(old, using(TEXT, {"type": "integer"}))) == [
            (BREAKING, "type-changed", RESPONSE)
        ]
        change = only(old, using(TEXT))
        assert told([change]) == [(BREAKING, "keyword-changed", RESPONSE)]
        assert change.message == f"{keyword} {'1' if keyword == 'prefixItems' else 'y'} is gone"
        assert only(using(TEXT), old).message.endswith(" is new")

    def test_what_is_encrypted_is_compared_as_what_is_read(self) -> None:
        def using(schema: Any) -> dict[str, Any]:
            return contract(response={"type": "string", "x-decrypted": schema})

        change = only(using({"enum": [1]}), using({"enum": [1, 2]}))
        assert told([change]) == [(BREAKING, "enum-value-added", RESPONSE)]
        assert change.pointer.endswith("/schema/x-decrypted/enum")


def discriminated(*names: str, mapping: dict[str, str] | None = None, **keys: Any) -> Any:
    discriminator: dict[str, Any] = {"propertyName": "kind", **keys}
    if mapping is not None:
        discriminator["mapping"] = {k: f"#/components/schemas/{v}" for k, v in mapping.items()}
    return contract(
        response={"oneOf": [ref(name) for name in names], "discriminator": discriminator},
        components=schemas(
            **{name: {"type": "object", "properties": {"kind": TEXT, f"p{i}": TEXT, f"q{i}": TEXT}}
               for i, name in enumerate(names)}
        ),
    )  # fmt: skip


class TestDiscriminators:
    def test_a_name_that_is_also_the_value_breaks_when_it_changes(self) -> None:
        changes = compare(discriminated("Cat", "Dog"), discriminated("Cat", "Hound"))
        assert [(c.severity, c.message) for c in changes if c.direction] == [
            (BREAKING, "Hound means Hound"),
            (ADDITIVE, "Dog no longer means Hound"),
        ]

    def test_with_a_mapping_the_name_is_free(self) -> None:
        changes = compare(
            discriminated("Cat", "Dog", mapping={"cat": "Cat", "dog": "Dog"}),
            discriminated("Cat", "Hound", mapping={"cat": "Cat", "dog": "Hound"}),
        )
        assert [c.rule for c in changes] == ["component-renamed"]

    def test_a_value_more_for_one_alternative_is_more_that_may_come(self) -> None:
        old = discriminated("Cat", "Dog", mapping={"cat": "Cat", "dog": "Dog"})
        new = discriminated("Cat", "Dog", mapping={"cat": "Cat", "dog": "Dog", "d": "Dog"})
        assert told(compare(old, new)) == [(BREAKING, "discriminator-value-added", RESPONSE)]
        assert told(compare(new, old)) == [(ADDITIVE, "discriminator-value-removed", RESPONSE)]

    def test_another_property_breaks(self) -> None:
        change = only(discriminated("A", "B"), discriminated("A", "B", propertyName="type"))
        assert told([change]) == [(BREAKING, "discriminator-changed", RESPONSE)]

    def test_one_that_comes_helps_and_one_that_goes_is_missed(self) -> None:
        new = discriminated("A", "B")
        old = copy.deepcopy(new)
        content = old["paths"]["/swap"]["post"]["responses"]["200"]["content"]
        del content["application/json"]["schema"]["discriminator"]
        assert told(compare(old, new)) == [(ADDITIVE, "discriminator-changed", RESPONSE)]
        assert told(compare(new, old)) == [(BREAKING, "discriminator-changed", RESPONSE)]

    def test_the_mapping_of_a_base_counts(self) -> None:
        def base(*values: str) -> dict[str, Any]:
            mapping = dict.fromkeys(values, "#/components/schemas/A")
            discriminator = {"propertyName": "kind", "mapping": mapping}
            schema = {"type": "object", "discriminator": discriminator}
            return contract(response=schema, components=schemas(A=TEXT))

        change = only(base("a"), base("a", "b"))
        assert told([change]) == [(BREAKING, "discriminator-value-added", RESPONSE)]


class TestAlternatives:
    OBJECTS = schemas(
        A={"type": "object", "properties": dict.fromkeys(("a", "b", "c"), TEXT)},
        B={"type": "object", "properties": dict.fromkeys(("x", "y", "z"), TEXT)},
    )

    def test_one_that_is_renamed_moved_and_edited_is_still_the_same(self) -> None:
        old = contract(response={"oneOf": [ref("A"), ref("B")]}, components=self.OBJECTS)
        new = copy.deepcopy(old)
        named = new["components"]["schemas"]
        named["A2"] = named.pop("A")
        named["A2"]["properties"]["a"] = {"type": "integer"}
        content = new["paths"]["/swap"]["post"]["responses"]["200"]["content"]
        content["application/json"]["schema"]["oneOf"] = [ref("B"), ref("A2")]
        assert [c.rule for c in compare(old, new)] == ["type-changed", "component-renamed"]

    def test_one_with_nothing_in_common_is_another(self) -> None:
        components = schemas(**self.OBJECTS["schemas"], C={"type": "integer"})
        old = contract(response={"oneOf": [ref("A"), ref("B")]}, components=components)
        new = contract(response={"oneOf": [ref("B"), ref("C")]}, components=components)
        messages = {c.message for c in compare(old, new)}
        assert messages == {"alternative A is gone", "alternative C is new"}

    def test_a_schema_may_become_one_of_two(self) -> None:
        old = contract(response=ref("A"), components=self.OBJECTS)
        new = contract(response={"oneOf": [ref("A"), ref("B")]}, components=self.OBJECTS)
        assert told(compare(old, new)) == [(BREAKING, "alternative-added", RESPONSE)]
        assert told(compare(new, old)) == [(ADDITIVE, "alternative-removed", RESPONSE)]

    def test_alternatives_beside_keywords_are_a_condition(self) -> None:
        old = contract(TEXT | {"maxLength": 9})
        new = contract(TEXT | {"maxLength": 9, "anyOf": [{"pattern": "^a"}, {"pattern": "^b"}]})
        assert told(compare(old, new)) == [(BREAKING, "condition-changed", REQUEST)]
        assert told(compare(new, old)) == [(ADDITIVE, "condition-changed", REQUEST)]

    def test_null_may_come_as_one_more_alternative(self) -> None:
        old = contract(response={"oneOf": [ref("A"), ref("B")]}, components=self.OBJECTS)
        null = {"type": "null"}
        new = contract(response={"oneOf": [ref("A"), ref("B"), null]}, components=self.OBJECTS)
        change = only(old, new)
        assert told([change]) == [(BREAKING, "alternative-added", RESPONSE)]
        assert change.message == "alternative null is new"

    def test_exactly_one_is_narrower_than_some(self) -> None:
        one, some = (
            contract({keyword: [ref("A"), ref("B")]}, components=self.OBJECTS)
            for keyword in ("oneOf", "anyOf")
        )
        assert told(compare(some, one)) == [(BREAKING, "union-changed", REQUEST)]
        assert told(compare(one, some)) == [(ADDITIVE, "union-changed", REQUEST)]


def test_a_new_required_property_is_told_once() -> None:
    old = contract({"type": "object", "required": ["a"], "properties": {"a": TEXT}})
    new = contract({"type": "object", "required": ["a", "b"], "properties": {"a": TEXT, "b": TEXT}})
    change = only(old, new)
    assert change.message == "new required property b"
    assert change.severity is BREAKING
    change = only(new, old)
    assert change.message == "property b is gone"


def test_a_change_shared_by_operations_is_told_once_with_all_their_names() -> None:
    change = only(BASE, edited(BASE, {"/components/schemas/Answer/properties/url": GONE}))
    assert change.operations == ("read (GET /jobs/{id})", "submit (POST /jobs)")


def test_a_schema_that_contains_itself_is_compared_once() -> None:
    answer = "/components/schemas/Answer/properties"
    old = edited(BASE, {answer + "/parent": {"$ref": "#/components/schemas/Answer"}})
    assert only(old, edited(old, {answer + "/url": GONE})).rule == "property-removed"
