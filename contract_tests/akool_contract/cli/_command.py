"""The command line of `verify`: options in, one run, exit code out."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from akool_contract._options import (
    JOB_TIMEOUT_S,
    PROFILES,
    WEBHOOK_PATIENCE_S,
    Invocation,
    Options,
    Where,
    Who,
)
from akool_contract.cli import _options as _o  # noqa: TC001 - Typer reads it

if TYPE_CHECKING:
    from collections.abc import Sequence

USAGE = 2
ANY_PORT = "127.0.0.1:0"
ADDRESS = re.compile(r"[\w.\[\]-]*:\d+|\d+")
REPORTS = ("json", "junit", "html")
EPILOG = (
    "Exit codes: 0 the target conforms, 1 violations, 2 could not run. Without --allow-submit "
    "nothing is submitted that a server could charge for."
)


def understood(words: Sequence[str]) -> list[str]:
    """The arguments, with a value added to a `--webhook-listen` that has none.

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


@app.command(epilog=EPILOG)
def verify(  # noqa: PLR0913 - a command line has options
    *,
    base_url: _o.BaseUrl = "simulator",
    target: _o.Target = "",
    api_key: _o.ApiKey = "",
    client_id: _o.ClientId = "",
    client_secret: _o.ClientSecret = "",
    account: _o.Account = "",
    banned_account: _o.BannedAccount = "",
    contract: _o.ContractFile = None,
    operation: _o.Operations = None,
    check: _o.Checks = None,
    exclude_operation: _o.WithoutOperations = None,
    exclude_check: _o.WithoutChecks = None,
    profile: _o.ProfileName = "default",
    seed: _o.Seed = None,
    allow_submit: _o.AllowSubmit = False,
    max_credits: _o.MaxCredits = 0.0,
    price: _o.Price = 0.0,
    allow_delete: _o.AllowDelete = False,
    rate: _o.Rate = 0.0,
    concurrency: _o.Concurrency = 32,
    max_time: _o.MaxTime = 0.0,
    ca: _o.CaFile = "",
    timeout: _o.Timeout = 10.0,
    latency_budget: _o.LatencyBudget = 10.0,
    job_timeout: _o.JobTimeout = None,
    webhook_listen: _o.WebhookListen = "",
    webhook_url: _o.WebhookUrl = "",
    webhook_patience: _o.WebhookPatience = None,
    source_url: _o.SourceUrl = "",
    target_url: _o.TargetUrl = "",
    video_url: _o.VideoUrl = "",
    report: _o.Reports = None,
    baseline: _o.Baseline = None,
    write_baseline: _o.WriteBaseline = False,
    verbose: _o.Verbose = False,
    record: _o.Record = None,
    replay: _o.Replay = None,
    show_checks: _o.ShowChecks = False,
    dry_run: _o.DryRun = False,
) -> None:
    """Check a server against the contract: wire, schema, rules, state, webhooks, files, client."""
    if show_checks:
        _list_checks()
        return
    if write_baseline and baseline is None:
        _fail("--write-baseline: name the file with --baseline FILE")
    if profile not in PROFILES:
        _fail(f"--profile {profile}: choose quick, default or nightly")
    options = Options(
        profile=PROFILES[profile],
        seed=secrets.randbelow(1_000_000_000) if seed is None else seed,
        operations=tuple(operation or ()),
        checks=tuple(check or ()),
        without_operations=tuple(exclude_operation or ()),
        without_checks=tuple(exclude_check or ()),
        allow_submit=allow_submit,
        allow_delete=allow_delete,
        max_credits=max_credits,
        price=price,
        rate=rate,
        concurrency=concurrency,
        max_time=max_time,
        ca=ca,
        timeout=timeout,
        latency_budget=latency_budget,
        job_timeout=JOB_TIMEOUT_S if job_timeout is None else job_timeout,
        job_timeout_given=job_timeout is not None,
        webhook_patience=WEBHOOK_PATIENCE_S if webhook_patience is None else webhook_patience,
        webhook_patience_given=webhook_patience is not None,
        source_url=source_url,
        target_url=target_url,
        video_url=video_url,
    )
    who = Who(api_key, client_id, client_secret, account, banned_account)
    where = Where(target or base_url, who, webhook_listen, webhook_url)
    invocation = Invocation(
        where,
        options,
        _reports(report or []),
        record,
        replay,
        dry_run,
        contract,
        baseline,
        write_baseline,
        verbose,
    )
    _carry_out(invocation)


def _carry_out(invocation: Invocation) -> NoReturn:
    from akool_contract._wire.errors import MistakeError  # noqa: PLC0415 - the same
    from akool_contract.cli._work import carry_out  # noqa: PLC0415 - `--help` needs none of it

    try:
        code = carry_out(invocation)
    except MistakeError as error:
        _fail(error)
    except OSError as error:
        _fail(f"{error.filename or 'a file'}: {error.strerror or error}")
    raise typer.Exit(code)


def _list_checks() -> None:
    from akool_contract.cli._names import check_list  # noqa: PLC0415 - `--help` needs none of it

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


def _fail(message: object) -> NoReturn:
    typer.echo(f"akool-faceswap verify: {message}", err=True)
    raise typer.Exit(USAGE)
