"""An exchange and what is known about it: what was asked, what should follow, what came."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from akool_contract._wire import strict_json
from akool_contract.oracle import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_contract._wire.contract import Contract, Operation
    from akool_contract._wire.http import Exchange
    from akool_contract.oracle import Credentials, Verdict

SUCCESS = 1000
HTTP_OK = 200


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
    """Takes secrets out of a text: before it is cut, for half a secret is not known for one."""
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
    def fault(self) -> strict_json.JSONFaultError | None:
        """What a strict reader has against the body."""
        try:
            strict_json.read(self.exchange.response.body)
        except strict_json.JSONFaultError as fault:
            return fault
        return None

    @cached_property
    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """The body as a forgiving reader sees it; None when even that fails."""
        return strict_json.read_kindly(self.exchange.response.body)

    @cached_property
    def body(self) -> dict[str, Any]:
        """The body when it is an object, else an empty one."""
        return self.json if isinstance(self.json, dict) else {}

    @cached_property
    def code(self) -> Any:  # noqa: ANN401 - servers put anything there
        """The code (or the detection's error_code), whatever its type; None when absent."""
        value = self.body["code"] if "code" in self.body else self.body.get("error_code")
        return str(value) if isinstance(value, (dict, list)) else value

    @property
    def ok(self) -> bool:
        """Whether the server says that it did what was asked."""
        code = self.code
        if self.status != HTTP_OK or isinstance(code, bool):
            return False
        if self.operation and self.operation.is_detection:
            return bool(code in (0, SUCCESS))
        return bool(code in (SUCCESS, str(SUCCESS)))

    @property
    def accepted_wrongly(self) -> bool:
        """Whether a request that had to be refused was taken."""
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
        text = self.mask(response.body[: limit * 8].decode("utf-8", "replace"))
        return f"HTTP {self.status} {' '.join(text.split())[:limit]}".strip()
