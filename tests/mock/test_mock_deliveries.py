"""Webhooks of a server leave side by side, each job's in order, and never too many at once."""

import threading
from collections import Counter

import httpx2
import pytest

from akool_mock import API_KEY, MockServer, Settings

IMAGE = "/api/open/v3/faceswap/highquality/specifyimage"
FACES = [{"path": "https://example.com/face.jpg"}]
LONG_S = 10


class Receivers:
    """Receivers by host: those named `slow` do not answer before they are let go."""

    def __init__(self):
        self.let_go = threading.Event()
        self.arrived = threading.Condition()
        self.seen = []

    def __call__(self, url, _body):
        with self.arrived:
            self.seen.append(url)
            self.arrived.notify_all()
        if "slow" in url:
            self.let_go.wait(LONG_S)
        return 200

    def wait_for(self, *urls):
        wanted = Counter(urls)
        with self.arrived:
            return self.arrived.wait_for(lambda: wanted <= Counter(self.seen), LONG_S)


@pytest.fixture
def receivers():
    made = Receivers()
    yield made
    made.let_go.set()


@pytest.fixture
def server(receivers):
    with MockServer(settings=Settings(queue_s=0, processing_s=3600)) as made:
        made.simulator.receiver = receivers
        assert made.url
        yield made
        receivers.let_go.set()


def submit(server, hook):
    body = {"sourceImage": FACES, "targetImage": FACES, "modifyImage": "https://example.com/a.png"}
    sent = {**body, "webhookUrl": hook}
    answer = httpx2.post(server.url + IMAGE, json=sent, headers={"x-api-key": API_KEY})
    return answer.json()["data"]["_id"]


def test_a_slow_receiver_holds_up_nobody_else(server, receivers):
    for number in range(20):
        submit(server, f"http://slow.example/{number}")
    assert receivers.wait_for("http://slow.example/0")
    submit(server, "http://quick.example/")
    assert receivers.wait_for("http://quick.example/")


def test_a_job_is_told_about_in_order_even_by_a_slow_receiver(server, receivers):
    job = submit(server, "http://slow.example/one")
    assert receivers.wait_for("http://slow.example/one")
    server.control.advance(3600)
    submit(server, "http://quick.example/")
    assert receivers.wait_for("http://quick.example/")
    assert Counter(receivers.seen)["http://slow.example/one"] == 1
    receivers.let_go.set()
    assert receivers.wait_for("http://slow.example/one", "http://slow.example/one")
    assert [view.status for view in server.control.webhooks() if view.job == job] == [2, 3]


def test_what_leaves_at_once_is_bounded_for_each_receiver_and_in_all(make):
    api = make(queue_s=0, processing_s=3600)
    for number in range(100):
        api.submit(api.image(webhookUrl=f"http://host{number % 10}.example/"))
    now, taken = api.sim.clock.time(), []
    while (delivery := api.sim.outbox.take(now)) is not None:
        taken.append(delivery)
    assert len(taken) == 16
    assert max(Counter(delivery.url for delivery in taken).values()) == 4
    assert len(api.sim.outbox) == 200 - 16
    for delivery in taken:
        api.sim.outbox.settle(delivery, 200, now)
    again = api.sim.outbox.take(now)
    assert again is not None
    assert again not in taken


def test_a_receiver_that_raises_does_not_end_the_sending(server, receivers):
    def rude(url, body):
        if "rude" in url:
            raise ValueError("no manners")
        return receivers(url, body)

    server.simulator.receiver = rude
    submit(server, "http://rude.example/")
    submit(server, "http://quick.example/")
    assert receivers.wait_for("http://quick.example/")
    server.simulator.receiver = receivers
    server.control.advance(2)
    assert receivers.wait_for("http://rude.example/")
    assert "no manners" in str(server.control.webhooks()[0].attempts[0][1])
