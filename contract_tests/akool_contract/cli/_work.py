"""The work of the command, once the options are parsed."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from rich.console import Console

import akool_openapi
from akool_contract._findings import baseline
from akool_contract._generate.explore import leave_no_folder
from akool_contract._recording.recorder import Recorder, default_recording
from akool_contract._recording.replay import ReplayTarget
from akool_contract._target.connect import Connection, connect
from akool_contract._wire.contract import Contract
from akool_contract._wire.errors import MistakeError
from akool_contract.cli._dry_run import planned
from akool_contract.cli._names import known_names
from akool_contract.report import Progress, show, write
from akool_contract.suite import verify
from akool_openapi.operations import ExtensionError

if TYPE_CHECKING:
    from pathlib import Path

    from akool_contract._findings.report_model import Report, Violation
    from akool_contract._options import Invocation, Options

__all__ = ["MistakeError", "carry_out"]


def carry_out(invocation: Invocation) -> int:
    """Runs the checks, reports the findings, and returns the exit code.

    Raises:
        MistakeError: what was asked for cannot be done.
        OSError: a file could not be written.
    """
    leave_no_folder()
    contract = _contract(invocation.contract)
    wrong = known_names(contract, invocation.options)
    if wrong:
        raise MistakeError(wrong)
    console = Console(stderr=False, highlight=False)
    if invocation.dry:
        planned(invocation, contract, console)
        return 0
    listed = _listed(invocation)
    options, record = invocation.options, invocation.record
    if invocation.replay is not None:
        target = ReplayTarget(invocation.replay)
        connection, options = Connection(target, target.mailbox), target.options()
    else:
        connection = connect(invocation.where, options, contract)
        record = record or default_recording(connection.target.name)
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        report = _recorded(connection, contract, options, record, console)
    finally:
        signal.signal(signal.SIGTERM, before)
        connection.close()
    baseline.apply(report, listed)
    if invocation.write_baseline and invocation.baseline and not report.error:
        count = baseline.write(invocation.baseline, report, listed)
        baseline.apply(report, report.violations)
        console.print(f"wrote {count} known violations to {invocation.baseline}", markup=False)
    _tell(report, invocation, record, console)
    return report.exit_code


def _listed(invocation: Invocation) -> list[Violation]:
    """The baseline's violations; a file that is to be written need not exist yet."""
    path = invocation.baseline
    if path is None or (invocation.write_baseline and not path.exists()):
        return []
    try:
        return baseline.read(path)
    except baseline.BaselineError as error:
        raise MistakeError(f"--baseline {error}") from error


def _contract(path: Path | None) -> Contract:
    """The contract in a file, or the packaged one."""
    if path is None:
        return Contract(akool_openapi.load())
    from akool_mock import MockError, contract_at  # noqa: PLC0415 - another contract is seldom given

    try:
        contract = Contract(contract_at(path))
        served = contract.operations
    except MockError as error:
        raise MistakeError(str(error)) from error
    except ExtensionError as error:
        raise MistakeError(f"contract {path}: {error}") from error
    except (AttributeError, TypeError, LookupError, ValueError) as error:
        raise MistakeError(f"contract {path} is not an OpenAPI 3 document: {error}") from error
    if not served:
        raise MistakeError(f"contract {path} describes no operation")
    return contract


def _stop(_number: int, _frame: object) -> None:
    """SIGTERM ends a run as Ctrl-C does: with a report."""
    raise KeyboardInterrupt


def _recorded(
    connection: Connection,
    contract: Contract,
    options: Options,
    record: Path | None,
    console: Console,
) -> Report:
    recorder = Recorder(record, options) if record else None
    try:
        with Progress(console) as progress:
            return verify(
                connection.target,
                contract,
                options,
                mailbox=connection.mailbox,
                progress=progress,
                observe=recorder.attach if recorder else None,
            )
    finally:
        if recorder:
            recorder.close()


def _tell(report: Report, invocation: Invocation, record: Path | None, console: Console) -> None:
    show(report, console, verbose=invocation.verbose)
    for kind, path in invocation.reports:
        write(report, kind, path)
        console.print(f"wrote {path}", markup=False)
    if record is not None and (report.timings.get("layers_s") or not report.error):
        console.print(f"recorded without secrets: --replay {record}", markup=False, soft_wrap=True)
