"""The control plane under `/_mock/`: JSON over HTTP, for people, dashboards and any test.

A web page of another origin must not be able to control the simulator. So a request that a browser
sends from such a page, or under a foreign host name, gets 403.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from akool_mock._control import files
from akool_mock._control.query import LIMIT, Query, is_ours, query_of
from akool_mock._http import Request, Response, json_response, text_response
from akool_mock._world.accounts import Account
from akool_mock._world.directives import DIRECTIVES
from akool_mock._world.faults import Rule
from akool_mock._world.settings import MockError
from akool_mock._world.storage import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akool_mock._contract.compiled import Contract
    from akool_mock._world.jobs import Job
    from akool_mock._world.world import World

    Route = Callable[[World, Query], Any]


def respond(world: World, contract: Contract, request: Request) -> Response:
    """Answer a request under `/_mock`."""
    if not world.settings.control:
        return text_response(404, "the control plane is off (--no-control)")
    if not is_ours(world, request):
        return text_response(403, "the control plane answers no requests from other origins")
    path = request.path.removeprefix("/_mock").strip("/")
    head, _, rest = path.partition("/")
    if head == files.PREFIX:
        return files.respond(world, request, rest)
    return _control(world, contract, request, path)


def _control(world: World, contract: Contract, request: Request, path: str) -> Response:
    route, named, allowed = _routed(request.method, path)
    if route is None:
        reads = request.method in ("GET", "HEAD") and not allowed
        page = _page(contract, request) if reads else None
        if page is not None:
            return page
        return text_response(
            405 if allowed else 404, f"the control plane has no {request.method} /_mock/{path}"
        )
    return _acted(world, route, request, named)


def _acted(world: World, route: Route, request: Request, named: str) -> Response:
    try:
        return json_response(route(world, query_of(world, request, named)))
    except StorageError as error:
        return json_response({"error": str(error)}, 507)
    except MockError as error:
        return json_response({"error": str(error)}, 400)


def _page(contract: Contract, request: Request) -> Response | None:
    from akool_mock._control.dashboard import pages  # noqa: PLC0415 - not needed to start

    return pages.respond(contract.document, request)


def _health(world: World, _query: Query) -> Any:  # noqa: ANN401 - JSON
    return {"ok": True, "operations": sorted(world.operations)}


def _start(world: World, query: Query) -> Any:  # noqa: ANN401 - JSON
    from akool_mock._operations.first_call import first_call  # noqa: PLC0415 - it is loaded by then

    key, curl = first_call(world, query.base)
    return {"client_id": world.settings.client_id, "api_key": key, "curl": curl}


def _state(world: World, query: Query) -> Any:  # noqa: ANN401 - JSON
    return {
        "seed": world.seed,
        "revision": world.revision,
        "clock": _clock(world, query),
        "settings": world.settings.as_json(),
        "accounts": _accounts(world, query),
        "jobs": len(world.jobs),
        "requests": world.journal.last_number,
        "webhooks": {"logged": world.outbox.last_number, "waiting": len(world.outbox)},
        "faults": _faults(world, query),
        "failures": list(world.failures),
    }


def _reset(world: World, query: Query) -> Any:  # noqa: ANN401 - JSON
    seed = query.field("seed", int, world.seed)
    world.reset(seed=seed)
    return _state(world, query)


def _clock(world: World, _query: Query) -> Any:  # noqa: ANN401 - JSON
    state = world.clock.state
    return {"now": state.now, "frozen": state.frozen, "offset_s": state.offset_s}


def _set_clock(world: World, query: Query) -> Any:  # noqa: ANN401 - JSON
    actions = {"freeze": world.clock.freeze, "resume": world.clock.resume, "real": world.clock.real}
    action = query.sent.get("action")
    if action == "advance":
        try:
            world.clock.advance(query.field("seconds", float))
        except ValueError as error:
            raise MockError(str(error)) from None
    elif isinstance(action, str) and action in actions:
        actions[action]()
    else:
        raise MockError(f"action: one of advance, {', '.join(actions)}; not {action!r}")
    return _clock(world, query)


def _settings(world: World, _query: Query) -> Any:  # noqa: ANN401 - JSON
    return world.settings.as_json()


def _set_settings(world: World, query: Query) -> Any:  # noqa: ANN401 - JSON
    fixed = {"client_id", "api_key", "control", "journal", "webhook_log"} & query.sent.keys()
    if fixed:
        raise MockError(f"settings that can only be set at the start: {', '.join(sorted(fixed))}")
    world.change_settings(query.sent)
    return world.settings.as_json()


def _account(account: Account) -> dict[str, Any]:
    return {
        "client_id": account.client_id,
        "credits": account.credits,
        "banned": account.banned,
        "user_id": account.user_id,
        "uid": account.uid,
    }


def _accounts(world: World, _query: Query) -> Any:  # noqa: ANN401 - JSON
    return [_account(account) for account in world.accounts]


def _add_account(world: World, query: Query) -> Any:  # noqa: ANN401 - JSON
    account = Account(
        query.field("client_id", str),
        query.field("api_key", str),
        query.field("credits", float, world.settings.credits),
    )
    world.accounts.add(account)
    world.keep(account)
    return _account(account)


def _set_account(world: World, query: Query) -> Any:  # noqa: ANN401 - JSON
    account = world.accounts.get(query.named)
    before = account.credits, account.banned
    credit = query.field("credits", float, account.credits)
    banned = query.field("banned", bool, account.banned)
    account.credits, account.banned = credit, banned
    try:
        world.keep(account)
    except MockError:
        account.credits, account.banned = before
        raise
    return _account(account)


def _job(world: World, job: Job, base: str, now: float) -> dict[str, Any]:
    return {
        "id": job.id,
        "operation": job.operation,
        "account": job.account,
        "status": job.status(now),
        "listed": now - job.created >= job.plan.list_lag_s,
        "created": job.created,
        "age_s": now - job.created,
        "url": world.result_url(base, job),
        "video": job.media.is_video,
        "webhook": job.webhook,
        "cost": job.cost,
    }


def _jobs(world: World, query: Query) -> Any:  # noqa: ANN401 - JSON
    now, before = world.clock.time(), query.texts.get("before")
    newest = world.jobs.newest(None if before is None else _known(world, before))
    shown = [_job(world, job, query.base, now) for job in islice(newest, query.limit(50))]
    return {"total": len(world.jobs), "jobs": shown}


def _seed_jobs(world: World, query: Query) -> Any:  # noqa: ANN401 - JSON
    """Make jobs that are `age_s` old, without a submit and free of charge."""
    count, age_s = query.field("count", int), query.field("age_s", float, 0.0)
    if not 1 <= count <= world.settings.max_jobs:
        raise MockError(f"count: from 1 to {world.settings.max_jobs}, not {count}")
    if age_s < 0:
        raise MockError("age_s: from 0 up")
    account = world.accounts.get(query.field("client_id", str, world.accounts.first.client_id))
    starting = world.terms.starting
    if not starting:
        raise MockError("no operation of this contract starts jobs (x-job)")
    operation = query.field("operation", str, starting[0])
    if operation not in starting:
        raise MockError(f"operation: one of {', '.join(starting)}; not {operation!r}")
    made = world.seed_jobs(account, operation, count=count, age_s=age_s, base=query.base)
    return {"made": count, "jobs": made, "total": len(world.jobs)}


def _known(world: World, name: str) -> Job:
    job = world.jobs.by_id.get(name)
    if job is None:
        raise MockError(f"no job {name!r}")
    return job


def _one(world: World, query: Query) -> Job:
    return _known(world, query.named)


def _one_job(world: World, query: Query) -> Any:  # noqa: ANN401 - JSON
    return _job(world, _one(world, query), query.base, world.clock.time())


def _set_job(world: World, query: Query) -> Any:  # noqa: ANN401 - JSON
    world.force(_one(world, query), query.field("status", int))
    return _one_job(world, query)


def _drop_job(world: World, query: Query) -> Any:  # noqa: ANN401 - JSON
    world.forget(_one(world, query))
    return {"deleted": query.named}


def _faults(world: World, _query: Query) -> Any:  # noqa: ANN401 - JSON
    return world.faults.as_json()


def _vocabulary(_world: World, _query: Query) -> Any:  # noqa: ANN401 - JSON
    return {
        name: {"values": directive.values, "effect": directive.effect}
        for name, directive in DIRECTIVES.items()
    }


def _add_fault(world: World, query: Query) -> Any:  # noqa: ANN401 - JSON
    return world.add_fault(Rule.from_json(query.sent)).as_json()


def _drop_faults(world: World, query: Query) -> Any:  # noqa: ANN401 - JSON
    world.drop_faults(query.number("id", 0) or None)
    return _faults(world, query)


def _requests(world: World, query: Query) -> Any:  # noqa: ANN401 - JSON
    entries = world.journal.since(query.number("after", 0), query.limit(LIMIT))
    last = entries[-1].number if entries else world.journal.last_number
    return {"requests": [entry.as_json() for entry in entries], "cursor": last}


def _drop_requests(world: World, _query: Query) -> Any:  # noqa: ANN401 - JSON
    world.journal.clear()
    return {"requests": [], "cursor": world.journal.last_number}


def _webhooks(world: World, query: Query) -> Any:  # noqa: ANN401 - JSON
    after = query.number("after", 0)
    later = (item for item in world.outbox.log if item.number > after)
    shown = [item.as_json() for item in islice(later, query.limit(LIMIT))]
    cursor = shown[-1]["number"] if shown else world.outbox.last_number
    return {"webhooks": shown, "waiting": len(world.outbox), "cursor": cursor}


def _redeliver(world: World, query: Query) -> Any:  # noqa: ANN401 - JSON
    if not query.named.isdigit():
        raise MockError(f"a delivery has a number, not {query.named!r}")
    made = world.outbox.again(int(query.named), world.clock.time())
    world.changed()
    return made.as_json()


def _events(_world: World, _query: Query) -> Any:  # noqa: ANN401 - JSON
    # A server replaces this answer by a stream; without one there is nothing to stream to.
    return {"events": "only over a socket"}


_ROUTES: Mapping[str, Mapping[str, Route]] = {
    "health": {"GET": _health},
    "start": {"GET": _start},
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
    """The function for a path, the value of its star, and whether it takes other methods."""
    head, _, named = path.partition("/")
    found, named = (_ROUTES[path], "") if path in _ROUTES else (_ROUTES.get(f"{head}/*", {}), named)
    return found.get(method), named, bool(found)
