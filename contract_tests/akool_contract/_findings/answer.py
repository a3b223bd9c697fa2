"""An exchange with its verdict: the request, what the answer should be, the answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from akool_contract._wire import strict_json
from akool_contract._wire.whole import unpacked
from akool_contract.oracle.verdict import Outcome
from akool_openapi.operations import MISSING, at

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_contract._wire.contract import Contract, Operation
    from akool_contract._wire.http import Exchange
    from akool_contract.oracle.credentials import Credentials
    from akool_contract.oracle.verdict import Verdict
    from akool_openapi.operations import Envelope

HTTP_OK = 200
HTTP_REDIRECTS = 300
HTTP_BAD, HTTP_FAILED = 400, 500


@dataclass
class Answer:
    """One judged exchange. `account` is whose credentials the request carried ("" = nobody's)."""

    exchange: Exchange
    operation: Operation | None
    verdict: Verdict
    account: str
    contract: Contract
    credentials: Credentials
    mask: Callable[[str], str] = str
    """Masks secrets in a text. Call it before cutting: half a secret is not recognised."""
    is_file: bool = False

    @property
    def status(self) -> int:
        """HTTP status; 0 when there was no answer."""
        return self.exchange.response.status

    @property
    def name(self) -> str:
        """The operationId, or the path for anything else."""
        if self.operation:
            return self.operation.id
        return "resultFile" if self.is_file else self.exchange.request.path

    @cached_property
    def content(self) -> bytes:
        """The body without its compression; as much as there is of it."""
        return unpacked(self.exchange.response)[0]

    @cached_property
    def _strictly(self) -> tuple[Any, strict_json.JSONFaultError | None]:
        try:
            return strict_json.read(self.content), None
        except strict_json.JSONFaultError as fault:
            return None, fault

    @property
    def fault(self) -> strict_json.JSONFaultError | None:
        """What a strict reader finds wrong with the body."""
        return self._strictly[1]

    @cached_property
    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """The body as a lenient reader sees it; None if even that fails."""
        value, fault = self._strictly
        return value if fault is None else strict_json.read_kindly(self.content)

    @cached_property
    def body(self) -> dict[str, Any]:
        """The body when it is an object, else an empty one."""
        return self.json if isinstance(self.json, dict) else {}

    @cached_property
    def code(self) -> Any:  # noqa: ANN401 - servers put anything there
        """The code at the place that `x-envelope` names, of any type; None if absent.

        A platform may answer in its own envelope before the operation is reached.
        """
        places = [one.code or one.success for one in self._envelopes]
        found = (at(self.json, place) for place in places)
        value = next((value for value in found if value is not MISSING), None)
        return str(value) if isinstance(value, (dict, list)) else value

    @cached_property
    def _envelopes(self) -> list[Envelope]:
        own = self.operation.envelope if self.operation else None
        common = self.contract.envelope if self.operation is None or own else None
        return [envelope for envelope in (common, own) if envelope is not None]

    @cached_property
    def ok(self) -> bool:
        """Whether the server says that it did what was asked."""
        if not HTTP_OK <= self.status < HTTP_REDIRECTS:
            return False
        # A value of another type is another fault: the credits were spent all the same.
        said = ((at(self.json, one.success), one.value) for one in self._envelopes)
        return not self._envelopes or any(
            found is not MISSING and not isinstance(found, bool) and str(found) == str(value)
            if not isinstance(value, bool)
            else found is value
            for found, value in said
        )

    @property
    def own_refusal(self) -> bool:
        """Whether a stand-in such as Prism refused it in its own form: by its status alone."""
        media = (self.exchange.response.header("content-type") or "").partition(";")[0]
        refused = HTTP_BAD <= self.status < HTTP_FAILED
        problem = media.strip().lower() == "application/problem+json"  # RFC 9457
        return problem or (refused and self.code is None)

    @property
    def apart(self) -> bool:
        """Whether it is of an operation whose envelope is not the document's."""
        return self.operation is not None and self.operation.apart

    @property
    def by_platform(self) -> bool:
        """Whether an operation with an envelope of its own was answered in the document's."""
        common = self.contract.envelope
        return self.apart and common is not None and at(self.json, common.success) is not MISSING

    @property
    def started(self) -> str:
        """The id of the job that this answer says was started, by `x-job`; empty if none was."""
        job = self.operation.job if self.operation else None
        if job is None or not self.ok:
            return ""
        value = at(self.json, job.id.name)
        if job.id.part == "header":
            value = self.exchange.response.header(job.id.name) or MISSING
        return text_of(value)

    @property
    def accepted_wrongly(self) -> bool:
        """Whether a request that had to be refused was accepted."""
        return self.ok and self.verdict.outcome is Outcome.REFUSE

    @property
    def data(self) -> dict[str, Any]:
        """`data` when it is an object, else an empty one."""
        data = self.body.get("data")
        return data if isinstance(data, dict) else {}

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items of a result list, those that are objects."""
        result = self.data.get("result")
        return (
            [item for item in result if isinstance(item, dict)] if isinstance(result, list) else []
        )

    def short(self, limit: int = 300) -> str:
        """The answer in one line, for a report."""
        response = self.exchange.response
        if response.fault:
            return f"no answer: {response.fault}"
        text = self.mask(self.content[: limit * 8].decode("utf-8", "replace"))
        return f"HTTP {self.status} {' '.join(text.split())[:limit]}".strip()


def text_of(value: object) -> str:
    """An id as requests name it; empty if the value cannot be an id."""
    usable = isinstance(value, (str, int)) and not isinstance(value, bool)
    return str(value) if usable else ""
