"""What a program did while it ran against the simulator, in a few lines. Pure."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from akool_openapi.operations import MISSING, at, operations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from akool_mock._world.journal import Entry
    from akool_mock._world.outbox import Delivery
    from akool_openapi.operations import Envelope


MAX_LINES = 40
"""Most lines of each sort that are shown."""
HTTP_BAD = 400
MAX_TEXT = 200
"""Characters of an answer that no contract describes."""
_FILES = {b"image": "a picture", b"video": "a video"}
_LOST = {"failed", "refused"}


def summary(
    contract: Mapping[str, Any],
    entries: Iterable[Entry],
    refused: Mapping[str, int],
    webhooks: Iterable[Delivery] = (),
    dropped: int = 0,
) -> list[str]:
    """One line for each thing that was called, and for each that was refused.

    Args:
        contract: what says whether an answer is a refusal.
        entries: the requests, oldest first.
        refused: how often which host was asked for that is not the contract's.
        webhooks: those that were due.
        dropped: older requests that are not kept any more.
    """
    envelopes = {spec.name: spec.envelope for spec in operations(contract)}
    called: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for entry in entries:
        what = entry.operation or _unnamed(entry)
        called[what] += 1
        problem = _problem(entry, envelopes.get(entry.operation))
        if problem:
            wrong[f"{what}: {problem}"] += 1
    lines = ["akool-faceswap mock: nothing was called"] if not called else [_title(called, dropped)]
    lines += _lines("called", called)
    lines += _lines("refused", wrong)
    lines += _lines("not a host of the contract", Counter(dict(refused)))
    sent = list(webhooks)
    lines += _lines("webhook", Counter(hook.url for hook in sent if hook.state == "delivered"))
    lost = Counter(_lost(hook) for hook in sent if hook.state in _LOST)
    return [*lines, *_lines("webhook did not arrive", lost)]


def _unnamed(entry: Entry) -> str:
    """The name of a request that matches no operation."""
    kind = (entry.response.header(b"content-type") or b"").partition(b"/")[0]
    return _FILES.get(kind) or f"{entry.request.method} {entry.request.path}"


def _lost(hook: Delivery) -> str:
    outcome = hook.attempts[-1][1] if hook.attempts else hook.state
    why = f"HTTP {outcome}" if isinstance(outcome, int) else outcome
    return f"{hook.url}: {why}; --webhook-to says where to send it instead"


def _title(called: Counter[str], dropped: int) -> str:
    older = f", and {dropped} before them" if dropped else ""
    number = called.total()
    return f"akool-faceswap mock: {number} request{'' if number == 1 else 's'}{older}"


def _lines(label: str, counts: Counter[str]) -> Iterator[str]:
    for what, number in counts.most_common(MAX_LINES):
        yield f"  {label}: {what}" + (f" ({number} times)" if number > 1 else "")
    if len(counts) > MAX_LINES:
        yield f"  {label}: {len(counts) - MAX_LINES} more"


def _problem(entry: Entry, envelope: Envelope | None) -> str:
    """Why the answer is not a success; empty if it is."""
    try:
        body = json.loads(entry.response.body)
    except ValueError:
        body = None
    bad = entry.response.status >= HTTP_BAD
    if envelope is None or not isinstance(body, dict):
        return f"HTTP {entry.response.status} {_text(entry, body)}".rstrip() if bad else ""
    if envelope.succeeded(body) and not bad:
        return ""
    parts = [at(body, place) for place in (envelope.code, envelope.text) if place is not None]
    told = " ".join(str(part) for part in parts if part is not MISSING)
    return told or f"HTTP {entry.response.status}"


def _text(entry: Entry, body: object) -> str:
    """The text of an answer without an envelope."""
    said = body.get("msg") if isinstance(body, dict) else None
    if not isinstance(said, str):
        said = entry.response.body.decode("utf-8", "replace")
    return " ".join(said.split())[:MAX_TEXT]
