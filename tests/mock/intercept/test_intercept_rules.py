"""The rules of `mock run` that need no process: hosts, hosts file, environment, summary."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from akool_faceswap import FaceSwap
from akool_mock import MockServer, Settings
from akool_mock._contract.hosts import MAX_VALUES, hosts_of
from akool_mock._server.intercept.authority import Files
from akool_mock._server.intercept.environment import Credentials, environment
from akool_mock._server.intercept.network import write_hosts
from akool_mock._server.intercept.summary import summary
from akool_openapi import load

HOST = st.from_regex(r"[a-z]{1,8}\.(example|test)", fullmatch=True)


def test_all_servers_of_our_contract_are_answered_for() -> None:
    assert hosts_of(load()) == ["openapi.akool.com", "sg3.akool.com"]


def test_servers_are_found_wherever_they_stand_and_variables_are_spelled_out() -> None:
    region = {"region": {"default": "eu", "enum": ["eu", "us"]}}
    contract = {
        "servers": [{"url": "https://{region}.api.test/v1", "variables": region}, {"url": "/v1"}],
        "paths": {
            "/a": {
                "servers": [{"url": "https://path.test:8443"}],
                "post": {"servers": [{"url": "http://OPERATION.test"}, {"url": "https://[::1"}]},
            }
        },
    }
    assert hosts_of(contract) == ["eu.api.test", "us.api.test", "path.test", "operation.test"]


def test_variables_are_not_spelled_out_for_ever() -> None:
    many = {name: {"default": "0", "enum": [str(i) for i in range(50)]} for name in "abc"}
    contract = {"servers": [{"url": "https://{a}{b}{c}.test", "variables": many}], "paths": {}}
    assert len(hosts_of(contract)) <= MAX_VALUES


@given(st.lists(HOST, unique=True), st.lists(HOST, unique=True))
def test_a_hosts_file_keeps_what_it_said_of_others(own: list[str], others: list[str]) -> None:
    known = "".join(f"192.0.2.7 {host} # comment\n" for host in [*others, *own])
    said = {}
    for line in write_hosts(known, own).splitlines():
        address, *names = line.partition("#")[0].split()
        for name in names:
            said.setdefault(name, address)
    assert all(said[host] == "127.0.0.1" for host in own)
    assert all(said[host] == "192.0.2.7" for host in others if host not in own)


def test_every_stack_is_told_of_the_proxy_and_of_the_authority() -> None:
    files = Files(Path("/x/ca.pem"), Path("/x/bundle.pem"), Path("/x/ca.p12"))
    inherited = {"HTTPS_PROXY": "http://corporate:3128", "JAVA_TOOL_OPTIONS": "-Xmx1g", "A": "b"}
    account = Credentials("me", "key")
    told = environment(inherited, ("127.0.0.1", 4711), files, account)
    assert told["A"] == "b"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        assert told[name] == told[name.lower()] == "http://127.0.0.1:4711"
    assert {told[n] for n in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
                              "AWS_CA_BUNDLE", "GIT_SSL_CAINFO")} == {"/x/bundle.pem"}  # fmt: skip
    assert told["NODE_EXTRA_CA_CERTS"] == "/x/ca.pem"
    assert told["NODE_USE_ENV_PROXY"] == "1"
    assert told["JAVA_TOOL_OPTIONS"].startswith("-Xmx1g -Dhttp.proxyHost=127.0.0.1 ")
    assert "trustStore=/x/ca.p12" in told["JAVA_TOOL_OPTIONS"]
    assert (told["AKOOL_CLIENT_ID"], told["AKOOL_API_KEY"], told["AKOOL_CLIENT_SECRET"]) == (
        "me", "key", "key",
    )  # fmt: skip


def test_the_summary_tells_what_was_called_and_why_it_was_refused() -> None:
    with MockServer() as mock:
        send = mock.transport
        import httpx2  # noqa: PLC0415 - one test talks

        with httpx2.Client(transport=send, base_url=mock.base_url) as http:
            for key in (mock.api_key, mock.api_key, "wrong"):
                http.get("/api/open/v3/faceswap/quota/info", headers={"x-api-key": key})
            http.get("/nowhere")
        entries = mock.simulator.world.journal.entries
    lines = summary(load(), entries, {"example.com": 2})
    assert lines[0] == "akool-faceswap mock: 4 requests"
    assert "  called: getCredit (3 times)" in lines
    assert any(line.startswith("  refused: getCredit: 1101 ") for line in lines)
    (nowhere,) = (line for line in lines if "refused: GET /nowhere" in line)
    assert "HTTP 404 the contract has no path /nowhere" in nowhere
    assert lines[-1] == "  not a host of the contract: example.com (2 times)"


def test_the_summary_tells_which_webhooks_arrived_and_why_others_did_not() -> None:
    with MockServer(settings=Settings(webhook_retry_s=())) as mock:
        answers = iter([200, 500])
        mock.simulator.receiver = lambda _url, _body: next(answers)
        face = "https://example.com/a.jpg"
        with FaceSwap(mock.api_key, transport=mock.transport, base_url=mock.base_url) as client:
            client.swap_image_pro(face, face, webhook_url="http://127.0.0.1:9/hook")
            mock.advance(60)
        world = mock.simulator.world
    lines = summary(load(), world.journal.entries, {}, world.outbox.log)
    assert "  webhook: http://127.0.0.1:9/hook" in lines
    assert lines[-1].startswith("  webhook did not arrive: http://127.0.0.1:9/hook: HTTP 500")


def test_files_that_were_fetched_are_one_line() -> None:
    with MockServer(settings=Settings(queue_s=0, processing_s=0)) as mock:
        with FaceSwap(mock.api_key, transport=mock.transport, base_url=mock.base_url) as client:
            for _ in range(2):
                client.swap_image_pro(
                    "https://a.example/a.jpg", "https://a.example/b.jpg"
                ).wait().read()
        lines = summary(load(), mock.simulator.world.journal.entries, {})
    assert "  called: a picture (2 times)" in lines
