"""The state file: what was accepted survives whatever happens to the process."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import httpx2
import pytest

from akool_mock import API_KEY, Clock, MockError, MockServer, Request, Settings
from akool_mock._control.scenario import apply
from akool_mock._world.state_file import StateFile

IMAGE = "/api/open/v3/faceswap/highquality/specifyimage"
CREDIT = "/api/open/v3/faceswap/quota/info"
LIST = "/api/open/v3/faceswap/result/listbyids"
FACES = [{"path": "https://example.com/face.jpg"}]
BODY = {
    "sourceImage": FACES,
    "targetImage": FACES,
    "modifyImage": "https://example.com/a-64x64.png",
}
START = 1_800_000_000.0


@contextlib.contextmanager
def running(path: Path, *options: str):
    command = [sys.executable, "-m", "akool_mock", "--port", "0", "--state", str(path), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        try:
            with httpx2.Client(base_url=url, headers={"x-api-key": API_KEY}) as client:
                yield process, client
        finally:
            process.kill()


def test_no_accepted_job_is_lost_when_the_process_is_killed(tmp_path):
    """Clients submit as fast as they can while the server is killed, three times over."""
    accepted: list[str] = []
    for _ in range(3):
        with running(tmp_path / "state", "--credits", "1e6") as (process, client):
            begun = len(accepted)

            def submit(url=client.base_url, enough=begun + 60):
                with (
                    contextlib.suppress(httpx2.TransportError),
                    httpx2.Client(base_url=url, headers={"x-api-key": API_KEY}) as own,
                ):
                    while True:
                        accepted.append(own.post(IMAGE, json=BODY).json()["data"]["_id"])
                        if len(accepted) == enough:
                            os.kill(process.pid, signal.SIGKILL)

            threads = [threading.Thread(target=submit) for _ in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    with running(tmp_path / "state") as (_, client):
        listed = client.get(LIST, params={"_ids": ",".join(accepted)}).json()["data"]["result"]
        left = client.get("/api/open/v3/faceswap/quota/info").json()["data"]["credit"]
        stored = client.get("/_mock/state").json()["jobs"]
    assert [item["_id"] for item in listed] == accepted
    assert len(accepted) == len(set(accepted)) >= 180
    assert left == 1e6 - 4 * stored


def client_of(server):
    return httpx2.Client(
        transport=server.transport,
        base_url=server.base_url,
        headers={"x-api-key": server.api_key},
    )


def started(path, **settings):
    return MockServer(
        state=path, settings=Settings(**settings), clock=Clock(START, frozen=True), seed=3
    )


def test_everything_that_counts_comes_back(tmp_path):
    path = tmp_path / "state"
    with started(path) as server:
        client = client_of(server)
        kept, gone, failed = (
            client.post(IMAGE, json=BODY, headers={"x-akool-mock": fault}).json()["data"]
            for fault in ("length=1", "length=1", "job=failed")
        )
        client.post("/api/open/v3/faceswap/result/delbyids", json={"_ids": gone["_id"]})
        server.control.add_account("other", "b" * 32, credits=7)
        server.control.set_account("other", banned=True)
        server.advance(1000)
        ids = ",".join(job["_id"] for job in (kept, gone, failed))
        before = client.get(LIST, params={"_ids": ids}).json()
        accounts = server.control.accounts()
    with started(path) as server:
        client = client_of(server)
        assert client.get(LIST, params={"_ids": ids}).json() == before
        assert server.control.accounts() == accounts
        assert server.clock.time() == START + 1000
        assert client.get(kept["url"]).status_code == 200
        assert client.post(IMAGE, json=BODY).json()["data"]["_id"] not in ids


def test_webhooks_that_were_not_sent_yet_are_sent_after_a_restart(tmp_path):
    path, sent = tmp_path / "state", []
    for seconds, total in ((1, 1), (1, 1), (10, 2)):
        with started(path) as server:
            server.simulator.receiver = lambda url, _body: sent.append(url) or 200
            if not server.simulator.jobs:
                client_of(server).post(IMAGE, json={**BODY, "webhookUrl": "http://127.0.0.1:1/"})
            server.control.advance(seconds)
            assert len(sent) == total


def test_standing_faults_and_changed_settings_come_back(tmp_path):
    path = tmp_path / "state"
    with started(path) as server:
        server.control.add_fault("code=1005", operation="getCredit", times=2, after=1)
        server.control.add_fault("http=502", operation="listResults")
        server.control.drop_faults(server.control.add_fault("http=500").id)
        codes = [client_of(server).get(CREDIT).json()["code"] for _ in range(2)]
        assert codes == [1000, 1005]
        prices = {"swapImage": 1.5}
        server.control.configure(faces=4, prices=prices, error_status={"1003": 400})
        before = server.control.faults()
    with started(path, video_s=2.0) as server:
        assert server.control.faults() == before
        assert [client_of(server).get(CREDIT).json()["code"] for _ in range(2)] == [1005, 1000]
        settings = server.simulator.settings
        assert (settings.faces, settings.prices, settings.video_s) == (4, prices, 2.0)
        assert settings.error_status == {1003: 400}
        assert server.control.add_fault("http=501").id == 4
        assert client_of(server).get(CREDIT).status_code == 501
    with started(path) as server:
        assert [fault.fault for fault in server.control.faults()] == ["http=502", "http=501"]


def test_a_scenario_is_set_once_and_not_again_after_a_restart(tmp_path):
    path = tmp_path / "state"
    told = {"faults": [{"fault": "http=502", "times": 1}, "code=1005"]}
    for faults in (2, 1, 1):
        with started(path) as server:
            apply(told, server.simulator.world)
            assert len(server.control.faults()) == faults
            client_of(server).get(CREDIT)


def test_a_reset_empties_the_file(tmp_path):
    path = tmp_path / "state"
    with started(path) as server:
        client_of(server).post(IMAGE, json=BODY)
        server.control.add_fault("http=502")
        server.control.configure(faces=4)
        server.control.reset()
    with started(path) as server:
        assert server.control.jobs() == []
        assert server.control.faults() == []
        assert server.simulator.settings.faces == 1
        assert server.control.accounts()[0].credits == 1000


def test_a_job_that_makes_room_leaves_the_file_too(tmp_path):
    path = tmp_path / "state"
    with started(path, max_jobs=2) as server:
        for _ in range(4):
            client_of(server).post(IMAGE, json=BODY)
    with started(path) as server:
        assert len(server.control.jobs()) == 2


def test_a_second_simulator_on_the_same_file_is_refused(tmp_path):
    with started(tmp_path / "state"), pytest.raises(MockError, match="another simulator"):
        StateFile(tmp_path / "state")


def test_a_file_that_is_no_state_file_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("my notes " * 1000)
    with pytest.raises(MockError, match="not written by this mock"):
        StateFile(path)
    assert path.read_text() == "my notes " * 1000
    with pytest.raises(MockError, match="unable to open"):
        StateFile(tmp_path / "nowhere" / "state")


FULL = """
import json, resource, signal, sys
from akool_mock import API_KEY, MockServer, Request
path, body = sys.argv[1], sys.argv[2].encode()
headers = [(b"x-api-key", API_KEY.encode()), (b"content-type", b"application/json")]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
with MockServer(state=path) as mock:
    sim = mock.simulator
    accepted, refused = 0, []
    for _ in range(1500):
        answer = sim.handle(Request("POST", sys.argv[3], headers=headers, body=body))
        if answer.status == 200 and answer.json()["code"] == 1000:
            accepted += 1
        elif answer.status != 200:
            refused.append((answer.status, answer.body.decode()))
        if len(refused) == 3:
            break
    left = sim.accounts.first.credits
    for method, target, sent in (
        ("PATCH", "/_mock/settings", {"queue_s": 77}),
        ("POST", "/_mock/faults", {"fault": "http=502"}),
        ("PATCH", "/_mock/accounts/" + mock.client_id, {"credits": 1}),
    ):
        request = Request(method, target, body=json.dumps(sent).encode() + b" " )
        refused.append((sim.handle(request).status, target))
    known = [sim.settings.queue_s, len(sim.rules), sim.accounts.first.credits == left]
