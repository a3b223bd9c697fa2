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
    return overlay.apply(DOCUMENT, actions(*texts)).data


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
    done = applied("target: $.paths['/a'].get.parameters[*]\n    remove: true")
    assert done["paths"]["/a"]["get"]["parameters"] == []


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


MOVED = {
    "a path": ("/api/v3/swap", "/api/v2/swap", True),
    "a quoted name": ("it's here", "it's there", True),
    "a name that is quite another": ("/api/v3/swap", "/credit", False),
}


@pytest.mark.parametrize(("old", "new", "is_told"), MOVED.values(), ids=MOVED.keys())
def test_a_stale_action_names_what_its_target_may_be_called_now(old, new, is_told) -> None:
    target = "\"$.paths['" + old.replace("'", "\\\\'") + "'].get\""
    data = {"paths": {new: {"get": {}}, "/api/v3/swop": {"get": {}}}}
    known = "target: $.paths['/api/v3/swop'].get\n    update: {operationId: other}"
    found = actions(f"target: {target}\n    update: {{operationId: x}}", known)
    with pytest.raises(PipelineError) as caught:
        overlay.apply(data, found)
    hint = f" (#/paths has no {old!r}, but {new!r})" if is_told else ""
    assert f"stale: it matches nothing any more{hint}; adapt" in str(caught.value)


def test_all_stale_actions_are_told_at_once() -> None:
    with pytest.raises(PipelineError) as caught:
        applied(*(text for text, _ in STALE.values()))
    assert [problem.pointer for problem in caught.value.problems] == [
        f"/actions/{index}" for index in range(len(STALE))
    ]


INFO = "info: {title: T, version: '1'}\n"
HEAD = f"overlay: 1.0.0\n{INFO}actions:\n"
REFUSED = {
    "another kind of document": ("openapi: 3.0.3\n", "is not an OpenAPI Overlay 1.0 document"),
    "no actions": (f"overlay: 1.0.0\n{INFO}actions: []\n", "#/actions: holds no actions"),
    "actions that are no list": (f"overlay: 1.0.0\n{INFO}actions: {{}}\n", "holds no actions"),
    "another version": (f"overlay: 1.1.0\n{INFO}actions: []\n", "Overlay 1.0 document"),
    "no info": ("overlay: 1.0.0\nactions: []\n", "needs an `info` with a `title`"),
    "no version": ("overlay: 1.0.0\ninfo: {title: T}\nactions: []\n", "with a `version`"),
    "an unknown field": (f"overlay: 1.0.0\n{INFO}action: []\n", "knows no `action`"),
    "no address": (f"overlay: 1.0.0\n{INFO}extends: 3\nactions: []\n", "address of a document"),
    "remove that is neither": (HEAD + "  - {target: $.a, remove: 1}\n", "must be true or false"),
    "one action twice": (
        HEAD + "  - {target: $.a, remove: true, description: d, x-evidence: e}\n" * 2,
        "the same action is already above",
    ),
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


def test_extensions_and_the_address_of_the_target_document_are_taken() -> None:
    text = f"overlay: 1.0.3\n{INFO}extends: ./a.yaml\nx-own: [1]\nactions:\n"
    text += "  - {target: $.a, remove: true, description: d, x-evidence: e, x-more: {}}\n"
    (action,) = overlay.read(document.parse(text.encode(), "o.yaml"))
    assert action.target == "$.a"


class TestWhoWroteWhat:
    """A place of the result leads back to the line of the overlay that wrote it."""

    def lines(self, pointer: str, *texts: str) -> int | None:
        done = overlay.apply(DOCUMENT, actions(*texts))
        written = done.writer(pointer)
        return written and written.author.overlay.line(written.source)

    def test_what_no_action_wrote_is_the_pages(self) -> None:
        text = "target: $.components.schemas.A\n    update: {title: T}"
        assert self.lines("/components/schemas/A/type", text) is None

    def test_what_is_below_a_written_value_is_its_writers(self) -> None:
        text = "target: $.components.schemas\n    update:\n      B:\n        required: [a]"
        assert self.lines("/components/schemas/B/required/0", text) == 7

    def test_the_last_writer_counts(self) -> None:
        texts = [
            f"target: $.components.schemas.A\n    update:\n      title: {word}" for word in "ab"
        ]
        assert self.lines("/components/schemas/A/title", *texts) == 11

    def test_an_entry_of_a_list_is_its_own_writers(self) -> None:
        text = "target: $.components.schemas.A\n    update:\n      required: [name]"
        assert self.lines("/components/schemas/A/required/1", text) == 6
        assert self.lines("/components/schemas/A/required/0", text) is None

    def test_what_replaced_a_written_value_is_no_longer_the_first_writers(self) -> None:
        first = "target: $.components.schemas\n    update: {B: {title: T}}"
        gone = "target: $.components.schemas.B\n    remove: true"
        done = overlay.apply(DOCUMENT, actions(first, gone))
        assert done.writer("/components/schemas/B") is None
        assert [action.index for action in done.removed.values()] == [1]
