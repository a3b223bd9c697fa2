"""Options of `pytest contract_tests`: the same as those of `akool-faceswap verify`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_contract._findings.report_model import Report

TEXTS = {
    "--base-url": ("AKOOL_BASE_URL", "simulator", "base URL, or simulator, or prism"),
    "--api-key": ("AKOOL_API_KEY", "", "API key"),
    "--client-id": ("AKOOL_CLIENT_ID", "", "clientId"),
    "--client-secret": ("AKOOL_CLIENT_SECRET", "", "clientSecret"),
    "--account": ("", "", "API key of a second account"),
    "--profile": ("", "default", "quick, default or nightly"),
    "--contract-seed": ("", "0", "repeats a run exactly"),
    "--max-credits": ("", "0", "credits that the run may spend"),
    "--webhook-listen": ("", "", "HOST:PORT to receive webhooks at"),
}
FLAGS = {
    "--allow-submit": "submit jobs, within --max-credits",
    "--allow-delete": "delete results that the run created",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds them."""
    group = parser.getgroup("contract", "AKOOL contract")
    for name, (variable, default, text) in TEXTS.items():
        group.addoption(name, default=os.environ.get(variable) or default, help=text)
    for name, text in FLAGS.items():
        group.addoption(name, action="store_true", help=text)


@pytest.fixture(scope="session")
def report(request: pytest.FixtureRequest) -> Iterator[Report]:
    """One run of the whole suite, shared by the tests."""
    import akool_openapi  # noqa: PLC0415 - `--help` needs none of it
    from akool_contract._options import PROFILES, MistakeError, Options, Where, Who  # noqa: PLC0415 - same
    from akool_contract._target.connect import connect  # noqa: PLC0415 - same
    from akool_contract._wire.contract import Contract  # noqa: PLC0415 - same
    from akool_contract.suite import verify  # noqa: PLC0415 - same

    def text(name: str) -> str:
        return str(request.config.getoption(name))

    options = Options(
        profile=PROFILES[text("--profile")],
        seed=int(text("--contract-seed")),
        allow_submit=bool(request.config.getoption("--allow-submit")),
        allow_delete=bool(request.config.getoption("--allow-delete")),
        max_credits=float(text("--max-credits")),
    )
    who = Who(text("--api-key"), text("--client-id"), text("--client-secret"), text("--account"))
    contract = Contract(akool_openapi.load())
    try:
        where = Where(text("--base-url"), who, text("--webhook-listen"))
        connection = connect(where, options, contract)
    except MistakeError as error:
        pytest.exit(str(error), returncode=2)
    try:
        yield verify(connection.target, contract, options, mailbox=connection.mailbox)
    finally:
        connection.close()
