"""The control plane: everything can be seen and set, but not by somebody else's web page."""

import itertools
import json

import pytest

import akool_openapi
from akool_mock import CLIENT_ID, Clock, MockError, Settings
from akool_mock._control.client import Control


def test_time_is_frozen_advanced_and_let_go(api):
    control = api.server.control
    assert control.clock().frozen
    assert control.advance(10.5).now == api.START + 10.5
    assert not control.resume().frozen
    assert control.freeze().frozen
    assert abs(control.real_time().offset_s) < 60


def test_what_time_was_advanced_by_is_told_exactly_though_real_time_goes_on():
    clock = Clock(source=map(float, itertools.count(1_800_000_000)).__next__)
    clock.advance(5)
    assert clock.state.offset_s == 5
    clock.advance(0.25)
    assert clock.state.offset_s == 5.25


@pytest.mark.parametrize("seconds", [-1, "soon", None, 1e300])
def test_time_does_not_go_back(api, seconds):
    with pytest.raises(MockError):
        api.server.control.advance(seconds)


def test_a_reset_forgets_everything_and_starts_from_the_seed(api):
    first = api.submit()
    api.server.control.add_account("other", "b" * 32)
    api.server.control.add_fault("http=502", operation="getCredit")
    api.server.control.configure(faces=4)
    api.server.control.reset()
    state = api.server.control.state()
    assert (state["jobs"], state["faults"], len(state["accounts"])) == (0, [], 1)
    assert state["settings"]["faces"] == 1
    assert api.credit() == 1000
    assert api.submit() == first
    api.server.control.reset(seed=5)
    assert api.submit() != first


def test_jobs_are_shown_newest_first_and_can_be_put_into_a_state(api):
    ids = [api.submit()["_id"] for _ in range(3)]
    control = api.server.control
    assert [job.id for job in control.jobs()] == ids[::-1]
    assert control.set_job(ids[0], 3).status == 3
    assert api.status(ids[0]) == 3
    assert control.job(ids[0]).cost == 4
    control.delete_job(ids[1])
    assert api.status(ids[1]) is None
    with pytest.raises(MockError, match="no job"):
        control.job(ids[1])


def test_jobs_can_be_made_in_bulk_for_nothing(api):
    made = api.server.control.call("POST", "jobs", {"count": 5000, "age_s": 60})
    assert (made["total"], len(made["jobs"])) == (5000, 1000)
    assert api.status(made["jobs"][0]) == 3
    assert api.credit() == 1000
    for sent in ({"count": 0}, {"count": 10**9}, {"count": 1, "age_s": -1}, {}):
        with pytest.raises(MockError):
            api.server.control.call("POST", "jobs", sent)


def test_credits_can_be_set(api):
    api.server.control.set_account(CLIENT_ID, credits=3)
    assert api.credit() == 3
    with pytest.raises(MockError, match="no account"):
        api.server.control.set_account("nobody", credits=3)


def test_settings_change_by_name_and_wrong_ones_are_refused(api):
    api.server.control.configure(queue_s=0, processing_s=0, extra_fields=True)
    assert "job_id" in api.listed(api.submit()["_id"])[0]
    for wrong in (
        {"nothing": 1},
        {"queue_s": "1"},
        {"queue_s": -1},
        {"faces": 1.5},
        {"extra_fields": 1},
        {"api_key": "x" * 16},
        {"failure_rate": 2},
        {"prices": {"swapImage": "dear"}},
        {"webhook_hosts": "example.com"},
        {"webhook_hosts": [1]},
        {"webhook_retry_s": [-1]},
        {"image_size": [0, 10]},
        {"image_size": [10]},
        {"video_size": ["a", 1]},
        {"expired_status": 99},
        {"error_status": {"1101": 1000}},
        {"faces": 51},
    ):
        with pytest.raises(MockError, match="setting"):
            api.server.control.configure(**wrong)


def test_settings_hold_no_credentials():
    assert {"client_id", "api_key"}.isdisjoint(Settings().as_json())


