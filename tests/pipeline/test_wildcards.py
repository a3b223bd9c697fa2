"""No overlay action may touch an operation that nobody names: tomorrow's page is reached by it."""

from __future__ import annotations

from typing import Any

import pytest

from akool_pipeline.building import overlay
from akool_pipeline.documents import document
from akool_pipeline.errors import PipelineError

DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "paths": {
        "/a": {"get": {"operationId": "getA", "tags": ["x"], "responses": {"200": {}}}},
        "/b": {"post": {"operationId": "postB", "parameters": [{"name": "p"}, {"name": "q"}]}},
    },
    "webhooks": {"moved": {"post": {"operationId": "moved"}}},
}


def problems(*lines: str) -> list[str]:
    body = "overlay: 1.0.0\ninfo: {title: T, version: '1'}\nactions:\n"
    for line in lines:
        body += f"  - {{description: d, x-evidence: e, {line}}}\n"
    try:
        overlay.apply(DOCUMENT, overlay.read(document.parse(body.encode(), "o.yaml")))
    except PipelineError as error:
        return [str(problem) for problem in error.problems]
    return []


REACHING = {
    "every operation": ("$.paths.*.*", "GET /a, POST /b"),
    "every operation of a method": ("$.paths.*.get", "GET /a"),
    "every method of a path": ("$.paths['/a'].*", "GET /a"),
    "whatever is deep inside": ("$..responses", "GET /a"),
    "what a filter chooses by its look": ("$.paths.*[?@.tags]", "GET /a"),
    "a part of every operation": ("$.paths.*.*.parameters[0]", "POST /b"),
    "every webhook": ("$.webhooks.*.post", "POST moved"),
}


@pytest.mark.parametrize(("target", "names"), REACHING.values(), ids=REACHING.keys())
def test_an_action_whose_wildcard_reaches_an_unnamed_operation_is_refused(target, names) -> None:
    (problem,) = problems(f'target: "{target}", update: {{x-new: 1}}')
    assert problem.startswith("o.yaml:4: #/actions/0: its wildcard reaches " + names + ",")
    assert target in problem


def test_a_wildcard_that_reaches_what_contains_operations_is_refused_too() -> None:
    assert problems('target: "$.paths.*", remove: true') == []  # nothing is left to be named
    (problem,) = problems('target: "$.paths.*", update: {get: {x-new: 1}}', PATH_SUMMARY)
    assert "GET /a" in problem


PATH_SUMMARY = 'target: "$.paths.*", update: {summary: s}'
NAMING = {
    "names path and method": "target: \"$.paths['/a'].get\", update: {x-own: 1}",
    "names a part of the operation": "target: \"$.paths['/a'].get.responses\", update: {'201': {}}",
    "names both in the update": "target: $, update: {paths: {/a: {get: {x-own: 1}}}}",
    "names the method in the update": "target: \"$.paths['/a']\", update: {get: {x-own: 1}}",
    "names it by operationId": "target: \"$.paths.*[?@.operationId=='getA']\", update: {x-own: 1}",
    "names two paths": "target: \"$.paths['/a','/none'].get\", update: {x-own: 1}",
}


@pytest.mark.parametrize("line", NAMING.values(), ids=NAMING.keys())
def test_a_later_action_that_names_the_operation_settles_it(line: str) -> None:
    assert problems(line) == []
    assert problems('target: "$.paths.*.get", update: {x-new: 1}', line) == []


@pytest.mark.parametrize("line", NAMING.values(), ids=NAMING.keys())
def test_an_earlier_action_does_not(line: str) -> None:
    assert len(problems(line, 'target: "$.paths.*.get", update: {x-new: 1}')) == 1


def test_another_wildcard_does_not_name_what_the_first_one_reached() -> None:
    assert len(problems(*[f'target: "$.paths.*.get", update: {{x-{n}: 1}}' for n in "ab"])) == 1


def test_a_wildcard_inside_a_named_operation_is_free() -> None:
    line = "target: \"$.paths['/b'].post.parameters[*]\", update: {required: true}"
    assert problems(line) == []


def test_a_wildcard_over_what_is_no_operation_is_free() -> None:
    assert problems(PATH_SUMMARY) == []
