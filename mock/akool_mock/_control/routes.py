"""The control plane under `/_mock/`: JSON over HTTP, for people, dashboards and any test.

Refused to web pages of other origins: a page that a developer happens to have open must not be
able to drive the simulator. So a request that a browser sent from elsewhere, or under a foreign
host name, gets 403.
"""

from __future__ import annotations

import re
from itertools import dropwhile, islice
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson

from akool_mock._http import Request, Response, json_response, text_response
from akool_mock._operations.swaps import result_url, seeded
from akool_mock._world.accounts import Account
from akool_mock._world.faults import DIRECTIVES, Rule
from akool_mock._world.settings import MockError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akool_mock._simulator import Simulator
    from akool_mock._world.jobs import Job

    Route = Callable[["Simulator", "Query"], Any]

__all__ = ["respond"]

_LOOPBACK = re.compile(
    r"(?:localhost|[\w-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\]|akool\.mock)(?::\d+)?",
    re.IGNORECASE,
)
_LIMIT = 1000
_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


class Query:
    """A control request, read: what the path named, what was asked and what was sent."""

    __slots__ = ("base", "named", "sent", "texts")

    def __init__(self, named: str, texts: dict[str, str], sent: dict[str, Any], base: str) -> None:
        self.named = named
        self.texts = texts
        self.sent = sent
        self.base = base

    def number(self, name: str, default: int) -> int:
        """A whole number of the query string.

        Raises:
            MockError: it is none.
        """
        try:
            return int(self.texts.get(name, default))
        except ValueError:
            raise MockError(f"{name} is a whole number, not {self.texts[name]!r}") from None

    def limit(self, usual: int) -> int:
        """How many are wanted: as many as one answer holds, at most.

        Raises:
            MockError: it is no number from 0 up.
        """
        wanted = self.number("limit", usual)
        if wanted < 0:
            raise MockError(f"limit: from 0 up, not {wanted}")
        return min(wanted, _LIMIT)

    def field(self, name: str, kind: type, default: Any = None) -> Any:  # noqa: ANN401 - typed by `kind`
        """A field that was sent, of that type.

        Raises:
            MockError: it is missing and has no default, or is of another type.
        """
        value = self.sent.get(name, default)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
            said = f"not {value!r}" if name in self.sent else "and missing"
            raise MockError(f"{name}: {_KINDS[kind]} is needed, {said}")
        return value


def respond(sim: Simulator, request: Request) -> Response:
    """Answer a request under `/_mock`."""
    if not sim.settings.control:
        return text_response(404, "the control plane is off (--no-control)")
    if not _is_ours(sim, request):
        return text_response(403, "the control plane answers no requests from other origins")
    path = request.path.removeprefix("/_mock").strip("/")
    route, named, allowed = _routed(request.method, path)
    if route is None:
        page = _page(sim, request) if request.method in ("GET", "HEAD") and not allowed else None
        if page is not None:
            return page
        return text_response(
            405 if allowed else 404, f"the control plane has no {request.method} /_mock/{path}"
        )
    try:
        return json_response(route(sim, _query(sim, request, named)))
    except MockError as error:
        return json_response({"error": str(error)}, 400)


def _page(sim: Simulator, request: Request) -> Response | None:
    from akool_mock import dashboard  # noqa: PLC0415 - its pages are not needed to start

    return dashboard.respond(sim, request)


def _is_ours(sim: Simulator, request: Request) -> bool:
    host = (request.header(b"host") or b"").decode("latin-1")
    here = sim.origin.partition("://")[2]
    if (
        host
        and host != here
        and not _LOOPBACK.fullmatch(host)
        and host.rpartition(":")[0] not in sim.hosts
    ):
        return False
    origin = request.header(b"origin")
    if origin is not None and origin.decode("latin-1").partition("://")[2] != host:
        return False
    site = request.header(b"sec-fetch-site")
    return site in (None, b"same-origin", b"none")


def _query(sim: Simulator, request: Request, named: str) -> Query:
    texts = {name: values[-1] for name, values in parse_qs(request.query.decode("latin-1")).items()}
    sent: Any = {}
    if request.body:
        try:
            sent = orjson.loads(request.body)
        except ValueError:
            raise MockError("the body is not JSON") from None
    if not isinstance(sent, dict):
        raise MockError("the body is a JSON object")
    host = request.header(b"host")
    base = request.origin or (f"http://{host.decode('latin-1')}" if host else sim.origin)
    return Query(named, texts, sent, base)


def _health(sim: Simulator, _query: Query) -> Any:  # noqa: ANN401 - JSON
    return {"ok": True, "operations": sorted(sim.contract.operations)}


