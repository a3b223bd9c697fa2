"""Any contract: what it says is checked, and nothing that may cost is sent without leave."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace

import pytest
from typer.testing import CliRunner

import akool_openapi
from akool_contract._options import PROFILES, Options
from akool_contract._target.simulated import SimulatorTarget
from akool_contract._target.target import Capabilities
from akool_contract._wire.contract import Contract
from akool_contract._wire.http import Request, Response
from akool_contract._wire.known import KNOWN
from akool_contract.cli import app
from akool_contract.oracle.credentials import Credentials
from akool_contract.suite import verify
from akool_mock import Settings
from akool_openapi.operations import operations

KEY = "k" * 24
TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
ENVELOPE = {"success": "$response.body#/state == 'ok'", "text": "/hint", "data": "/data"}
STATUSES = {"queued": ["new"], "running": ["busy"], "succeeded": ["done"], "failed": ["broken"]}


def thing(required=None, /, **properties):
    """The schema of an object."""
    names = sorted(properties) if required is None else required
    return {"type": "object", "required": names, "properties": properties}


def answered(schema, example=None):
    media = {"schema": schema} | ({} if example is None else {"example": example})
    return {"200": {"description": "", "content": {"application/json": media}}}


def asked(schema, example):
    return {"required": True, "content": {"application/json": {
        "schema": schema, "example": example}}}  # fmt: skip


def enveloped(data):
    return thing(["state"], state=TEXT, hint=TEXT, data=data)


def document(paths, **more):
    every = {"openapi": "3.0.3", "info": {"title": "Made up", "version": "1"}, "paths": paths}
    return every | {"security": [{"key": []}], "components": {"securitySchemes": {
        "key": {"type": "apiKey", "in": "header", "name": "x-api-key"}}}} | more  # fmt: skip


PROMPT = thing(["prompt"], prompt={"type": "string", "minLength": 1}, size={**NUMBER, "minimum": 1})
WANTED = {"prompt": "a cat", "size": 3}
AVATAR = thing(["id", "status"], id=TEXT, status=TEXT, video=TEXT, why=TEXT, at=TEXT)


def test_what_tells_the_credit_is_known_by_its_answer_and_not_by_its_name():
    ours = akool_openapi.load()
    assert Contract(ours).credit == "getCredit"
    telling = enveloped(thing(credit=NUMBER))
    get = {"operationId": "purse", "responses": answered(telling)}
    assert Contract(document({"/a": {"get": get}})).credit == "purse"
    assert Contract(document({"/a": {"post": get}})).credit is None  # it may cost something


def one_by_one():
    """A job named in the path, by HTTP status and without an envelope; deleted by DELETE."""
    key = {"name": "id", "in": "path", "required": True, "schema": TEXT}
    return document({
        "/avatar/create": {"post": {
            "operationId": "createAvatar", "x-effect": "spends", "x-price": {"credits": 3},
            "requestBody": asked(PROMPT, WANTED), "responses": answered(thing(id=TEXT)),
            "x-job": {
                "id": "$response.body#/id",
                "poll": {"operationId": "readAvatar", "parameter": "$request.path.id",
                         "job": "$response.body#"},
                "fields": {"id": "/id", "status": "/status", "result": "/video", "reason": "/why",
                           "created": "/at"},
                "statuses": STATUSES,
                "delete": {"operationId": "dropAvatar", "parameter": "$request.path.id"},
            }}},
        "/avatar/{id}": {
            "parameters": [key],
            "get": {"operationId": "readAvatar", "x-effect": "reads",
                    "responses": answered(AVATAR)},
            "delete": {"operationId": "dropAvatar", "x-effect": "deletes",
                       "responses": {"204": {"description": ""}}},
        },
    })  # fmt: skip


def as_list():
    """Jobs that are asked for together, with several results each, in an envelope."""
    job = thing(["no", "stage"], no=TEXT, stage=TEXT, files={
        "type": "array", "items": thing(href=TEXT)})  # fmt: skip
    ids = {"name": "ids", "in": "query", "required": True, "schema": TEXT}
    return document({
        "/song": {"post": {
            "operationId": "makeSong", "x-effect": "spends", "x-price": {"credits": 5},
            "requestBody": asked(PROMPT, WANTED),
            "responses": answered(enveloped(thing(no=TEXT))),
            "x-job": {
                "id": "$response.body#/data/no",
                "poll": {"operationId": "songs", "parameter": "$request.query.ids",
                         "separator": ";", "job": "$response.body#/data/list"},
                "fields": {"id": "/no", "status": "/stage", "result": "/files",
                           "resultItem": "/href"},
                "statuses": STATUSES,
                "delete": {"operationId": "dropSongs", "parameter": "$request.body#/numbers",
                           "separator": ";"},
            }}},
        "/songs": {"get": {
            "operationId": "songs", "x-effect": "reads", "parameters": [ids],
            "responses": answered(enveloped(thing(list={"type": "array", "items": job})))}},
        "/songs/drop": {"post": {
            "operationId": "dropSongs", "x-effect": "deletes",
            "requestBody": asked(thing(numbers=TEXT), {"numbers": "a;b"}),
            "responses": answered(enveloped({"type": "object"}))}},
    }, **{"x-envelope": ENVELOPE})  # fmt: skip


def no_job():
    """What is paid and answered at once, what is free, and what only changes something."""
    return document({
        "/translate": {"post": {
            "operationId": "translate", "x-effect": "spends", "x-price": {"credits": 2},
            "requestBody": asked(PROMPT, WANTED),
            "responses": answered(enveloped(thing(words=TEXT)))}},
        "/voices": {"get": {
            "operationId": "voices", "x-effect": "reads",
            "responses": answered(enveloped({"type": "array", "items": thing(name=TEXT)}))}},
        "/profile": {"put": {
            "operationId": "rename", "x-effect": "changes",
            "requestBody": asked(thing(name=TEXT), {"name": "me"}),
            "responses": answered(enveloped(thing(name=TEXT)))}},
    }, **{"x-envelope": ENVELOPE})  # fmt: skip


SHAPES = {"one by one": one_by_one, "as a list": as_list, "no job": no_job}


def bare(contract):
    """The same pages before anybody wrote an extension."""
    if isinstance(contract, dict):
        return {k: bare(v) for k, v in contract.items() if not k.startswith("x-")}
    return [bare(part) for part in contract] if isinstance(contract, list) else contract


def on_the_mock(contract, defect=None, **options):
    target = SimulatorTarget(contract)
    if defect is not None:
        target.upstream = defect(target.upstream)
    return verify(target, Contract(contract), Options(profile=PROFILES["quick"], **options))


def found(report):
    return {violation.check for violation in report.violations}


def ran(report):
    return {run.check for run in report.checks if run.outcomes}


# -- with extensions --------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_a_mock_of_any_contract_conforms_to_it(shape):
    report = on_the_mock(SHAPES[shape]())
    assert report.violations == []
    assert report.exit_code == 0, report.error
    assert {"schema.answer", "wire.status", "wire.json"} <= ran(report)


def strange():
    """Lawful and seldom: fields called like keywords, references that lead into paths."""
    keyword = thing(
        [], default={"$ref": "#/components/schemas/Leaf"}, example={**TEXT, "nullable": True},
        enum={"$ref": "#/components/schemas/Leaf"}, nullable=TEXT, examples=NUMBER,
        exclusiveMinimum={"type": "boolean"}, properties={"$ref": "#/components/schemas/Leaf"},
        **{"$ref": TEXT},
    )  # fmt: skip
    here = "#/paths/~1things~1%7Ba-b%7D"
    answer = "/post/responses/200/content/application~1json/schema"
    return document({
        "/things/{a-b}": {
            "parameters": [{"name": "a-b", "in": "path", "required": True, "schema": NUMBER}],
            "post": {"operationId": "put", "x-effect": "reads",
                     "requestBody": asked(keyword, {"default": {"leaf": 1}, "nullable": "no"}),
                     "responses": answered(keyword)}},
        "/more/{a-b}": {
            "get": {"operationId": "more", "x-effect": "reads",
                    "parameters": [{"$ref": here + "/parameters/0"}],
                    "responses": answered({"type": "array", "items": {"$ref": here + answer}})}},
    }, components={
        "schemas": {"Leaf": thing(leaf=NUMBER)},
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "x-api-key"}},
    })  # fmt: skip


def test_names_like_keywords_and_references_into_paths_are_lawful():
    report = on_the_mock(strange())
    assert report.violations == []
    assert report.exit_code == 0, report.error
    assert {"schema.answer", "wire.status", "wire.json"} <= ran(report)


@pytest.mark.parametrize("status", ["404", "405", "501"])
def test_an_operation_that_documents_such_an_answer_alone_is_served(status):
    """Published contracts document 405 for a bad form, and nothing for success."""
    odd = {"operationId": "odd", "x-effect": "reads", "responses": {status: {"description": ""}}}
    plain = {"operationId": "plain", "responses": answered(thing(name=TEXT))}
    report = on_the_mock(document({"/odd": {"post": odd}, "/plain": {"get": plain}}))
    assert report.violations == []


def test_an_operation_that_documents_no_answer_may_answer_as_it_likes():
    silent = {"operationId": "silent", "x-effect": "reads"}
    plain = {"operationId": "plain", "responses": answered(thing(name=TEXT))}
    contract = document({"/silent": {"post": silent}, "/plain": {"get": plain}})
    assert on_the_mock(contract | {"openapi": "3.1.0"}).violations == []


def test_a_field_that_is_called_like_a_keyword_is_checked_like_another():
    contract = Contract(strange())
    operation = contract.operations["put"]
    assert not contract.response_errors(operation, 200, {"nullable": "a", "example": None})
    for field, value in {
        "nullable": 1, "example": 1, "examples": "a", "default": {"leaf": "a"}, "enum": {},
        "exclusiveMinimum": 1, "properties": 1, "$ref": 1,
    }.items():  # fmt: skip
        assert contract.response_errors(operation, 200, {field: value}), field
    more = contract.operations["more"]
    assert not contract.response_errors(more, 200, [{"enum": {"leaf": 1}}])
    assert contract.response_errors(more, 200, [{"enum": {"leaf": "a"}}])


@pytest.mark.parametrize("shape", ["one by one", "as a list"])
def test_jobs_of_any_contract_are_followed_to_their_end_and_deletion(shape):
    jobs = {"state.job-is-told", "state.job-ends", "state.job-is-deleted"}
    assert jobs <= ran(on_the_mock(SHAPES[shape]()))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_check_of_an_absent_operation_is_not_run_and_says_why(shape):
    report = on_the_mock(SHAPES[shape]())
    reasons = {entry.check: entry.reason for entry in report.not_run}
    assert "no operation of the contract tells the credit" in reasons["credits.reading-is-free"]
    assert "no operation" in reasons["state.machine"]
    assert "listResults" in reasons["state.submit-then-list"]
    assert not any("mistake" in reason or "stopped by" in reason for reason in reasons.values())


def changed(path, change):
    """A server whose answers to one path are changed, where they are successes."""

    def put_in_front(upstream):
        def answer(request):
            response = upstream(request)
            if not re.fullmatch(path, request.path) or response.status != 200:
                return response
            body = json.loads(response.body)
            before = copy.deepcopy(body)
            body = change(body, request) or body
            if body == before:
                return response
            content = json.dumps(body).encode()
            headers = [(k, v) for k, v in response.headers if k.lower() != "content-length"]
            return replace(response, headers=tuple(headers), body=content)

        return answer

    return put_in_front


def items_of(body):
    data = body.get("data")
    return data.get("list", []) if isinstance(data, dict) else [body]


def never_ends(body, _request):
    for item in items_of(body):
        for name in ("status", "stage"):
            if item.get(name) == "done":
                item[name] = "busy"


def goes_back():
    seen = set()

    def change(body, _request):
        for item in items_of(body):
            name = "status" if "status" in item else "stage"
            key = item.get("id") or item.get("no")
            if key in seen and item.get(name) == "done":
                item[name] = "new"
            elif item.get(name) == "done":
                seen.add(key)

    return change


def no_result(body, _request):
    for item in items_of(body):
        item.pop("video", None)
        if "files" in item:
            item["files"] = []


def same_id(body, _request):
    place = body.get("data", body)
    for name in ("id", "no"):
        if name in place:
            place[name] = "6650f0c0a1b2c3d4e5f60718"


def of_another(body, _request):
    for item in items_of(body):
        for name in ("id", "no"):
            if name in item:
                item[name] = "somebody-elses"


def not_deleted(upstream):
    def answer(request):
        if request.method == "DELETE":
            return Response(204)
        if request.path.endswith("/drop"):
            body = b'{"state": "ok", "hint": "", "data": {}}'
            return Response(200, (("content-type", "application/json"),), body)
        return upstream(request)

    return answer


JOB = "/avatar/(?!create)[^/]+|/songs"
SUBMIT = "/avatar/create|/song"
DEFECTS = {
    "a job that never ends": (changed(JOB, never_ends), "state.job-ends"),
    "a status that goes back": (None, "state.status-goes-forward"),
    "a success without a result": (changed(JOB, no_result), "state.success-has-url"),
    "one id for every job": (changed(SUBMIT, same_id), "state.ids-are-unique"),
    "another's job": (changed(JOB, of_another), "state.only-what-was-asked"),
    "a deletion that deletes nothing": (not_deleted, "state.deleted-stays-deleted"),
}


@pytest.mark.parametrize("shape", ["one by one", "as a list"])
@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_of_jobs_is_found_by_what_x_job_says(shape, name):
    defect, check = DEFECTS[name]
    report = on_the_mock(SHAPES[shape](), defect or changed(JOB, goes_back()))
    assert check in found(report)
    assert report.exit_code == 1


def number_for_state(body, _request):
    body["state"] = 200


def wrong_answer(body, _request):
    body["data"] = "nothing"


def crash(upstream):
    return lambda request: Response(500, (), b"Traceback (most recent call last)") if (
        request.body == b"{}"
    ) else upstream(request)  # fmt: skip


@pytest.mark.parametrize(
    ("defect", "check"),
    [
        (changed(".*", number_for_state), "schema.envelope"),
        (changed("/translate|/voices", wrong_answer), "schema.answer"),
        (changed("/voices", lambda *_: [1, 2]), "schema.envelope"),
        (crash, "wire.no-server-error"),
        (lambda up: lambda r: replace(up(r), headers=(("content-type", "text/html"),)),
         "wire.content-type"),
    ],
)  # fmt: skip
def test_a_defect_of_answers_is_found_where_nothing_starts_a_job(defect, check):
    assert check in found(on_the_mock(no_job(), defect))


def test_an_operation_that_is_only_called_like_one_of_ours_is_none():
    contract = as_list()
    contract["paths"]["/song"]["post"]["operationId"] = "swapImage"
    contract["paths"]["/songs"]["get"]["operationId"] = "listResults"
    contract["paths"]["/song"]["post"]["x-job"]["poll"]["operationId"] = "listResults"
    report = on_the_mock(contract)
    assert report.violations == []
    assert report.exit_code == 0, report.error
    reasons = {entry.check: entry.reason for entry in report.not_run}
    assert "another operation" in reasons["state.submit-then-list"]
    assert "state.job-ends" in ran(report)


def test_the_operations_whose_prose_rules_are_known_are_the_packaged_ones():
    there = {spec.name: (spec.method, spec.path) for spec in operations(akool_openapi.load())}
    assert there == KNOWN


def test_the_vendors_contract_with_a_product_more_is_checked_by_both():
    contract = akool_openapi.load()
    for more in (one_by_one(), no_job()):
        contract["paths"] |= more["paths"]
    for path, item in contract["paths"].items():
        for operation in item.values() if path in no_job()["paths"] else ():
            operation["x-envelope"] = ENVELOPE
    contract["paths"]["/avatar/create"]["post"]["x-envelope"] = None
    for method in ("get", "delete"):
        contract["paths"]["/avatar/{id}"][method]["x-envelope"] = None
    report = on_the_mock(contract)
    assert report.violations == []
    assert report.exit_code == 0, report.error
    assert {"state.job-ends", "credits.deducted-once", "credits.reading-is-free"} <= ran(report)


# -- leave ------------------------------------------------------------------------------------


class Recording:
    """A server that is not ours: it keeps every request, and the mock answers."""

    concurrent = False

    def __init__(self, contract, **allowed):
        self.inner = SimulatorTarget(contract, settings=Settings(credits=1e6))
        self.name, self.base_url = "recording", self.inner.base_url
        key = next(iter(self.inner.credentials.keys))
        self.credentials = Credentials(keys={key: "main"})
        self.capabilities = Capabilities(loopback=True, **allowed)
        self.requests: list[Request] = []
        self.created: set[str] = set()
        """Ids of every job that there ever was."""

    def send(self, request):
        self.requests.append(request)
        answer = self.inner.send(request)
        self.created |= set(self.inner.simulator.jobs)
        return answer

    def now(self):
        return self.inner.now()

    def wait(self, seconds):
        self.inner.wait(seconds)

    def close(self):
        self.inner.close()


def recorded(contract, options, **allowed):
    target = Recording(contract, **allowed)
    report = verify(target, Contract(contract), options)
    return target, report


QUICK = Options(profile=PROFILES["quick"])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("marked", [True, False])
def test_without_leave_nothing_is_sent_that_may_spend_delete_or_change(shape, marked):
    contract = SHAPES[shape]() if marked else bare(SHAPES[shape]())
    target, report = recorded(contract, QUICK)
    assert {request.method for request in target.requests} <= {"GET", "HEAD", "OPTIONS"}
    assert target.requests, "something harmless was asked"
    assert not target.inner.simulator.jobs
    assert report.violations == []
    assert not report.error


def test_a_get_that_spends_is_not_sent_either():
    contract = no_job()
    contract["paths"]["/voices"]["get"]["x-effect"] = "spends"
    target, _ = recorded(contract, QUICK)
    assert "/voices" not in {request.path for request in target.requests}


def test_a_post_that_is_said_to_read_needs_no_leave():
    contract = no_job()
    contract["paths"]["/translate"]["post"]["x-effect"] = "reads"
    target, report = recorded(contract, QUICK)
    assert "POST" in {request.method for request in target.requests}
    assert {request.path for request in target.requests if request.method != "GET"} == {
        "/translate"
    }
    assert report.violations == []


def test_leave_to_submit_is_none_to_delete_or_to_change():
    for shape in SHAPES.values():
        options = replace(QUICK, allow_submit=True, max_credits=100.0)
        target, _ = recorded(shape(), options, submit=True)
        spends = {(one.method, one.path) for one in operations(shape()) if one.effect == "spends"}
        sent = {(r.method, r.path) for r in target.requests if r.method not in ("GET", "HEAD")}
        assert sent <= spends


def test_leave_to_delete_is_for_jobs_of_the_run():
    options = replace(QUICK, allow_submit=True, allow_delete=True, max_credits=100.0)
    target, report = recorded(one_by_one(), options, submit=True, delete=True)
    dropped = [r.path.rpartition("/")[2] for r in target.requests if r.method == "DELETE"]
    assert set(dropped) & target.created
    assert all(name in target.created or name.endswith("deadbeef") for name in dropped)
    assert report.violations == []


@pytest.mark.parametrize(("price", "most"), [(0.0, 3), (10.0, 1)])
def test_a_budget_is_kept_by_x_price_or_by_price(price, most):
    options = replace(QUICK, allow_submit=True, max_credits=10.0, price=price)
    target, report = recorded(one_by_one(), options, submit=True)
    taken = [r for r in target.requests if r.path == "/avatar/create"]
    assert len(taken) >= 1
    assert len(target.created) <= most
    assert report.credits_spent <= 10.0
    assert any("budget" in entry.reason for entry in report.not_run)


# -- without extensions -----------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_pages_without_extensions_are_checked_by_what_applies(shape):
    report = on_the_mock(bare(SHAPES[shape]()))
    assert report.violations == []
    assert report.exit_code == 0, report.error
    assert {"schema.answer", "wire.json"} <= ran(report)
    assert "state.job-ends" not in ran(report)


# -- the command ------------------------------------------------------------------------------


def test_the_command_takes_a_contract(tmp_path):
    path = tmp_path / "contract.json"
    path.write_text(json.dumps(one_by_one()))
    done = CliRunner().invoke(app, ["--contract", str(path), "--profile", "quick", "--seed", "1"])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "{", '{"openapi": "3.0.3", "paths": {"/a": {"get": {"x-effect": "eats"}}}}',
     '{"openapi": "3.0.3", "paths": []}', '{"openapi": "3.0.3", "paths": {"/a": {"get": 3}}}',
     '{"openapi": "3.0.3", "paths": {"/a": {"post": {"x-job": {}}}}}'],
)  # fmt: skip
def test_what_is_no_contract_is_a_mistake_in_one_line(text, tmp_path):
    path = tmp_path / "contract.yaml"
    path.write_text(text)
    done = CliRunner().invoke(app, ["--contract", str(path)])
    assert done.exit_code == 2
    assert "contract" in done.output
    assert "Traceback" not in done.output
