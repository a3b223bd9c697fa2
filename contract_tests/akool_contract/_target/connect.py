"""From what a person typed to a target: which server, whose credentials, what is allowed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from akool_contract._target.mailbox import Listener
from akool_contract._target.target import Capabilities, HttpTarget, is_loopback
from akool_contract._wire.errors import MistakeError
from akool_contract.oracle.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_contract._options import Options, Where, Who
    from akool_contract._target.mailbox import Mailbox
    from akool_contract._target.target import Target
    from akool_contract._wire.contract import Contract

SIMULATOR, PRISM = "simulator", "prism"
NO_SUBMIT = "submitting costs credits: allow it with --allow-submit --max-credits N"
NO_DELETE = "deleting is off: allow it with --allow-delete, for results of this run only"
NO_HOOK = "pass --webhook-listen where the target can reach this machine"


@dataclass(slots=True)
class Connection:
    """A target ready to be verified, and what has to be closed after it."""

    target: Target
    mailbox: Mailbox | None = None
    closers: list[Callable[[], None]] = field(default_factory=list)

    def close(self) -> None:
        """Closes everything, the last opened first."""
        for closer in reversed(self.closers):
            closer()


def connect(where: Where, options: Options, contract: Contract) -> Connection:
    """A connection to `simulator`, `prism` or a base URL; raises MistakeError."""
    if where.server == SIMULATOR:
        return _simulator(contract, options)
    if where.server == PRISM:
        return _prism(contract, options)
    parts = urlsplit(where.server)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise MistakeError(f"{where.server!r} is neither simulator, prism nor an http(s) base URL")
    return _server(where, options, contract)


def _credentials(who: Who) -> Credentials:
    """The given credentials, for the oracle."""
    known = Credentials(client_id=who.client_id, client_secret=who.client_secret)
    for key, owner in ((who.api_key, "main"), (who.second_key, "second")):
        if key:
            known.keys[key] = owner
    if who.banned_key:
        known.banned.add(who.banned_key)
    return known


def _simulator(contract: Contract, options: Options) -> Connection:
    from akool_contract._target.simulated import SimulatorTarget  # noqa: PLC0415 - other targets need no simulator

    target = SimulatorTarget(contract.document, seed=options.seed)
    return Connection(target, target.mailbox)


def _prism(contract: Contract, options: Options) -> Connection:
    from akool_mock.prism import Prism, PrismError  # noqa: PLC0415 - other targets need no Node

    prism = Prism(contract.document)
    try:
        prism.start()
    except PrismError as error:
        raise MistakeError(f"Prism could not be started: {error}") from error
    reason = "Prism keeps no state and answers refusals in its own form"
    capabilities = Capabilities(
        state=False, codes=False, cheap=True, loopback=True, submit=True, delete=True
    )
    for name in ("state", "codes", "token", "second", "banned", "webhooks"):
        capabilities.reasons[name] = reason
    known = Credentials(keys={"prism-takes-any-key": "main"}, lenient_keys=True)
    target = HttpTarget(prism.url, known, capabilities, timeout=options.timeout, name=PRISM)
    return Connection(target, closers=[prism.stop, target.close])


def _server(where: Where, options: Options, contract: Contract) -> Connection:
    who = where.who
    if not (who.api_key or (who.client_id and who.client_secret)):
        raise MistakeError(
            "a server needs credentials: --api-key, or --client-id with --client-secret "
            "(or AKOOL_API_KEY, AKOOL_CLIENT_ID, AKOOL_CLIENT_SECRET)"
        )
    if options.allow_submit and options.max_credits <= 0:
        raise MistakeError("--allow-submit needs --max-credits N: how much the run may spend")
    base = where.server.rstrip("/")
    can = Capabilities(
        loopback=is_loopback(base),
        submit=options.allow_submit,
        delete=options.allow_delete,
        token=bool(who.client_id),
        second=bool(who.second_key),
        banned=bool(who.banned_key),
        webhooks=bool(where.listen),
        live=base in contract.servers or not is_loopback(base),
        reasons={
            "submit": NO_SUBMIT,
            "delete": NO_DELETE,
            "webhooks": NO_HOOK,
            "token": "no --client-id with --client-secret to ask getToken with",
            "second": "a second account is needed: --account KEY2",
            "banned": "the key of a banned account is needed: --banned-account KEY",
        },
    )
    try:
        target = HttpTarget(
            base,
            _credentials(who),
            can,
            timeout=options.timeout,
            ca=options.ca,
            connections=max(1, options.concurrency),
        )
    except OSError as error:  # what is wrong with a certificate is one too
        raise MistakeError(f"--ca {options.ca}: {error}") from error
    connection = Connection(target, closers=[target.close])
    if where.listen:
        connection.mailbox = _listener(where.listen, where.public)
        connection.closers.append(connection.mailbox.close)
    return connection


def _listener(listen: str, public: str) -> Listener:
    host, _, port = listen.rpartition(":")
    try:
        return Listener(host or "127.0.0.1", int(port or 0), public)
    except (OSError, ValueError, OverflowError) as error:
        raise MistakeError(f"cannot listen for webhooks at {listen}: {error}") from error