def _state(sim: Simulator, query: Query) -> Any:  # noqa: ANN401 - JSON
    return {
        "seed": sim.seed,
        "revision": sim.revision,
        "clock": _clock(sim, query),
        "settings": sim.settings.as_json(),
        "accounts": _accounts(sim, query),
        "jobs": len(sim.jobs),
        "requests": sim.journal.last_number,
        "webhooks": {"logged": sim.outbox.last_number, "waiting": len(sim.outbox)},
        "faults": _faults(sim, query),
        "failures": list(sim.failures),
    }


def _reset(sim: Simulator, query: Query) -> Any:  # noqa: ANN401 - JSON
    seed = query.field("seed", int, sim.seed)
    sim.reset(seed=seed)
    return _state(sim, query)


def _clock(sim: Simulator, _query: Query) -> Any:  # noqa: ANN401 - JSON
    state = sim.clock.state
    return {"now": state.now, "frozen": state.frozen, "offset_s": state.offset_s}


def _set_clock(sim: Simulator, query: Query) -> Any:  # noqa: ANN401 - JSON
    actions = {"freeze": sim.clock.freeze, "resume": sim.clock.resume, "real": sim.clock.real}
    action = query.sent.get("action")
    if action == "advance":
        try:
            sim.clock.advance(query.field("seconds", float))
        except ValueError as error:
            raise MockError(str(error)) from None
    elif isinstance(action, str) and action in actions:
        actions[action]()
    else:
        raise MockError(f"action: one of advance, {', '.join(actions)}; not {action!r}")
    return _clock(sim, query)


def _settings(sim: Simulator, _query: Query) -> Any:  # noqa: ANN401 - JSON
    return sim.settings.as_json()


def _set_settings(sim: Simulator, query: Query) -> Any:  # noqa: ANN401 - JSON
    fixed = {"client_id", "api_key", "control", "journal", "webhook_log"} & query.sent.keys()
    if fixed:
        raise MockError(f"settings that only the start can choose: {', '.join(sorted(fixed))}")
    sim.reconfigure(query.sent)
    return sim.settings.as_json()


def _account(account: Account) -> dict[str, Any]:
    return {
        "client_id": account.client_id,
        "credits": account.credits,
        "banned": account.banned,
        "user_id": account.user_id,
        "uid": account.uid,
    }


def _accounts(sim: Simulator, _query: Query) -> Any:  # noqa: ANN401 - JSON
    return [_account(account) for account in sim.accounts]


def _add_account(sim: Simulator, query: Query) -> Any:  # noqa: ANN401 - JSON
    account = Account(
        query.field("client_id", str),
        query.field("api_key", str),
        query.field("credits", float, sim.settings.credits),
    )
    sim.accounts.add(account)
    _keep(sim, account)
    return _account(account)


def _set_account(sim: Simulator, query: Query) -> Any:  # noqa: ANN401 - JSON
    account = sim.accounts.get(query.named)
    account.credits = query.field("credits", float, account.credits)
    account.banned = query.field("banned", bool, account.banned)
    _keep(sim, account)
    return _account(account)


def _keep(sim: Simulator, account: Account) -> None:
    if sim.storage is not None:
        sim.storage.account(account)
    sim.changed()


def _job(sim: Simulator, job: Job, base: str, now: float) -> dict[str, Any]:
    return {
        "id": job.id,
        "operation": job.operation,
        "account": job.account,
        "status": job.status(now),
        "listed": now - job.created >= job.plan.list_lag_s,
        "created": job.created,
        "age_s": now - job.created,
        "url": result_url(sim, base, job),
        "video": job.media.is_video,
        "webhook": job.webhook,
        "cost": job.cost,
    }


def _jobs(sim: Simulator, query: Query) -> Any:  # noqa: ANN401 - JSON
    now, newest = sim.clock.time(), reversed(sim.jobs.values())
    before = query.texts.get("before")
    if before is not None:
        known = _known(sim, before)
        newest = dropwhile(lambda job: job is not known, newest)
        next(newest)
    shown = [_job(sim, job, query.base, now) for job in islice(newest, query.limit(50))]
    return {"total": len(sim.jobs), "jobs": shown}


def _seed_jobs(sim: Simulator, query: Query) -> Any:  # noqa: ANN401 - JSON
    """Make jobs that nobody submitted and nobody pays, `age_s` old."""
    count, age_s = query.field("count", int), query.field("age_s", float, 0.0)
    if not 1 <= count <= sim.settings.max_jobs:
        raise MockError(f"count: from 1 to {sim.settings.max_jobs}, not {count}")
    if age_s < 0:
        raise MockError("age_s: from 0 up")
    account = sim.accounts.get(query.field("client_id", str, sim.accounts.first.client_id))
    made = seeded(sim, account, count=count, age_s=age_s, base=query.base)
    return {"made": count, "jobs": made, "total": len(sim.jobs)}


