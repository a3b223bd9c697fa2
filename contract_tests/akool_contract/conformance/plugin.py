"""pytest plugin: the options of `pytest --pyargs akool_contract.conformance`, and its one run.

It adds nothing to other test runs: names such as `--base-url` belong to other plugins there.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_contract._findings.report_model import Report

SUITES = ("akool_contract.conformance", "akool_contract/conformance", "contract_tests")
"""How a command line names the suite: installed, or in a clone."""
TEXTS = {
    "--base-url": ("AKOOL_BASE_URL", "simulator", "base URL, or simulator, or prism"),
    "--api-key": ("AKOOL_API_KEY", "", "API key"),
    "--client-id": ("AKOOL_CLIENT_ID", "", "clientId"),
    "--client-secret": ("AKOOL_CLIENT_SECRET", "", "clientSecret"),
    "--account": ("", "", "API key of a second account"),
    "--profile": ("", "default", "quick, default or nightly"),
    "--contract-seed": ("", "0", "the same seed sends the same requests"),
    "--max-credits": ("", "0", "credits that the run may spend"),
    "--webhook-listen": ("", "", "HOST:PORT to receive webhooks at"),
}
FLAGS = {
    "--allow-submit": "submit jobs, within --max-credits",
    "--allow-delete": "delete results that the run created",
}


def pytest_load_initial_conftests(parser: pytest.Parser, args: list[str]) -> None:
    """Adds the options where the suite is asked for."""
    if not any(suite in argument for suite in SUITES for argument in args):
        return
    group = parser.getgroup("contract", "AKOOL contract")
    for name, (_, _, text) in TEXTS.items():
        _add(group, name, default=None, help=text)
    for name, text in FLAGS.items():
        _add(group, name, action="store_true", help=text)


def _add(group: pytest.OptionGroup, name: str, **settings: object) -> None:
    try:
        group.addoption(name, **settings)
    except ValueError:
        return  # another plugin has it (pytest-base-url): its value is the one that is meant


def _text(config: pytest.Config, name: str) -> str:
    """An option as given, else from its environment variable, else the default."""
    variable, default, _ = TEXTS[name]
    return str(config.getoption(name, None) or os.environ.get(variable) or default)


@pytest.fixture(scope="session")
def contract_report(request: pytest.FixtureRequest) -> Iterator[Report]:
    """One run of the whole suite, shared by its tests."""
    import akool_openapi  # noqa: PLC0415 - only the suite needs any of it, other tests do not
    from akool_contract._generate.explore import leave_no_folder  # noqa: PLC0415 - same
    from akool_contract._options import PROFILES, Options, Where, Who  # noqa: PLC0415 - same
    from akool_contract._target.connect import connect  # noqa: PLC0415 - same
    from akool_contract._wire.contract import Contract  # noqa: PLC0415 - same
    from akool_contract._wire.errors import MistakeError  # noqa: PLC0415 - same
    from akool_contract.suite import verify  # noqa: PLC0415 - same

    leave_no_folder()
    config = request.config

    def text(name: str) -> str:
        return _text(config, name)

    contract = Contract(akool_openapi.load())
    try:
        options = Options(
            profile=PROFILES[text("--profile")],
            seed=int(text("--contract-seed")),
            allow_submit=bool(config.getoption("--allow-submit")),
            allow_delete=bool(config.getoption("--allow-delete")),
            max_credits=float(text("--max-credits")),
        )
        keys = ("--api-key", "--client-id", "--client-secret", "--account")
        where = Where(text("--base-url"), Who(*map(text, keys)), text("--webhook-listen"))
        connection = connect(where, options, contract)
    except (MistakeError, LookupError, ValueError) as error:
        pytest.exit(f"akool_contract: {error}", returncode=2)
    try:
        yield verify(connection.target, contract, options, mailbox=connection.mailbox)
    finally:
        connection.close()
