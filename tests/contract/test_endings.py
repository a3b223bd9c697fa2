"""However a run ends, it says what it knows, what it spent and what it leaves behind."""

from __future__ import annotations

import dataclasses
from http.server import BaseHTTPRequestHandler

import pytest
from tests.web_server import web_server

from akool_contract._options import PROFILES, Options
from akool_contract._run.plan import in_order
from akool_contract._target.simulated import SimulatorTarget
from akool_contract._target.target import Capabilities, HttpTarget
from akool_contract._wire.errors import TargetDownError, UnusableError
from akool_contract._wire.http import Response
from akool_contract.checks import client
from akool_contract.oracle.credentials import Credentials
from akool_contract.suite import verify
from akool_contract_proof.reference import ReferenceServer
from akool_contract_proof.runner import CONTRACT
from akool_faceswap import AkoolError

SELECTED = ("swapImage", "listResults", "deleteResults", "getCredit")


def run(server, after=None, what=None, **options):
    """A run whose target does `what` from the request after the first job on."""
    main = server.reference.accounts.main
    known = Credentials(keys={main.key: "main"}, client_id=main.client_id, client_secret=main.key)
    can = Capabilities(loopback=True, submit=True, delete=options.pop("delete", True))
    target = HttpTarget(server.url, known, can, timeout=3.0)
    honest = target.send

    def send(request):
        if what and len(server.reference.jobs) >= after:
            return what(request, honest)
        return honest(request)

    target.send = send
    chosen = Options(
        profile=PROFILES["quick"],
        operations=SELECTED,
        max_credits=200.0,
        job_timeout=1.0,
        **options,
    )
    try:
        return verify(target, CONTRACT, chosen)
    finally:
        target.close()


def interrupted(request, honest):
    if not request.path.endswith("delbyids"):
        raise KeyboardInterrupt
    return honest(request)


@pytest.mark.parametrize("delete", [True, False])
def test_a_run_that_is_stopped_reports_what_it_spent_and_takes_its_jobs_away(
    server, delete
) -> None:
    report = run(server, 2, interrupted, delete=delete)
    assert "stopped" in report.error
    assert report.exit_code == 2
    assert report.credits_spent >= 8.0
    assert report.jobs_left == sorted(server.reference.jobs)
    assert bool(report.jobs_left) != delete


def test_a_run_that_ends_by_itself_takes_its_jobs_away_too(server) -> None:
    report = run(server)
    assert report.error == ""
    assert report.jobs_left == []
    assert not server.reference.jobs


def test_a_server_that_is_unavailable_from_some_point_on_ends_the_run(server) -> None:
    report = run(server, 2, lambda _request, _honest: Response(503, (), b"later"))
    assert "503" in report.error
    assert sorted(report.jobs_left) == sorted(server.reference.jobs)


def test_a_run_ends_with_a_report_when_its_time_is_over(server) -> None:
    report = run(server, max_time=1e-9)
    assert "--max-time" in report.error


def test_without_jobs_nothing_is_left_behind() -> None:
    with ReferenceServer(credit=0.0) as server:
        assert run(server).jobs_left == []


def test_a_mistake_of_the_suite_is_exit_code_2_and_says_so() -> None:
    def broken(_run) -> None:
        raise TypeError("ours")

    first = dataclasses.replace(in_order()[0], fn=broken)
    report = verify(SimulatorTarget(), CONTRACT, Options(profile=PROFILES["quick"]), plan=[first])
    assert report.exit_code == 2
    assert "mistake of the suite" in report.error
    assert first.clause.name in {entry.check for entry in report.not_run}


@pytest.mark.parametrize("end", [TargetDownError("--max-time"), UnusableError("no leave")])
def test_what_ended_the_run_is_not_held_against_the_client(end) -> None:
    def submit():
        raise AkoolError("no answer came") from end

    with pytest.raises(type(end)):
        client.attempt(None, client.AGREES.name, "swapImage", submit)


class TwoLengths(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"{} ")

    do_POST = do_GET  # noqa: N815 - as above


def test_a_server_whose_answers_are_no_http_breaks_the_contract() -> None:
    with web_server(TwoLengths) as url:
        target = HttpTarget(url, Credentials(keys={"key": "main"}), Capabilities(loopback=True))
        try:
            report = verify(target, CONTRACT, Options(profile=PROFILES["quick"]))
        finally:
            target.close()
    assert [violation.check for violation in report.violations] == ["wire.answers"]
    assert report.exit_code == 1
