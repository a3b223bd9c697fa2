"""Run by `test_any_contract` where another product's pages were built: holds servers to them.

    python any_contract_held.py CONTRACT    # one JSON object on stdout: what the suite found

Simulator and suite are the checkout's; the contract is the one that was built.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from akool_contract._options import PROFILES, Options
from akool_contract._target.simulated import SimulatorTarget
from akool_contract._wire.contract import Contract
from akool_contract._wire.http import Request, Response, Upstream
from akool_contract.cli import app
from akool_contract.suite import verify
from akool_mock import MockServer, Settings

OTHERS = ("makeFilm", "getFilm", "dropFilm", "makeSongs", "listSongs", "makeNote", "getCredit")
Change = Callable[[dict[str, Any]], object]


def changed(path: str, change: Change) -> Callable[[Upstream], Upstream]:
    """A server whose successes at a path are changed."""

    def put_in_front(upstream: Upstream) -> Upstream:
        def answer(request: Request) -> Response:
            response = upstream(request)
            # HEAD and OPTIONS are tried too, and have no body.
            here = request.path.startswith(path) and response.body.startswith(b"{")
            body = json.loads(response.body) if here else {}
            if not body.get("ok"):
                return response
            change(body)
            headers = [(k, v) for k, v in response.headers if k.lower() != "content-length"]
            return replace(response, headers=tuple(headers), body=json.dumps(body).encode())

        return answer

    return put_in_front


def never_done(body: dict[str, Any]) -> None:
    """A film stays in the making."""
    if body.get("film", {}).get("state") == "done":
        body["film"]["state"] = "shooting"


def one_key(body: dict[str, Any]) -> None:
    """Every song has the same key."""
    for song in body["songs"]:
        song["key"] = "6650f0c0a1b2c3d4e5f60718"


def kept(upstream: Upstream) -> Upstream:
    """What is deleted is there afterwards."""

    def answer(request: Request) -> Response:
        if request.method != "DELETE":
            return upstream(request)
        return Response(200, (("content-type", "application/json"),), b'{"ok": true}')

    return answer


def charged_again(when: Callable[[Request, Counter[str]], bool]) -> Callable[[Upstream], Upstream]:
    """A film is paid a second time, by one more submit that nobody is told of."""

    def put_in_front(upstream: Upstream) -> Upstream:
        films: list[Request] = []
        seen: Counter[str] = Counter()

        def answer(request: Request) -> Response:
            response = upstream(request)
            if request.operation == "makeFilm" and b'"ok":true' in response.body.replace(b" ", b""):
                films.append(request)
            seen[request.operation] += 1
            if films and when(request, seen):
                upstream(films[-1])
            return response

        return answer

    return put_in_front


DEFECTS: dict[str, Callable[[Upstream], Upstream]] = {
    "credits.deducted-once": charged_again(
        lambda request, seen: request.operation == "getFilm" and seen["getFilm"] % 4 == 0
    ),
    "credits.same-price": charged_again(
        lambda request, seen: request.operation == "makeFilm" and seen["makeFilm"] % 2 == 0
    ),
    "credits.refusal-is-free": charged_again(
        lambda request, _seen: request.operation == "makeFilm" and b"title" not in request.body
    ),
    "state.job-ends": changed("/other/films", never_done),
    "state.ids-are-unique": changed("/other/songs", one_key),
    "state.deleted-stays-deleted": kept,
    "schema.answer": changed("/other/films/", lambda body: body.pop("film", None)),
    "schema.envelope": changed("/other/notes", lambda body: body.update(ok="yes")),
}
"""The check that must find it, and the defect."""


def of_the_mock(contract: Path) -> dict[str, Any]:
    """The exit code of the command, and what each defect is found by."""
    done = CliRunner().invoke(
        app, ["--contract", str(contract), "--profile", "quick", "--seed", "1"]
    )
    document = json.loads(contract.read_text("utf-8"))
    found = {}
    for check, defect in (
        DEFECTS.items() if "x-job" in str(document["paths"]["/other/films"]) else ()
    ):
        target = SimulatorTarget(document)
        target.upstream = defect(target.upstream)
        options = Options(profile=PROFILES["quick"], operations=OTHERS)
        report = verify(target, Contract(document), options)
        found[check] = [report.exit_code, sorted({each.check for each in report.violations})]
    return {"clean": [done.exit_code, done.output], "defects": found}


def of_a_server(contract: Path) -> dict[str, Any]:
    """What a server gets from a run that has no leave, and what it costs."""
    settings = Settings(credits=50, journal=10_000)
    document = json.loads(contract.read_text("utf-8"))
    with MockServer(contract=document, settings=settings) as mock:
        said = ["--base-url", mock.url, "--api-key", mock.api_key]
        done = CliRunner().invoke(app, ["--contract", str(contract), "--profile", "quick", *said])
        world = mock.simulator.world
        return {
            "code": done.exit_code,
            "output": done.output,
            "others": sorted({
                f"{entry.request.method} {entry.operation}"
                for entry in world.journal.entries
                if entry.request.path.startswith("/other")
            }),
            "jobs": len(mock.simulator.jobs),
            "credits": world.accounts.first.credits,
        }  # fmt: skip


if __name__ == "__main__":
    path = Path(sys.argv[1])
    told = of_a_server(path) | of_the_mock(path)
    sys.stdout.write(json.dumps(told))