def _known(sim: Simulator, name: str) -> Job:
    job = sim.jobs.get(name)
    if job is None:
        raise MockError(f"no job {name!r}")
    return job


def _one(sim: Simulator, query: Query) -> Job:
    return _known(sim, query.named)


def _one_job(sim: Simulator, query: Query) -> Any:  # noqa: ANN401 - JSON
    return _job(sim, _one(sim, query), query.base, sim.clock.time())


def _set_job(sim: Simulator, query: Query) -> Any:  # noqa: ANN401 - JSON
    sim.force(_one(sim, query), query.field("status", int))
    return _one_job(sim, query)


def _drop_job(sim: Simulator, query: Query) -> Any:  # noqa: ANN401 - JSON
    sim.forget(_one(sim, query))
    return {"deleted": query.named}


def _faults(sim: Simulator, _query: Query) -> Any:  # noqa: ANN401 - JSON
    return [rule.as_json() for rule in sim.rules]


def _vocabulary(_sim: Simulator, _query: Query) -> Any:  # noqa: ANN401 - JSON
    return {
        name: {"values": directive.values, "effect": directive.effect}
        for name, directive in DIRECTIVES.items()
    }


def _add_fault(sim: Simulator, query: Query) -> Any:  # noqa: ANN401 - JSON
    return sim.add_fault(Rule.from_json(query.sent)).as_json()


def _drop_faults(sim: Simulator, query: Query) -> Any:  # noqa: ANN401 - JSON
    sim.drop_faults(query.number("id", 0) or None)
    return _faults(sim, query)


def _requests(sim: Simulator, query: Query) -> Any:  # noqa: ANN401 - JSON
    entries = sim.journal.since(query.number("after", 0), query.limit(_LIMIT))
    last = entries[-1].number if entries else sim.journal.last_number
    return {"requests": [entry.as_json() for entry in entries], "cursor": last}


def _drop_requests(sim: Simulator, _query: Query) -> Any:  # noqa: ANN401 - JSON
    sim.journal.clear()
    return {"requests": [], "cursor": sim.journal.last_number}


def _webhooks(sim: Simulator, query: Query) -> Any:  # noqa: ANN401 - JSON
    after = query.number("after", 0)
    later = (item for item in sim.outbox.log if item.number > after)
    shown = [item.as_json() for item in islice(later, query.limit(_LIMIT))]
    cursor = shown[-1]["number"] if shown else sim.outbox.last_number
    return {"webhooks": shown, "waiting": len(sim.outbox), "cursor": cursor}


def _redeliver(sim: Simulator, query: Query) -> Any:  # noqa: ANN401 - JSON
    if not query.named.isdigit():
        raise MockError(f"a delivery has a number, not {query.named!r}")
    made = sim.outbox.again(int(query.named), sim.clock.time())
    sim.changed()
    return made.as_json()


def _events(_sim: Simulator, _query: Query) -> Any:  # noqa: ANN401 - JSON
    # A server replaces this answer by a stream; without one there is nothing to stream to.
    return {"events": "only over a socket"}


_ROUTES: Mapping[str, Mapping[str, Route]] = {
    "health": {"GET": _health},
    "state": {"GET": _state},
    "reset": {"POST": _reset},
    "clock": {"GET": _clock, "POST": _set_clock},
    "settings": {"GET": _settings, "PATCH": _set_settings},
    "accounts": {"GET": _accounts, "POST": _add_account},
    "accounts/*": {"PATCH": _set_account},
    "jobs": {"GET": _jobs, "POST": _seed_jobs},
    "jobs/*": {"GET": _one_job, "PATCH": _set_job, "DELETE": _drop_job},
    "faults": {"GET": _faults, "POST": _add_fault, "DELETE": _drop_faults},
    "faults/vocabulary": {"GET": _vocabulary},
    "requests": {"GET": _requests, "DELETE": _drop_requests},
    "webhooks": {"GET": _webhooks},
    "webhooks/*": {"POST": _redeliver},
    "events": {"GET": _events},
}


def _routed(method: str, path: str) -> tuple[Route | None, str, bool]:
    """The function for a path, what its star stood for, whether other methods would do."""
    head, _, named = path.partition("/")
    found, named = (_ROUTES[path], "") if path in _ROUTES else (_ROUTES.get(f"{head}/*", {}), named)
    return found.get(method), named, bool(found)
