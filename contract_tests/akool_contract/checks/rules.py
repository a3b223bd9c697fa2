"""Rules: each documented parameter rule from both sides, generated and hand-picked."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import compress
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from akool_contract._findings.registry import Finding
from akool_contract._generate import bodies
from akool_contract._generate.explore import explore, profile, seeded
from akool_contract._run.plan import Stage, check
from akool_contract._wire.errors import UnusableError
from akool_contract.checks._shared.jobs import cohort, served
from akool_contract.oracle.operations import judge_request
from akool_contract.oracle.verdict import NO_CREDIT, TOO_OFTEN, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from akool_contract._run.run import Run
    from akool_contract._wire.http import Request

BODIED = (
    "swapImage",
    "swapVideo",
    "swapImagePro",
    "swapPlus",
    "deleteResults",
    "detectFaces",
    "detectFacesLegacy",
)
PLAIN = ("detectFaces", "deleteResults", "swapImage", "swapPlus")
GARBAGE: tuple[bytes, ...] = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"1",
    b"\xff\xfe\x00",
    b"<xml/>",
)
FAR_SHARE = 2
"""Of what costs credits if it is taken, every second is tried where that takes long."""


def _plain(value: object) -> bool:
    """The breakages that are tried on every parameter in every profile."""
    return value is bodies.GONE or value is None or value in ("", [], "x", 7, {})


def _selected(run: Run, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if run.guard.knows(name)]


def attempt(run: Run, request: Request) -> str:
    """Sends a request unless that is not allowed; why it was held back, or ""."""
    try:
        run.sender.send(request)
    except UnusableError as error:
        return error.reason
    return ""


@check(
    "rules.garbage",
    "rules",
    "A body that is not a JSON object is refused, and never makes the server fail.",
    needs=("codes",),
    operations=BODIED,
    stage=Stage.FREE,
    shows=("rules", "auth", "wire.no-server-error"),
)
def garbage(run: Run) -> None:
    """Empty, half, wrong or foreign bodies; right ones in a wrapping that is not documented."""
    names = _selected(run, BODIED)
    requests = [run.request(name, body=body) for name in names for body in GARBAGE]
    requests += [run.request(name, body=body) for name in names for body in _wrapped(run, name)]
    run.parallel.send_all(requests)


def _wrapped(run: Run, name: str) -> Iterator[bytes]:
    body = run.valid_body(name)
    text = json.dumps(body)
    yield f"[{text}]".encode()
    yield json.dumps(text).encode()
    yield urlencode(body).encode()
    yield text.encode()[:-1]


@check(
    "rules.limits",
    "rules",
    "Requests at both sides of each documented limit are accepted or refused accordingly.",
    needs=("codes",),
    operations=BODIED,
    stage=Stage.LIMITS,
    share=0.2,
    shows=("rules", "wire.no-server-error"),
)
def limits(run: Run) -> None:
    """Hand-picked bodies around every limit; refusing ones first, they cost nothing."""
    names = _selected(run, BODIED)
    requests = [run.request(name, body=body) for name in names for body in bodies.edges(run, name)]
    for wanted in (Outcome.REFUSE, Outcome.ACCEPT, Outcome.OPEN):
        if wanted is Outcome.OPEN and run.budget.limit is not None:
            continue  # what is left open proves little and may cost money
        chosen = [r for r in requests if judge_request(r, run.credentials)[0].outcome is wanted]
        for request in run.parallel.send_all(_some(run, "rules.limits", chosen)):
            run.collector.skip("rules.limits", _why(run, request), request.operation)
        run.observers.checked(f"requests at the limits ({wanted.value})")


def _some(run: Run, name: str, requests: Iterable[Request]) -> list[Request]:
    """All of them; a part, and the report says so, where each must wait for little credit."""
    every = list(dict.fromkeys(requests))
    if not (run.parallel.far() and run.budget.tight):
        return every
    spends = run.guard.spends
    kept = [one for place, one in enumerate(every) if not (place % FAR_SHARE and spends(one))]
    if len(kept) < len(every):
        share = f"{len(every) - len(kept)} of {len(every)} requests"
        run.collector.skip(name, f"{share}: a far server, and few credits to risk at once")
    return kept


def _why(run: Run, request: Request) -> str:
    if not run.can.submit:
        return run.can.reasons.get("submit", "submitting is not allowed")
    return run.budget.refusal(request.operation) or "not allowed"


@check(
    "rules.each-parameter",
    "rules",
    "A parameter that is missing, empty or of another type is refused unless that is permitted.",
    needs=("codes",),
    operations=BODIED,
    stage=Stage.LIMITS,
    shows=("rules", "wire.no-server-error"),
)
def each_parameter(run: Run) -> None:
    """Every place of a full body, broken in every way, as far as the profile allows."""
    chosen: list[Request] = []
    unsure: list[Request] = []
    for name in _selected(run, BODIED):
        body = bodies.full(run, name)
        changes = bodies.breakages(body)
        requests = [run.request(name, body=bodies.with_change(body, c)) for c in changes]
        verdicts = (judge_request(request, run.credentials)[0] for request in requests)
        must = [verdict.outcome is Outcome.REFUSE for verdict in verdicts]
        refused = list(compress(requests, must))
        always = [
            (path, value)
            for path, value in changes
            if value is bodies.GONE or value in (None, "") or (len(path) == 1 and _plain(value))
        ]
        for change in always:
            request = run.request(name, body=bodies.with_change(body, change))
            if judge_request(request, run.credentials)[0].outcome is Outcome.REFUSE:
                chosen.append(request)
        most = run.options.profile.fields * 4 if run.can.cheap else run.options.profile.fields
        chosen += run.random.sample(refused, min(most, len(refused)))
        if run.can.cheap or not run.contract.operations[name].is_submit:
            open_ones = [one for one, no in zip(requests, must, strict=True) if not no]
            unsure += run.random.sample(open_ones, min(10, len(open_ones)))
    # The same request may have been chosen twice.
    run.parallel.send_all(_some(run, "rules.each-parameter", chosen))
    run.observers.checked("broken parameters")
    run.parallel.send_all(unsure)


@check(
    "rules.id-lists",
    "rules",
    "_ids is a list of ids separated by commas: required, not empty, unknown ids are left out.",
    needs=("codes",),
    operations=("listResults",),
    stage=Stage.FREE,
    shows=("rules", "state", "wire.no-server-error"),
)
def id_lists(run: Run) -> None:
    """Forms of the parameter that cost nothing."""
    unknown, other = run.made_up_id(), run.made_up_id()
    values = (
        *(unknown, f"{unknown},{other}", f"{unknown},{unknown}", "", f" {unknown}"),
        *(f"{unknown}, {other}", ",", f",{unknown},", "zzz", "null", "20240102082900592-5653"),
    )
    queries = [{}, *({"_ids": value} for value in values), {"ids": unknown}, {"_id": unknown}]
    run.parallel.send_each(run.request("listResults", query=query) for query in queries)


@check(
    "rules.delete-parameter",
    "rules",
    "Deleting takes _ids as one string of ids separated by commas, required and not empty.",
    needs=("codes",),
    operations=("deleteResults",),
    stage=Stage.FREE,
    shows=("rules", "wire.no-server-error"),
)
def delete_parameter(run: Run) -> None:
    """Refusing forms only."""
    unknown = run.made_up_id()
    values: list[object] = ["", [unknown], None, 5]
    bodies = [{}, *({"_ids": value} for value in values), {"ids": unknown}, None]
    run.parallel.send_all([run.request("deleteResults", body=body) for body in bodies])


@check(
    "rules.generated",
    "rules",
    "Generated requests are accepted when they keep every rule and refused when they break one.",
    needs=("codes",),
    operations=BODIED,
    stage=Stage.GENERATED,
    share=0.12,
    shows=("rules", "wire.no-server-error"),
)
def generated(run: Run) -> None:
    """Valid bodies from strategies, each as it is and with one random breakage."""
    for name in _selected(run, BODIED):
        reason = _generate(run, name)
        if reason:
            run.collector.skip("rules.generated", f"some requests: {reason}", name)


def _generate(run: Run, name: str) -> str:
    """Why something was held back, or ""."""
    strategy = bodies.valid(run, name)
    held_back = ""
    found: list[Request] = []

    @given(data=st.data())
    def test(data: st.DataObject) -> None:
        nonlocal held_back
        body = data.draw(strategy, label="body")
        if data.draw(st.booleans(), label="broken"):
            places = bodies.places(body)
            path = data.draw(st.sampled_from(places), label="place")
            body = bodies.with_change(body, (path, data.draw(st.sampled_from(bodies.JUNK))))
        request = run.request(name, body=body)
        if run.parallel.far():
            found.append(request)
        else:
            held_back = attempt(run, request) or held_back

    try:
        explore(run, profile(run, run.options.profile.rule_examples)(seeded(run, test)))
    except UnusableError as error:
        held_back = error.reason
    return run.guard.refused if run.parallel.send_all(found) else held_back


@check(
    "rules.json-is-json",
    "rules",
    "A JSON body means the same however it is written: spaces, order, escapes, charset.",
    needs=("codes",),
    operations=PLAIN,
    stage=Stage.FREE,
)
def json_is_json(run: Run) -> None:
    """On what costs nothing; submits are tried where they may be."""
    media = "application/json; charset=utf-8"
    for name in _selected(run, PLAIN):
        operation = run.contract.operations[name]
        if (operation.is_submit and not run.can.submit) or (
            name == "deleteResults" and not run.can.delete
        ):
            continue
        plain = run.request(name, body=run.valid_body(name))
        if operation.is_submit and run.budget.tight:
            ways, taken = [_rewritten_at_once(plain, media)], bool(cohort(run))
            if name != served(run)[0]:
                continue
        else:
            ways, taken = list(_rewritten(plain, media)), run.sender.send(plain).ok
        for request in ways:
            answer = run.sender.send(request)
            finding = None
            if taken and not answer.ok and answer.code not in (NO_CREDIT, TOO_OFTEN):
                finding = Finding("the success that the same JSON has", answer.short())
            run.judge.expect("rules.json-is-json", finding, answer)


def _rewritten_at_once(plain: Request, media: str) -> Request:
    """All of it in one request, where each costs a job."""
    backwards = dict(reversed(json.loads(plain.body).items()))
    text = "\n " + json.dumps(backwards, indent=2).replace("http", "\\u0068ttp", 1)
    return replace(plain, body=text.encode()).with_headers({"content-type": media})


def _rewritten(plain: Request, media: str) -> Iterator[Request]:
    body = json.loads(plain.body)
    backwards = dict(reversed(body.items()))
    yield replace(plain, body=f"\r\n\t {json.dumps(backwards, indent=2)} \n".encode())
    escaped = "".join(
        f"\\u{ord(char):04x}" if char.isalpha() else char for char in next(iter(_texts(body)))
    )
    text = json.dumps(body).replace(json.dumps(next(iter(_texts(body)))), f'"{escaped}"', 1)
    yield replace(plain, body=text.encode())
    yield plain.with_headers({"content-type": media})


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