def test_the_journal_has_what_came_and_went_without_credentials(api):
    api.post(api.TOKEN, {"clientId": CLIENT_ID, "clientSecret": api.server.api_key})
    api.submit(x_akool_mock="latency=10")
    api.raw("GET", "/nowhere")
    entries = api.server.control.requests()
    assert [entry.number for entry in entries] == [1, 2, 3]
    assert [entry.operation for entry in entries] == ["getToken", "swapImage", ""]
    assert entries[1].fault == "latency=10"
    assert entries[1].account == CLIENT_ID
    assert json.loads(entries[1].response)["code"] == 1000
    assert api.server.api_key not in repr(entries)
    assert '"token":"***"' in entries[0].response
    assert api.server.control.requests(after=2)[0].path == "/nowhere"


def test_the_journal_is_bounded_in_number_and_size(make):
    api = make(journal=10, max_body=1 << 20)
    for _ in range(25):
        api.raw("POST", api.IMAGE, b"x" * 100_000)
    entries = api.server.control.requests()
    assert [entry.number for entry in entries] == list(range(16, 26))
    assert max(len(entry.request) for entry in entries) <= 4096
    url = api.submit()["url"]
    api.server.advance(3)
    picture = api.file(url)
    assert len(picture.content()) > 10_000
    assert max(len(response.body) for _, _, response, _ in api.sim.journal._entries) < 10_000
    assert sum(len(request.body) for _, request, _, _ in api.sim.journal._entries) < 100_000


def test_the_control_plane_is_not_in_the_journal(api):
    api.server.control.state()
    assert api.server.control.requests() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1", "host": "127.0.0.1:2"},
        {"host": "evil.example"},
        {"host": "localhost.evil.example"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
def test_other_origins_are_refused(api, headers):
    sent = {"host": "127.0.0.1:8970", **headers}
    for method in ("GET", "POST"):
        assert api.raw(method, "/_mock/state", **sent).status == 403


@pytest.mark.parametrize("host", ["127.0.0.1:8970", "localhost:1", "[::1]:80", "LOCALHOST"])
def test_the_own_origin_is_served(api, host):
    sent = {"host": host, "origin": f"http://{host}", "sec_fetch_site": "same-origin"}
    assert api.raw("GET", "/_mock/state", **sent).status == 200


def test_it_can_be_turned_off(make):
    api = make(control=False)
    assert api.raw("GET", "/_mock/state", host="localhost").status == 404
    assert api.submit()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/_mock/nothing", 404),
        ("DELETE", "/_mock/state", 405),
        ("POST", "/_mock/webhooks/x", 400),
        ("GET", "/_mock/requests?after=x", 400),
        ("GET", "/_mockstate", 404),
        ("GET", "/_mock/", 200),
        ("GET", "/_mock", 200),
    ],
)
def test_what_it_does_not_have_is_told(api, method, path, status):
    assert api.raw(method, path, host="localhost").status == status


@pytest.mark.parametrize("body", [b"{", b"[]", b"1", b'{"action": 7}', b'{"action": "x"}'])
def test_a_wrong_control_request_is_told(api, body):
    answer = api.raw("POST", "/_mock/clock", body, host="localhost")
    assert (answer.status, list(answer.json())) == (400, ["error"])


def test_the_vocabulary_of_faults_is_there(api):
    assert "http" in api.server.control.call("GET", "faults/vocabulary")


def test_control_of_a_server_that_is_not_there_says_so():
    with pytest.raises(MockError, match="no simulator answers"):
        Control.at("http://127.0.0.1:1").state()


def test_middleware_sees_every_contract_answer_and_may_change_it(api):
    seen = []

    def defect(request, response, sim):
        seen.append((request.path, sim is api.sim))
        response.body = response.body.replace(b"1000", b"1001")
        return response

    api.sim.middleware.append(defect)
    assert api.get(api.CREDIT)["code"] == 1001
    api.server.reset()
    assert api.get(api.CREDIT)["code"] == 1001
    assert seen == [(api.CREDIT, True)] * 2


