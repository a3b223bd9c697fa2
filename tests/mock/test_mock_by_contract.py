"""State for operations that nobody wrote code for: what the contract's extensions say is done."""

import json

import pytest

import akool_openapi
from akool_faceswap.webhooks import unwrap
from akool_mock import Contract, MockError

OBJECT = {"type": "object"}
TEXT = {"type": "string"}


def operation(name, answer, *, request=None, parameters=(), status="200", **extensions):
    found = {
        "operationId": name,
        "parameters": list(parameters),
        "responses": {status: {"description": "", "content": {"application/json": answer}}},
        **{f"x-{key}": value for key, value in extensions.items()},
    }
    if request is not None:
        content = {"application/json": {"schema": request}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def parameter(name, place):
    return {"name": name, "in": place, "required": True, "schema": TEXT}


# One job at a time, by path; statuses are words; one result; deleted by id.
AVATAR = {
    "/avatars": {
        "post": operation(
            "createAvatar",
            {"example": {"ok": True, "avatar": {"id": "a", "state": "done", "film": "x"}}},
            request=OBJECT,
            status="201",
            effect="spends",
            price={"credits": 3},
            job={
                "id": "$response.body#/avatar/id",
                "poll": {
                    "operationId": "getAvatar",
                    "parameter": "$request.path.avatar_id",
                    "job": "$response.body#/avatar",
                },
                "fields": {
                    "id": "/id",
                    "status": "/state",
                    "result": "/film",
                    "reason": "/why",
                    "created": "/made_at",
                },
                "statuses": {
                    "queued": ["waiting"],
                    "running": ["rendering"],
                    "succeeded": ["done"],
                    "failed": ["broken"],
                },
                "resultLifetimeSeconds": 60,
                "delete": {
                    "operationId": "dropAvatar",
                    "parameter": "$request.path.avatar_id",
                },
            },
        )
        | {
            "callbacks": {
                "done": {
                    "{$request.body#/hook}": {"post": {"responses": {"200": {"description": ""}}}}
                }
            }
        }
    },
    "/avatars/{avatar_id}": {
        "parameters": [parameter("avatar_id", "path")],
        "get": operation(
            "getAvatar",
            {"example": {"ok": True, "avatar": {"id": "a", "state": "done", "made_at": 1}}},
        ),
        "delete": operation("dropAvatar", {"example": {"ok": True}}),
    },
}
# Many jobs at once; each has a list of results, as objects; statuses are numbers.
SONG = {
    "/songs": {
        "post": operation(
            "createSong",
            {"example": {"error": 0, "ids": ["s"]}},
            request=OBJECT,
            envelope={"success": "$response.body#/error == 0", "code": "/error", "text": "/text"},
            job={
                "id": "$response.body#/ids/0",
                "poll": {
                    "operationId": "listSongs",
                    "parameter": "$request.query.ids",
                    "separator": "|",
                    "job": "$response.body#/songs",
                },
                "fields": {
                    "id": "/key",
                    "status": "/stage",
                    "result": "/files",
                    "resultItem": "/at/url",
                },
                "statuses": {"running": [0], "succeeded": [1], "failed": [-1]},
            },
        ),
        "get": operation(
            "listSongs",
            {"schema": {"type": "object", "required": ["songs"], "properties": {
                "songs": {"type": "array", "items": {"type": "object", "required": ["key"]}}}}},
            parameters=[parameter("ids", "query")],
        ),
    },
}  # fmt: skip
# No job; costs by x-effect alone; another is unmarked and costs nothing here.
SESSION = {
    "/sessions": {
        "post": operation(
            "openSession", {"example": {"ok": False}}, request=OBJECT, effect="spends"
        ),
    },
    "/notes": {"post": operation("addNote", {"example": {"ok": True}}, request=OBJECT)},
}


def contract(*parts, envelope=True):
    document = {
        "openapi": "3.0.3",
        "security": [{"key": []}],
        "paths": {path: item for part in parts for path, item in part.items()},
    }
    if envelope:
        document["x-envelope"] = {
            "success": "$response.body#/ok == true", "code": "/fault/number", "text": "/fault/text"
        }  # fmt: skip
    return json.loads(json.dumps(document))


@pytest.fixture
def other(make):
    return make(contract=contract(AVATAR, SONG, SESSION), credits=10, queue_s=1, processing_s=2)


def test_a_job_is_polled_one_by_one_in_the_words_of_its_contract(other):
    body = json.dumps({"photo": "https://example.com/me-64x48.png"}).encode()
    made = other.raw("POST", "/avatars", body)
    assert made.status == 201
    job = made.json()["avatar"]["id"]
    assert made.json() == {"ok": True, "avatar": {"id": job, "state": "waiting", "film": ""}}
    seen = []
    for seconds in (1, 2):
        other.server.advance(seconds)
        seen.append(other.get(f"/avatars/{job}")["avatar"]["state"])
    assert seen == ["rendering", "done"]
    shown = other.get(f"/avatars/{job}")["avatar"]
    assert isinstance(shown["made_at"], int)
    path = shown["film"].partition("/final")
    assert other.raw("GET", f"/final{path[2]}").status == 200
    other.server.advance(60)
    assert other.raw("GET", f"/final{path[2]}").status == 404


def test_many_jobs_are_listed_at_once_with_lists_of_results(other):
    ids = [other.post("/songs", {})["ids"][0] for _ in range(3)]
    assert other.get(f"/songs?ids={ids[2]}|nobody|{ids[0]}")["songs"] == [
        {"key": ids[2], "stage": 0, "files": []},
        {"key": ids[0], "stage": 0, "files": []},
    ]
    other.server.advance(3)
    (song,) = other.get(f"/songs?ids={ids[1]}")["songs"]
    assert song["stage"] == 1
    assert [sorted(file) for file in song["files"]] == [["at"]]


def test_what_spends_is_charged_and_so_is_what_is_unmarked(other):
    account = other.sim.accounts.first
    other.post("/avatars", {})
    assert account.credits == 7
    assert other.post("/sessions", {}) == {"ok": True}
    assert account.credits == 6
    other.post("/notes", {})
    assert account.credits == 5
    other.post("/songs", {})
    assert account.credits == 4
    other.get("/songs?ids=a")
    assert account.credits == 4


def test_what_costs_nothing_by_its_effect_is_not_charged(make):
    document = contract(SESSION)
    document["paths"]["/notes"]["post"]["x-effect"] = "changes"
    api = make(contract=document, credits=1)
    for _ in range(3):
        assert api.post("/notes", {}) == {"ok": True}
    assert api.sim.accounts.first.credits == 1


def test_a_paid_answer_that_is_no_json_is_served_as_it_is(make):
    document = contract(SESSION)
    post = document["paths"]["/notes"]["post"]
    post["responses"] = {"201": {"description": "", "content": {"text/csv": {"example": "a,b"}}}}
    document["paths"]["/sessions"]["post"]["responses"] = {"204": {"description": ""}}
    api = make(contract=document, credits=9)
    answer = api.raw("POST", "/notes", b"{}")
    assert (answer.status, answer.body) == (201, b"a,b")
    answer = api.raw("POST", "/sessions", b"{}")
    assert (answer.status, answer.body) == (204, b"")
    assert api.sim.accounts.first.credits == 7


@pytest.mark.parametrize("path", ["/avatars", "/notes"])
def test_what_cannot_be_made_up_is_a_501_that_says_why(make, path):
    document = contract(AVATAR, SESSION)
    for code, response in document["paths"][path]["post"]["responses"].items():
        response["content"] = {"application/json": {"schema": {
            "type": "object", "required": ["token"],
            "properties": {"token": {"type": "string", "pattern": "^(?=x)y$"}}}}}  # fmt: skip
        assert code
    api = make(contract=document)
    answer = api.raw("POST", path, b"{}")
    assert answer.status == 501
    assert b"pattern" in answer.body
    assert not api.sim.failures


def test_a_refusal_is_told_in_the_contracts_envelope(other):
    for _ in range(3):
        other.post("/avatars", {})
    refused = other.post("/avatars", {})
    assert refused["ok"] is False
    assert refused["fault"]["number"] == 1006
    assert len(other.sim.jobs) == 3
    assert other.get("/songs", x_api_key="")["fault"]["number"] == 1102
    assert other.post("/songs", {}, x_api_key="")["error"] == 1102
    assert other.get("/avatars/nobody")["ok"] is False


def test_without_an_envelope_the_http_status_tells(make):
    api = make(contract=contract(SESSION, envelope=False), credits=1)
    assert api.raw("POST", "/sessions", b"{}").status == 200
    assert api.raw("POST", "/sessions", b"{}").status == 402
    assert api.raw("POST", "/sessions", b"{}", x_api_key="").status == 401
    assert api.raw("POST", "/sessions", b"no json").status == 400


def test_a_deleted_job_is_gone_and_another_accounts_is_not(other):
    job = other.raw("POST", "/avatars", b"{}").json()["avatar"]["id"]
    other.server.control.add_account("second", "0123456789abcdef")
    assert other.raw("DELETE", f"/avatars/{job}", x_api_key="0123456789abcdef").status == 200
    assert other.get(f"/avatars/{job}", x_api_key="0123456789abcdef")["ok"] is False
    assert other.get(f"/avatars/{job}")["ok"] is True
    assert other.raw("DELETE", f"/avatars/{job}").json() == {"ok": True}
    assert other.get(f"/avatars/{job}")["ok"] is False


def test_a_failed_job_says_so_in_the_words_of_its_contract(other):
    made = other.raw("POST", "/avatars", b"{}", x_akool_mock="job=failed").json()
    other.server.advance(3)
    shown = other.get(f"/avatars/{made['avatar']['id']}")["avatar"]
    assert shown["state"] == "broken"
    assert shown["why"]


def test_poll_faults_befall_the_poll_whatever_it_is_called(other):
    made = other.raw("POST", "/avatars", b"{}", x_akool_mock="poll-http=503").json()
    path = f"/avatars/{made['avatar']['id']}"
    assert [other.raw("GET", path).status for _ in range(2)] == [503, 200]


def test_webhooks_go_where_the_contracts_callback_says(other):
    seen = []
    other.sim.receiver = lambda url, _body: seen.append(url) or 200
    other.raw("POST", "/avatars", json.dumps({"hook": "http://127.0.0.1/x"}).encode())
    other.server.advance(3)
    assert seen == ["http://127.0.0.1/x"] * 2


def hooked(schema, **media):
    """The avatars, whose callback has a body."""
    document = contract(AVATAR)
    hook = document["paths"]["/avatars"]["post"]["callbacks"]["done"]["{$request.body#/hook}"]
    hook["post"]["requestBody"] = {"content": {"application/json": {"schema": schema, **media}}}
    return document


EVENT = {
    "type": "object",
    "required": ["id", "state", "by"],
    "properties": {
        "id": TEXT,
        "state": {"enum": ["waiting", "rendering", "done", "broken"]},
        "film": TEXT,
        "by": {"const": "avatars"},
        "_id": TEXT,
        "type": {"enum": ["avatar"]},
    },
}


def posted(api, body=b'{"hook": "http://127.0.0.1/x"}', **headers):
    """The webhooks of one job."""
    seen = []
    api.sim.receiver = lambda _url, body: seen.append(json.loads(body)) or 200
    job = api.raw("POST", "/avatars", body, **headers).json()["avatar"]["id"]
    api.server.advance(9)
    return job, seen


def test_a_webhook_says_what_the_callbacks_schema_and_x_job_name(make):
    job, seen = posted(make(contract=hooked(EVENT), queue_s=1, processing_s=2))
    assert [event["state"] for event in seen] == ["rendering", "done"]
    assert [bool(event["film"]) for event in seen] == [False, True]
    assert {event["id"] for event in seen} == {job}
    assert {event["by"] for event in seen} == {"avatars"}


def test_a_webhook_in_the_platforms_words_is_filled_in_too(make):
    words = {"_id": TEXT, "status": TEXT, "url": TEXT, "type": {"enum": ["avatar"]}}
    schema = {"type": "object", "properties": words}
    job, seen = posted(make(contract=hooked(schema), queue_s=1, processing_s=2))
    assert [event["status"] for event in seen] == ["rendering", "done"]
    assert [bool(event["url"]) for event in seen] == [False, True]
    assert {(event["_id"], event["type"]) for event in seen} == {(job, "avatar")}


def test_a_webhooks_example_is_filled_in(make):
    example = {"id": "a", "state": "done", "why": "-", "more": [1]}
    api = make(contract=hooked({"type": "object"}, example=example), queue_s=1, processing_s=2)
    job, seen = posted(api, x_akool_mock="job=failed")
    assert seen[-1]["id"] == job
    assert seen[-1]["state"] == "broken"
    assert seen[-1]["why"]
    assert seen[-1]["more"] == [1]
    assert "film" not in seen[-1]


def test_an_event_of_the_platforms_envelope_is_encrypted(make):
    envelope = {"type": "object", "properties": {"dataEncrypt": {"x-decrypted": EVENT}}}
    api = make(contract=hooked(envelope), queue_s=1, processing_s=2)
    job, seen = posted(api)
    account = api.sim.accounts.first
    for body, state in zip(seen, ["rendering", "done"], strict=True):
        event = unwrap(
            json.dumps(body).encode(),
            client_id=account.client_id,
            client_secret=account.api_key,
            tolerance_ms=None,
        ).raw
        assert (event["id"], event["_id"], event["state"]) == (job, job, state)
        assert event["type"] == "avatar"


def test_an_extension_of_another_form_is_refused_at_the_start():
    document = contract(SESSION)
    document["paths"]["/notes"]["post"]["x-effect"] = "steals"
    with pytest.raises(MockError, match="addNote"):
        Contract(document)


@pytest.fixture
def elsewhere(make):
    """Face swap under other paths: by name the operations are ours, by path they are nobody's."""
    document = akool_openapi.load()
    document["paths"] = {f"/other{path}": item for path, item in document["paths"].items()}
    return make(contract=document, credits=100, queue_s=1, processing_s=2)


@pytest.mark.parametrize("which", ["IMAGE", "VIDEO", "PRO", "PLUS"])
def test_the_four_swaps_need_no_code_of_their_own_to_have_state(elsewhere, which):
    api, path = elsewhere, getattr(elsewhere, which)
    made = api.post(f"/other{path}", api.bodies(webhookUrl="http://127.0.0.1/x")[path])
    assert made["code"] == 1000
    job, seen = made["data"]["_id"], []
    for seconds in (0, 1, 2):
        api.server.advance(seconds)
        (item,) = api.get(f"/other{api.LIST}?_ids={job},nobody")["data"]["result"]
        assert item["_id"] == job
        seen.append(item["faceswap_status"])
    assert seen == [1, 2, 3]
    assert api.file(item["url"]).status == 200
    assert api.sim.accounts.first.credits == 100 - api.sim.world.price(api.sim.jobs[job].operation)
    assert api.post(f"/other{api.DELETE}", {"_ids": job})["code"] == 1000
    assert api.get(f"/other{api.LIST}?_ids={job}")["data"]["result"] == []
    assert api.file(item["url"]).status == 404