print(json.dumps([accepted, refused, left, len(sim.jobs), known, list(sim.failures)]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of a file's size")
def test_on_a_full_disk_nothing_is_taken_and_what_was_answered_is_kept(tmp_path):
    path = tmp_path / "state"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path), json.dumps(BODY), IMAGE],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    accepted, refused, left, jobs, known, failures = json.loads(done.stdout)
    assert accepted > 0
    assert {status for status, _ in refused} == {507}
    assert "nothing was done" in refused[0][1]
    assert left == 1000 - 4 * accepted
    assert jobs == accepted
    assert known == [1, 0, True]
    assert failures == []
    with MockServer(state=path) as again:
        assert len(again.simulator.jobs) == accepted
        assert again.simulator.accounts.first.credits == left


BAD = [
    ("update jobs set record = '{'", "job '[0-9a-f]{24}' cannot be read"),
    (
        "update jobs set record = '[]'",
        "job '[0-9a-f]{24}' cannot be read: it does not have the fields",
    ),
    ("update jobs set record = json_remove(record, '$.stem')", "cannot be read"),
    ("update jobs set record = json_set(record, '$.created', 'x')", "of a wrong type: created"),
    ("update jobs set record = json_set(record, '$.plan[0]', 'x')", "plan is not valid"),
    ("update jobs set record = json_set(record, '$.media', json('[1]'))", "media is not valid"),
    ("update accounts set record = '{}'", "account '.*' cannot be read"),
    ("update accounts set record = json_set(record, '$.credits', 'x')", "wrong type: credits"),
    ("insert or replace into facts values ('settings', '{\"nope\": 1}')", "the settings cannot"),
    ("insert or replace into facts values ('settings', '7')", "the settings cannot be read"),
    ("insert or replace into facts values ('faults', '[7]')", "the faults cannot be read"),
    ("insert or replace into facts values ('clock', '{}')", "the clock cannot be read"),
    ("insert or replace into facts values ('starts', '\"x\"')", "number of starts cannot be read"),
    ("insert or replace into facts values ('seed', '{')", "fact 'seed' cannot be read"),
]


@pytest.mark.parametrize(("spoil", "told"), BAD)
def test_a_bad_record_is_told_with_file_and_record(tmp_path, spoil, told):
    path = tmp_path / "state"
    with MockServer(state=path) as mock:
        headers = [(b"x-api-key", API_KEY.encode()), (b"content-type", b"application/json")]
        mock.simulator.handle(
            Request("POST", IMAGE, headers=headers, body=json.dumps(BODY).encode())
        )
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute(spoil)
        db.commit()
    with pytest.raises(MockError, match=told) as caught:
        MockServer(state=path)
    assert str(path) in str(caught.value)
