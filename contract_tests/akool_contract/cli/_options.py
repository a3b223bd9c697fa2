"""The options of `verify`, each with its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

BaseUrl = Annotated[
    str,
    typer.Option(
        envvar="AKOOL_BASE_URL",
        help="Base URL of the server to check, or `simulator` (in process) or `prism`.",
    ),
]
Target = Annotated[
    str, typer.Option(help="The same as --base-url. If you give both, this one counts.")
]
ApiKey = Annotated[str, typer.Option(envvar="AKOOL_API_KEY", help="API key.", show_default=False)]
ClientId = Annotated[
    str,
    typer.Option(
        envvar="AKOOL_CLIENT_ID", help="clientId, used for tokens and webhooks.", show_default=False
    ),
]
ClientSecret = Annotated[
    str,
    typer.Option(
        envvar="AKOOL_CLIENT_SECRET",
        help="clientSecret: the API key under another name.",
        show_default=False,
    ),
]
Account = Annotated[
    str,
    typer.Option(
        metavar="KEY2", help="API key of a second account, to check that accounts are separate."
    ),
]
BannedAccount = Annotated[
    str, typer.Option(metavar="KEY", help="API key of a banned account, to check code 1200.")
]
ContractFile = Annotated[
    Path | None,
    typer.Option(
        "--contract",
        metavar="FILE",
        help="Check against another contract (OpenAPI 3, YAML or JSON).",
    ),
]
Operations = Annotated[
    list[str] | None, typer.Option(metavar="ID", help="Check only this operation; repeatable.")
]
Checks = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Run only this check or layer; repeatable.")
]
WithoutOperations = Annotated[
    list[str] | None,
    typer.Option("--exclude-operation", metavar="ID", help="Leave out this operation; repeatable."),
]
WithoutChecks = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude-check", metavar="NAME", help="Leave out this check or layer; repeatable."
    ),
]
Baseline = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="List the violations of this file separately, and do not fail because of them.",
    ),
]
WriteBaseline = Annotated[
    bool,
    typer.Option(
        "--write-baseline", help="Write the violations of this run to the --baseline file."
    ),
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Show each check, and how to repeat each violation.")
]
ProfileName = Annotated[str, typer.Option(help="How much to generate: quick, default or nightly.")]
Seed = Annotated[
    int | None,
    typer.Option(
        help="The same seed sends the same requests. Default: a random one, which is printed."
    ),
]
AllowSubmit = Annotated[
    bool, typer.Option("--allow-submit", help="Submit jobs, within --max-credits.")
]
MaxCredits = Annotated[float, typer.Option(help="Maximum credits that the run may spend.")]
Price = Annotated[
    float,
    typer.Option(
        help="Maximum credits that one job may cost; 0: the highest price in the contract."
    ),
]
AllowDelete = Annotated[
    bool, typer.Option("--allow-delete", help="Delete results that this run made.")
]
Rate = Annotated[float, typer.Option(help="Maximum requests per second; 0: no limit.")]
Concurrency = Annotated[
    int,
    typer.Option(
        min=1, max=64, help="Maximum requests on their way at the same time, to a slow server."
    ),
]
MaxTime = Annotated[
    float,
    typer.Option(help="Seconds after which the run stops and writes its report; 0: no limit."),
]
CaFile = Annotated[
    str,
    typer.Option(
        "--ca", metavar="FILE", help="Certificates to trust, for a server with its own TLS."
    ),
]
Timeout = Annotated[float, typer.Option(help="Seconds to wait for one answer.")]
LatencyBudget = Annotated[
    float, typer.Option(help="Seconds within which 95 % of an operation's answers must come.")
]
JobTimeout = Annotated[
    float | None,
    typer.Option(
        help="Seconds within which jobs must finish. Default: 60, but slower is not a violation."
    ),
]
WebhookListen = Annotated[
    str,
    typer.Option(
        metavar="[HOST:PORT]", help="Receive webhooks here. Without a value: a free loopback port."
    ),
]
WebhookUrl = Annotated[
    str, typer.Option(help="Public address of a tunnel that leads to --webhook-listen.")
]
WebhookPatience = Annotated[
    float | None,
    typer.Option(
        help="Seconds within which a webhook must come, and come again if it was refused. "
        "Default: 10, but a later second attempt is not a violation."
    ),
]
SourceUrl = Annotated[str, typer.Option(help="Picture of the new face.")]
TargetUrl = Annotated[str, typer.Option(help="Picture to change.")]
VideoUrl = Annotated[str, typer.Option(help="Video to change.")]
Reports = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KIND=FILE", help="Write a report: json=FILE, junit=FILE or html=FILE; repeatable."
    ),
]
Record = Annotated[
    Path | None,
    typer.Option(
        help="Record the run in this file, without secrets. Default for servers: a file "
        "in your state folder."
    ),
]
Replay = Annotated[Path | None, typer.Option(help="Check a recorded run again, offline.")]
ShowChecks = Annotated[
    bool, typer.Option("--list", help="List every check with its clause; run none.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print every request that would be sent; send none.")
]
