"""Repairs: each says why, and one that no longer does anything fails the build."""

from __future__ import annotations

from typing import Any

import pytest

from akool_pipeline.building import overlay
from akool_pipeline.documents import document
from akool_pipeline.errors import PipelineError

DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "paths": {"/a": {"get": {"tags": ["A"], "parameters": [{"name": "x"}, {"name": "y"}]}}},
    "components": {"schemas": {"A": {"type": "object", "required": ["id"]}}},
}


def actions(*texts: str) -> list[overlay.Action]:
    body = "overlay: 1.0.0\ninfo: {title: T, version: '1'}\nactions:\n"
    for text in texts:
        body += f"  - {text}\n    description: Why.\n    x-evidence: How we know.\n"
    return overlay.read(document.parse(body.encode(), "o.yaml"))


def applied(*texts: str) -> dict[str, Any]:
    return overlay.apply(DOCUMENT, actions(*texts))


def test_an_update_adds_to_an_object() -> None:
    done = applied("target: $.components.schemas.A\n    update: {title: T}")
    assert done["components"]["schemas"]["A"] == {
        "type": "object",
        "required": ["id"],
        "title": "T",
    }


def test_an_update_reaches_an_array_element() -> None:
    done = applied("target: $.paths['/a'].get.parameters[1]\n    update: {required: true}")
    assert done["paths"]["/a"]["get"]["parameters"] == [
        {"name": "x"},
        {"name": "y", "required": True},
    ]


def test_a_remove_takes_what_the_target_matches_everywhere() -> None:
    done = applied("target: $.paths.*.*.tags\n    remove: true")
    assert "tags" not in done["paths"]["/a"]["get"]


def test_actions_apply_in_order_and_leave_the_input_alone() -> None:
    before = repr(DOCUMENT)
    done = applied(
        "target: $.components.schemas.A.required\n    remove: true",
        "target: $.components.schemas.A\n    update: {required: [name]}",
    )
    assert done["components"]["schemas"]["A"]["required"] == ["name"]
    assert repr(DOCUMENT) == before


def test_two_uses_of_one_update_do_not_share_their_value() -> None:
    done = applied(
        "target: $.paths['/a'].get.parameters[*]\n    update: {schema: {type: string}}",
        "target: $.paths['/a'].get.parameters[0].schema\n    update: {minLength: 1}",
    )
    assert done["paths"]["/a"]["get"]["parameters"][1]["schema"] == {"type": "string"}


STALE = {
    "matches nothing": (
        "target: $.paths['/gone'].get\n    update: {operationId: x}",
        "stale: it matches nothing any more; adapt or delete the action (target $.paths['/gone']",
    ),
    "the vendor did it": (
        "target: $.components.schemas.A\n    update: {type: object}",
        "stale: it changes nothing, the page says so itself by now; delete the action",
    ),
    "removes nothing": (
        "target: $.components.schemas.B\n    remove: true",
        "stale: it matches nothing any more",
    ),
    "no JSONPath": ("target: '$.paths['\n    remove: true", "cannot be applied"),
}


@pytest.mark.parametrize(("text", "message"), STALE.values(), ids=STALE.keys())
def test_an_action_that_does_nothing_fails_and_is_named(text: str, message: str) -> None:
    with pytest.raises(PipelineError) as caught:
        applied(text)
    assert message in str(caught.value)
    assert str(caught.value).startswith("o.yaml:4: #/actions/0: ")


def test_all_stale_actions_are_told_at_once() -> None:
    with pytest.raises(PipelineError) as caught:
        applied(*(text for text, _ in STALE.values()))
    assert [problem.pointer for problem in caught.value.problems] == [
        f"/actions/{index}" for index in range(len(STALE))
    ]


HEAD = "overlay: 1.0.0\nactions:\n"
REFUSED = {
    "another kind of document": ("openapi: 3.0.3\n", "is not an OpenAPI Overlay 1.0 document"),
    "no actions": ("overlay: 1.0.0\nactions: []\n", "#/actions: holds no actions"),
    "no target": (HEAD + "  - remove: true\n", "an action needs a `target`"),
    "neither update nor remove": (HEAD + "  - target: $\n", "either `update` or `remove: true`"),
    "both": (HEAD + "  - {target: $, update: {}, remove: true}\n", "either `update` or"),
    "a misspelled key": (
        HEAD + "  - {target: $, remove: true, updates: 1}\n",
        "an action knows no `updates`",
    ),
    "no reason": (HEAD + "  - {target: $, remove: true}\n", "an action needs a `description`"),
    "no evidence": (
        HEAD + "  - {target: $, remove: true, description: d}\n",
        "an action needs a `x-evidence`",
    ),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_an_overlay_that_says_too_little_is_refused(text: str, message: str) -> None:
    with pytest.raises(PipelineError, match=r"o\.yaml") as caught:
        overlay.read(document.parse(text.encode(), "o.yaml"))
    assert message in str(caught.value)