def test_everything_can_be_paged_through_and_python_does(make):
    api = make(journal=5000, webhook_log=5000, queue_s=0, credits=1e9)
    body = api.image(webhookUrl="http://127.0.0.1:1/")
    ids = [api.submit(body)["_id"] for _ in range(1200)]
    control = api.server.control
    assert [job.id for job in control.jobs(limit=5000)] == ids[::-1]
    assert [job.id for job in control.jobs(limit=1001)] == ids[:198:-1]
    assert [job.id for job in control.jobs(limit=2, before=ids[10])] == [ids[9], ids[8]]
    assert [entry.number for entry in control.requests()] == list(range(1, 1201))
    assert [entry.number for entry in control.requests(after=10, limit=1100)] == [*range(11, 1111)]
    assert [view.number for view in control.webhooks()] == list(range(1, 2401))
    first = control.call("GET", "webhooks?limit=7")
    assert ([item["number"] for item in first["webhooks"]], first["cursor"]) == ([*range(1, 8)], 7)
    assert control.call("GET", f"webhooks?after={2400}")["cursor"] == 2400


@pytest.mark.parametrize("path", ["jobs?limit=-1", "requests?limit=-1", "webhooks?limit=-1"])
def test_a_page_is_not_negative(api, path):
    with pytest.raises(MockError, match="limit"):
        api.server.control.call("GET", path)


def test_jobs_before_one_that_is_not_there_cannot_be_told(api):
    with pytest.raises(MockError, match="no job"):
        api.server.control.jobs(before="a" * 24)


@pytest.mark.parametrize(
    ("path", "sent", "told"),
    [
        ("clock", {}, "action: one of advance, freeze, resume, real; not None"),
        ("clock", {"action": ["advance"]}, "action: one of"),
        ("clock", {"action": "advance"}, "seconds: a number is needed, and missing"),
        ("clock", {"action": "advance", "seconds": "x"}, "seconds: a number is needed, not 'x'"),
        ("accounts", {"client_id": 5}, "client_id: a text is needed, not 5"),
        ("jobs", {"count": 1.5}, "count: a whole number is needed, not 1.5"),
    ],
)
def test_a_wrong_control_request_is_told_in_words(api, path, sent, told):
    with pytest.raises(MockError) as caught:
        api.server.control.call("POST", path, sent)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("journal", -1, "from 0 up"),
        ("webhook_log", -5, "from 0 up"),
        ("rate_limit", -1, "from 0 up"),
        ("webhook_timeout_s", -1.0, "must be above 0"),
        ("idle_s", -1.0, "from 0 up"),
        ("queue_s", "soon", "a number is needed, not 'soon'"),
        ("control", "maybe", "true or false is needed"),
        ("prices", [1], "an object of numbers is needed"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_by_name(name, value, told):
    with pytest.raises(MockError) as caught:
        Settings().changed({name: value})
    assert name in str(caught.value)
    assert told in str(caught.value)


def test_jobs_are_made_for_any_operation_that_starts_some(api):
    for operation in ("swapImage", "swapVideo", "swapPlus"):
        sent = json.dumps({"count": 2, "operation": operation}).encode()
        made = api.raw("POST", "/_mock/jobs", sent).json()["jobs"]
        assert {api.sim.jobs[job].operation for job in made} == {operation}
    refused = api.raw("POST", "/_mock/jobs", b'{"count": 1, "operation": "getCredit"}')
    assert refused.status == 400
    assert "operation: one of swapImage" in refused.json()["error"]


def test_prices_are_the_contracts_unless_the_settings_have_others(make):
    prices = {
        operation["operationId"]: operation["x-price"]["credits"]
        for item in akool_openapi.load()["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "x-price" in operation
    }
    api = make()
    assert {name: api.sim.world.price(name) for name in prices} == prices
    assert make(prices={"swapImage": 1.5}).sim.world.price("swapImage") == 1.5
