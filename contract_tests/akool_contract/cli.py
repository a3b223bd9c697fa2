"""`akool-faceswap verify`: hold a server to the contract, and say where it fails."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akool_contract._findings.report_model import Report
    from akool_contract._options import Options
    from akool_contract._target.connect import Connection

__all__ = ["app", "understood"]

USAGE = 2
ANY_PORT = "127.0.0.1:0"
ADDRESS = re.compile(r"[\w.\[\]-]*:\d+|\d+")
REPORTS = ("json", "junit", "html")
EPILOG = (
    "Exit codes: 0 the target conforms, 1 violations, 2 could not run. Without --allow-submit "
    "nothing is submitted that a server could charge for."
)


def understood(words: Sequence[str]) -> list[str]:
    """The words of a command line, with a value for a `--webhook-listen` that stands alone.

    A free loopback port is meant then. Typer has no option whose value may be left out.
    """
    following = [*words[1:], "--"]
    return [
        f"{word}={ANY_PORT}"
        if word == "--webhook-listen" and not ADDRESS.fullmatch(value)
        else word
        for word, value in zip(words, following, strict=False)
    ]


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def _fail(message: object) -> NoReturn:
    typer.echo(f"akool-faceswap verify: {message}", err=True)
    raise typer.Exit(USAGE)


def _list_checks() -> None:
    from akool_contract._run.dry_run import check_list  # noqa: PLC0415 - `--help` needs none of it

    for name, text in check_list():
        typer.echo(f"{name:36} {text}")


def _reports(values: list[str]) -> list[tuple[str, Path]]:
    found = []
    for value in values:
        kind, mark, path = value.partition("=")
        if kind not in REPORTS or not mark or not path:
            _fail(f"--report {value}: write it as json=FILE, junit=FILE or html=FILE")
        found.append((kind, Path(path)))
    return found


@app.command(epilog=EPILOG)
def verify(  # noqa: PLR0913 - a command line has options
    *,
    base_url: Annotated[
        str,
        typer.Option(
            envvar="AKOOL_BASE_URL",
            help="Base URL of the server to check, or `simulator` (in process) or `prism`.",
        ),
    ] = "simulator",
    target: Annotated[
        str, typer.Option(help="The same, under another name; wins over --base-url.")
    ] = "",
    api_key: Annotated[
        str, typer.Option(envvar="AKOOL_API_KEY", help="API key.", show_default=False)
    ] = "",
    client_id: Annotated[
        str,
        typer.Option(
            envvar="AKOOL_CLIENT_ID", help="clientId: for tokens and webhooks.", show_default=False
        ),
    ] = "",
    client_secret: Annotated[
        str,
        typer.Option(
            envvar="AKOOL_CLIENT_SECRET",
            help="clientSecret; the API key by another name.",
            show_default=False,
        ),
    ] = "",
    account: Annotated[
        str, typer.Option(metavar="KEY2", help="API key of a second account, for isolation.")
    ] = "",
    banned_account: Annotated[
        str, typer.Option(metavar="KEY", help="API key of a banned account.")
    ] = "",
    operation: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this operation; repeatable.")
    ] = None,
    check: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this check or layer; repeatable.")
    ] = None,
    profile: Annotated[str, typer.Option(help="quick, default or nightly.")] = "default",
    seed: Annotated[
        int | None, typer.Option(help="Repeats a run exactly; drawn and printed if not given.")
    ] = None,
    allow_submit: Annotated[
        bool, typer.Option("--allow-submit", help="Submit jobs, within --max-credits.")
    ] = False,
    max_credits: Annotated[float, typer.Option(help="Credits that the run may spend.")] = 0.0,
    allow_delete: Annotated[
        bool, typer.Option("--allow-delete", help="Delete results that the run itself created.")
    ] = False,
    rate: Annotated[float, typer.Option(help="Requests per second at most; 0: no limit.")] = 0.0,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for one answer.")] = 10.0,
    latency_budget: Annotated[
        float, typer.Option(help="Seconds within which 95 % of an operation's answers come.")
    ] = 10.0,
    job_timeout: Annotated[
        float | None,
        typer.Option(
            help="Seconds within which jobs must finish; if not given 60, and not a must."
        ),
    ] = None,
    webhook_listen: Annotated[
        str,
        typer.Option(
            metavar="[HOST:PORT]", help="Receive webhooks here; alone: a free loopback port."
        ),
    ] = "",
    webhook_url: Annotated[
        str, typer.Option(help="Public address that leads to --webhook-listen (a tunnel).")
    ] = "",
    webhook_patience: Annotated[
        float, typer.Option(help="Seconds to wait for a finished job's webhook.")
    ] = 10.0,
    source_url: Annotated[str, typer.Option(help="Picture of the new face.")] = "",
    target_url: Annotated[str, typer.Option(help="Picture to change.")] = "",
    video_url: Annotated[str, typer.Option(help="Video to change.")] = "",
    report: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND=FILE", help="json=FILE, junit=FILE or html=FILE; repeatable."),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(
            help="Record the run here, without secrets; servers are recorded in any case, "
            "in the user's state folder."
        ),
    ] = None,
    replay: Annotated[
        Path | None, typer.Option(help="Judge a recorded run again, offline.")
    ] = None,
    show_checks: Annotated[
        bool, typer.Option("--list", help="List every check with its clause; run none.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print every request that would be sent; send none.")
    ] = False,
) -> None:
    """Check a server against the contract: wire, schema, rules, state, webhooks, files, client."""
    from akool_contract._options import PROFILES, Options  # noqa: PLC0415 - same
    from akool_contract._run.recording import RecordingError  # noqa: PLC0415 - same
    from akool_contract._target.connect import UsageError, Who  # noqa: PLC0415 - `--help` needs none of it

    if show_checks:
        _list_checks()
        return
    if profile not in PROFILES:
        _fail(f"--profile {profile}: choose quick, default or nightly")
    options = Options(
        profile=PROFILES[profile],
        seed=secrets.randbelow(1_000_000_000) if seed is None else seed,
        operations=tuple(operation or ()),
        checks=tuple(check or ()),
        allow_submit=allow_submit,
        allow_delete=allow_delete,
        max_credits=max_credits,
        rate=rate,
        timeout=timeout,
        latency_budget=latency_budget,
        job_timeout=60.0 if job_timeout is None else job_timeout,
        job_timeout_given=job_timeout is not None,
        webhook_patience=webhook_patience,
        source_url=source_url,
        target_url=target_url,
        video_url=video_url,
    )
    who = Who(api_key, client_id, client_secret, account, banned_account)
    files = _reports(report or [])
    try:
        _execute(
            options,
            who,
            target or base_url,
            webhook_listen,
            webhook_url,
            files,
            record,
            replay,
            dry=dry_run,
        )
    except (UsageError, RecordingError) as error:
        _fail(error)
    except OSError as error:
        _fail(f"{error.filename or 'a file'}: {error.strerror or error}")


def _execute(  # noqa: PLR0913, PLR0917 - what the command line says, taken apart
    options: Options,
    who: Any,  # noqa: ANN401 - imported late
    where: str,
    listen: str,
    public: str,
    files: list[tuple[str, Path]],
    record: Path | None,
    replay: Path | None,
    *,
    dry: bool,
) -> None:
    from rich.console import Console  # noqa: PLC0415 - same

    import akool_openapi  # noqa: PLC0415 - `--help` needs none of it
    from akool_contract._run.dry_run import known_names, planned  # noqa: PLC0415 - same
    from akool_contract._run.recording import default_recording  # noqa: PLC0415 - same
    from akool_contract._target.connect import connect  # noqa: PLC0415 - same
    from akool_contract._wire.contract import Contract  # noqa: PLC0415 - same

    contract = Contract(akool_openapi.load())
    wrong = known_names(contract, options)
    if wrong:
        _fail(wrong)
    console = Console(stderr=False, highlight=False)
    if dry:
        planned(where, who, options, contract, console, listening=bool(listen))
        return
    if replay is not None:
        connection, options = _replayed(replay)
    else:
        connection = connect(where, who, options, contract, listen, public)
        record = record or default_recording(connection.target.name)
    try:
        result = _run(connection, contract, options, record, console)
    finally:
        connection.close()
    _finish(result, files, console, record)


def _replayed(path: Path) -> tuple[Connection, Options]:
    from akool_contract._run.replay import ReplayTarget  # noqa: PLC0415 - same
    from akool_contract._target.connect import Connection  # noqa: PLC0415 - `--help` needs none of it

    target = ReplayTarget(path)
    return Connection(target, target.mailbox), target.options()


def _run(
    connection: Connection,
    contract: Any,  # noqa: ANN401 - imported late
    options: Options,
    record: Path | None,
    console: Any,  # noqa: ANN401 - imported late
) -> Report:
    from akool_contract._run.engine import verify as run  # noqa: PLC0415 - `--help` needs none of it
    from akool_contract._run.recording import Recorder  # noqa: PLC0415 - same
    from akool_contract.report import Progress  # noqa: PLC0415 - same

    recorder = Recorder(record, options) if record else None
    try:
        with Progress(console) as progress:
            return run(
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


def _finish(
    report: Report,
    files: list[tuple[str, Path]],
    console: Any,  # noqa: ANN401 - imported late
    record: Path | None,
) -> None:
    from akool_contract.report import show, write  # noqa: PLC0415 - `--help` needs none of it

    show(report, console)
    for kind, path in files:
        write(report, kind, path)
        console.print(f"wrote {path}", markup=False)
    if record is not None and (report.timings.get("layers_s") or not report.error):
        console.print(f"recorded without secrets: --replay {record}", markup=False, soft_wrap=True)
    raise typer.Exit(report.exit_code)
