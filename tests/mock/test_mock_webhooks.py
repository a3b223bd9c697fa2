"""Webhooks: sealed as documented, at each documented state, again until answered 200."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import pytest
from tests.web_server import web_server

import akool_openapi
from akool_faceswap import webhooks
from akool_mock import API_KEY, CLIENT_ID, MockError, Settings
from akool_mock._contract.schema import Validator
from akool_mock._webhooks.deliver import Refused, post

HOOK = "http://127.0.0.1:9/hook"
CONTRACT = akool_openapi.load()


class Inbox:
    """A receiver without a socket: keeps what comes, answers what it is told to."""

    def __init__(self, api, answers=()):
        self.api = api
        self.answers = list(answers)
        self.bodies = []
        self.times = []
        api.sim.receiver = self

    def __call__(self, _url, body):
        self.bodies.append(body)
        self.times.append(self.api.server.clock.time())
        return self.answers.pop(0) if self.answers else 200

    def event(self, index=-1):
        return webhooks.unwrap(
            self.bodies[index],
            client_id=CLIENT_ID,
            client_secret=API_KEY,
            now=lambda: self.times[index],
        )

    @property
    def statuses(self):
        return [int(self.event(index).status) for index in range(len(self.bodies))]


def submit(api, **headers):
    return api.submit(api.image(webhookUrl=HOOK), **headers)


def test_each_documented_state_is_reported_once_when_it_begins(api):
    inbox, job = Inbox(api), submit(api)
    assert inbox.statuses == []
    api.server.advance(1)
    assert inbox.statuses == [2]
    api.server.advance(2)
    api.server.advance(1000)
    assert inbox.statuses == [2, 3]
    event = inbox.event()
    assert (event.id, event.type, event.url) == (job["_id"], "faceswap", job["url"])
    assert inbox.event(0).url is None


def test_a_failure_is_reported_as_4_without_an_address(api):
    inbox = Inbox(api)
    submit(api, x_akool_mock="job=failed")
    api.server.advance(10)
    assert inbox.statuses == [2, 4]
    assert inbox.event().url is None


def test_envelope_and_event_keep_the_contract(api):
    inbox = Inbox(api)
    submit(api)
    api.server.advance(10)
    schemas = CONTRACT["components"]["schemas"]
    for index, body in enumerate(inbox.bodies):
        envelope = Validator(CONTRACT, schemas["WebhookEnvelope"])
        assert envelope.first_error(json.loads(body)) is None
        event = Validator(CONTRACT, schemas["WebhookEvent"])
        assert event.first_error(dict(inbox.event(index).raw)) is None


def test_what_is_not_answered_200_comes_again_later_and_later(make):
    api = make(webhook_retry_s=(1.0, 5.0, 30.0))
    inbox = Inbox(api, [500, 201, 302])
    submit(api, x_akool_mock="job=queued")
    assert inbox.bodies == []
    submit(api, x_akool_mock="job=stuck")
    for _ in range(60):
        api.server.advance(1)
    begun = api.START + 1
    assert inbox.times == [begun, begun + 1, begun + 6, begun + 36]
    assert inbox.statuses == [2, 2, 2, 2]
    log = api.server.control.webhooks()
    assert [outcome for _, outcome in log[0].attempts] == [500, 201, 302, 200]
    assert log[0].state == "delivered"


def test_it_is_given_up_in_the_end(make):
    api = make(webhook_retry_s=(1.0,))
    inbox = Inbox(api, [500] * 10)
    submit(api, x_akool_mock="job=stuck")
    api.server.advance(100)
    api.server.advance(100)
    assert len(inbox.bodies) == 2
    assert api.server.control.webhooks()[0].state == "failed"
    assert len(api.sim.outbox) == 0


def test_nobody_is_told_about_a_deleted_job(api):
    inbox, job = Inbox(api), submit(api)
    api.post(api.DELETE, {"_ids": job["_id"]})
    api.server.advance(10)
    assert inbox.bodies == []


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        ("webhook=lost", []),
        ("webhook=doubled", [2, 2, 3, 3]),
        ("webhook=disordered", [3, 2]),
    ],
)
def test_webhooks_can_go_wrong_on_request(api, fault, statuses):
    inbox = Inbox(api)
    submit(api, x_akool_mock=fault)
    api.server.advance(10)
    assert inbox.statuses == statuses


def test_webhooks_can_be_late(api):
    inbox = Inbox(api)
    submit(api, x_akool_mock="webhook=late,late=30000")
    api.server.advance(30)
    assert inbox.statuses == []
    api.server.advance(3)
    assert inbox.statuses == [2, 3]


def test_webhooks_can_be_badly_signed(api):
    inbox = Inbox(api)
    submit(api, x_akool_mock="webhook=unsigned")
    api.server.advance(10)
    assert len(inbox.bodies) == 2
    with pytest.raises(webhooks.WebhookSignatureError):
        inbox.event()


def test_a_logged_webhook_can_be_sent_again(api):
    inbox = Inbox(api)
    submit(api)
    api.server.advance(10)
    api.server.control.redeliver(1)
    assert inbox.statuses == [2, 3, 2]
    with pytest.raises(MockError, match="77"):
        api.server.control.redeliver(77)


def test_a_forced_state_is_reported_instead_of_the_plan(api):
    inbox, job = Inbox(api), submit(api)
    api.server.advance(1)
    api.server.control.set_job(job["_id"], 4)
    api.server.advance(100)
    assert inbox.statuses == [2, 4]


def test_a_receiver_may_call_the_simulator(api):
    seen = []

    def receiver(_url, body):
        event = webhooks.unwrap(body, client_id=CLIENT_ID, client_secret=API_KEY, tolerance_ms=None)
        seen.append((int(event.status), api.status(event.id)))
        api.server.advance(0)
        return 200

    api.sim.receiver = receiver
    submit(api)
    api.server.advance(1)
    api.server.advance(2)
    assert seen == [(2, 2), (3, 3)]


@contextmanager
def listening(status=200, **headers):
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

    with web_server(Handler) as url:
        yield url, got


def test_a_webhook_arrives_over_http(api):
    with listening() as (url, got):
        api.submit(api.image(webhookUrl=f"{url}/hook?a=1"))
        api.server.advance(10)
        assert [path for path, _ in got] == ["/hook?a=1"] * 2
    event = webhooks.unwrap(
        got[1][1],
        client_id=CLIENT_ID,
        client_secret=API_KEY,
        now=api.server.clock.time,
    )
    assert int(event.status) == 3


def test_a_redirect_is_not_followed():
    with listening() as (other, got), listening(302, Location=other) as (url, _):
        assert post(url, b"{}", timeout_s=5) == 302
        assert got == []


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1/hook",
        "http://[2001:db8::1]/hook",
        "http://169.254.169.254/latest",
        "http://0x7f.example.invalid/",
        "http://user@192.0.2.1:80/",
        "http://[::ffff:192.0.2.1]/",
        "http://127.0.0.1:99999/",
        "http://[/",
        "ftp://127.0.0.1/",
        "http://",
    ],
)
def test_only_loopback_is_called_unless_allowed(url):
    with pytest.raises(Refused):
        post(url, b"{}", timeout_s=1)


def test_a_refused_receiver_is_in_the_log_and_not_tried_again(api):
    api.submit(api.image(webhookUrl="http://192.0.2.1/hook"))
    api.server.advance(10_000)
    first = api.server.control.webhooks()[0]
    assert first.state == "refused"
    assert len(first.attempts) == 1
    assert "--webhook-host 192.0.2.1" in str(first.attempts[0][1])


def test_a_receiver_that_is_not_there_is_tried_again(api):
    with listening() as (url, _):
        pass
    api.submit(api.image(webhookUrl=url))
    api.server.advance(10)
    first = api.server.control.webhooks()[0]
    assert first.state == "pending"
    assert "refused" in str(first.attempts[0][1]).lower()


def test_every_webhook_goes_to_the_one_receiver_that_was_named(make):
    seen = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            seen.append((self.path, self.headers["X-Akool-Mock-Webhook-Url"]))
            self.send_response(200)
            self.end_headers()

    with web_server(Receiver) as receiver:
        api = make(webhook_to=f"{receiver}/all")
        for url in ("https://app.example/hook?a=b", "http://\u00e4.example/"):
            api.submit(api.image(webhookUrl=url))
        api.server.advance(10)
    assert {path for path, _ in seen} == {"/all"}
    said = ["http://%C3%A4.example/", "https://app.example/hook?a=b"]
    assert sorted({url for _, url in seen}) == said


@pytest.mark.parametrize("url", ["ftp://a.example/", "hook"])
def test_a_receiver_of_all_webhooks_is_an_address(url):
    with pytest.raises(MockError, match="webhook_to: an http or https address"):
        Settings(webhook_to=url)
