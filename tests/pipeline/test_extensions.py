"""The extension keys: their schemas, and the one reader that client, mock and suite share."""

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_openapi import extension_schemas, load
from akool_openapi.operations import (
    MISSING,
    Effect,
    Envelope,
    Expression,
    ExtensionError,
    JobSpec,
    Phase,
    at,
    effect_of,
    operations,
    same,
)

SCHEMAS = extension_schemas()
SPECS = {spec.name: spec for spec in operations(load())}
JOB = {
    "id": "$response.body#/data/task~1id",
    "poll": {
        "operationId": "taskDetail",
        "parameter": "$request.query.id",
        "job": "$response.body#/data",
    },
    "fields": {"status": "/state", "result": "/files", "resultItem": "/url"},
    "statuses": {"running": ["busy", True], "succeeded": ["done", 1], "failed": ["broken"]},
}


def valid(key: str, value: object) -> bool:
    return jsonschema_rs.validator_for(SCHEMAS[key]).is_valid(value)


@pytest.mark.parametrize("key", SCHEMAS)
def test_every_extension_schema_is_a_json_schema_that_says_what_the_key_is_for(key: str) -> None:
    jsonschema_rs.meta.validate(SCHEMAS[key])
    assert SCHEMAS[key]["title"] == key
    assert SCHEMAS[key]["description"]


def test_every_extension_of_the_contract_fits_its_schema() -> None:
    document = load()
    places = [(key, value) for key, value in document.items() if key in SCHEMAS]
    places += [
        (key, value)
        for spec in SPECS.values()
        for key, value in spec.data.items()
        if key in SCHEMAS
    ]
    assert {key for key, _ in places} == set(SCHEMAS)
    assert not [key for key, value in places if not valid(key, value)]


def test_what_spends_in_the_contract_is_what_starts_a_job() -> None:
    spending = {name for name, spec in SPECS.items() if spec.effect is Effect.SPENDS}
    assert spending == {name for name, spec in SPECS.items() if spec.job}
    assert all(SPECS[name].price for name in spending)


def test_operations_that_a_job_names_are_in_the_contract() -> None:
    for spec in SPECS.values():
        for address in (spec.job.poll, spec.job.delete) if spec.job else ():
            assert address is None or address.operation in SPECS


@pytest.mark.parametrize(
    ("method", "effect"),
    [("get", Effect.READS), ("HEAD", Effect.READS), ("post", Effect.SPENDS)]
    + [(method, Effect.SPENDS) for method in ("put", "patch", "delete", "options", "trace")],
)
def test_an_unmarked_operation_spends_unless_it_is_get_or_head(method: str, effect: Effect) -> None:
    assert effect_of(method, {}) is effect


@pytest.mark.parametrize("word", ["free", "", 1, ["reads"], "READS"])
def test_an_unknown_effect_is_refused_and_never_read_as_free(word: object) -> None:
    assert not valid("x-effect", word)
    with pytest.raises(ExtensionError, match="reads, spends, deletes, changes"):
        effect_of("post", {"x-effect": word})


# RFC 6901, section 5.
RFC6901 = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "i\\j": 5, " ": 7, "m~n": 8}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("", RFC6901), ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1)]
    + [("/c%d", 2), ("/e^f", 3), ("/i\\j", 5), ("/ ", 7), ("/m~0n", 8)]
    + [(p, MISSING) for p in ("/foo/00", "/foo/-", "/foo/2", "/foo/-1", "/bar", "/a~1b/x")],
)
def test_a_json_pointer_leads_where_its_standard_says(pointer: str, value: object) -> None:
    assert at(RFC6901, pointer) == value


@given(st.dictionaries(st.text(), st.integers(), min_size=1))
def test_any_key_can_be_pointed_at(value: dict[str, int]) -> None:
    for key, number in value.items():
        assert at(value, "/" + key.replace("~", "~0").replace("/", "~1")) == number


def test_true_is_not_one() -> None:
    assert same(1, 1.0)
    assert not same(1, True)  # noqa: FBT003 - the value is the point
    assert JobSpec.read(JOB).phase(True) is Phase.RUNNING  # noqa: FBT003 - the value is the point
    assert JobSpec.read(JOB).phase(1) is Phase.SUCCEEDED


@pytest.mark.parametrize(
    ("criterion", "good", "bad"),
    [
        ("$response.body#/code == 1000", {"code": 1000}, {"code": 1003}),
        ("$response.body#/success == true", {"success": True}, {"success": 1}),
        ("$response.body#/state == 'ok'", {"state": "ok"}, {"state": "OK"}),
        ("$response.body#/a~1b == 0", {"a/b": 0}, {}),
    ],
)
def test_an_envelope_tells_success_by_its_criterion(
    criterion: str, good: object, bad: object
) -> None:
    assert valid("x-envelope", {"success": criterion})
    envelope = Envelope.read({"success": criterion})
    assert envelope.succeeded(good)
    assert not envelope.succeeded(bad)
    assert not envelope.succeeded(None)


@given(st.one_of(st.text(), st.from_regex(r"\$response\.body#/\w+ (==|!=) \S+", fullmatch=True)))
def test_schema_and_reader_take_the_same_criteria(criterion: str) -> None:
    try:
        Envelope.read({"success": criterion})
    except ExtensionError:
        assert not valid("x-envelope", {"success": criterion})
    else:
        assert valid("x-envelope", {"success": criterion})


def test_a_job_is_found_in_a_list_and_alone() -> None:
    job = JobSpec.read(JOB)
    assert valid("x-job", JOB)
    assert job.jobs_in({"data": {"state": "busy"}}) == [{"state": "busy"}]
    assert job.jobs_in({"data": [{"state": "busy"}]}) == [{"state": "busy"}]
    assert job.jobs_in({"data": None}) == []
    assert job.jobs_in([]) == []


def test_results_are_addresses_wherever_the_list_keeps_them() -> None:
    one, two = "https://cdn.example/1", "https://cdn.example/2"
    of_objects = JobSpec.read(JOB)
    assert of_objects.results_of({"files": [{"url": one}, {"url": two}, {}, None]}) == [one, two]
    plain = JobSpec.read({**JOB, "fields": {"status": "/state", "result": "/files"}})
    assert plain.results_of({"files": [one, "", None]}) == [one]
    assert plain.results_of({"files": one}) == [one]
    assert JobSpec.read({**JOB, "fields": {"status": "/state"}}).results_of({"files": one}) == []


WORDS = ["id", "poll", "fields", "statuses", "operationId", "parameter", "job", "status"]
ANYTHING = st.recursive(
    st.none() | st.text() | st.booleans(),
    lambda inner: st.dictionaries(st.sampled_from(WORDS), inner),
)


@given(ANYTHING)
def test_whatever_stands_in_x_job_one_error_says_so(value: object) -> None:
    assert not valid("x-job", value)
    with pytest.raises(ExtensionError):
        JobSpec.read(value)  # type: ignore[arg-type] # hostile on purpose


@pytest.mark.parametrize(
    "text",
    [
        "$response.body#/data/_id",
        "$response.header.Location",
        "$request.query._ids",
        "$request.path.id",
        "$request.body#/_ids",
    ],
)
def test_a_runtime_expression_is_written_as_it_was_read(text: str) -> None:
    assert str(Expression.parse(text)) == text
