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
Target = Annotated[str, typer.Option(help="The same, under another name; wins over --base-url.")]
ApiKey = Annotated[str, typer.Option(envvar="AKOOL_API_KEY", help="API key.", show_default=False)]
ClientId = Annotated[
    str,
    typer.Option(
        envvar="AKOOL_CLIENT_ID", help="clientId: for tokens and webhooks.", show_default=False
    ),
]
ClientSecret = Annotated[
    str,
    typer.Option(
        envvar="AKOOL_CLIENT_SECRET",
        help="clientSecret; the API key by another name.",
        show_default=False,
    ),
]
Account = Annotated[
    str, typer.Option(metavar="KEY2", help="API key of a second account, for isolation.")
]
BannedAccount = Annotated[str, typer.Option(metavar="KEY", help="API key of a banned account.")]
ContractFile = Annotated[
    Path | None,
    typer.Option(
        "--contract",
        metavar="FILE",
        help="Hold the server to another contract (OpenAPI 3, YAML or JSON).",
    ),
]
Operations = Annotated[
    list[str] | None, typer.Option(metavar="ID", help="Only this operation; repeatable.")
]
Checks = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Only this check or layer; repeatable.")
]
ProfileName = Annotated[str, typer.Option(help="quick, default or nightly.")]
Seed = Annotated[
    int | None, typer.Option(help="Repeats a run exactly; drawn and printed if not given.")
]
AllowSubmit = Annotated[
    bool, typer.Option("--allow-submit", help="Submit jobs, within --max-credits.")
]
MaxCredits = Annotated[float, typer.Option(help="Credits that the run may spend.")]
Price = Annotated[
    float,
    typer.Option(
        help="Credits that one job may cost at most; if not given, the dearest in the contract."
    ),
]
AllowDelete = Annotated[
    bool, typer.Option("--allow-delete", help="Delete results that the run itself created.")
]
Rate = Annotated[float, typer.Option(help="Requests per second at most; 0: no limit.")]
MaxTime = Annotated[
    float, typer.Option(help="Seconds after which the run ends, with a report; 0: no limit.")
]
CaFile = Annotated[
    str, typer.Option("--ca", metavar="FILE", help="Certificates to trust, for TLS of one's own.")
]
Timeout = Annotated[float, typer.Option(help="Seconds to wait for one answer.")]
LatencyBudget = Annotated[
    float, typer.Option(help="Seconds within which 95 % of an operation's answers come.")
]
JobTimeout = Annotated[
    float | None,
    typer.Option(help="Seconds within which jobs must finish; if not given 60, and not a must."),
]
WebhookListen = Annotated[
    str,
    typer.Option(metavar="[HOST:PORT]", help="Receive webhooks here; alone: a free loopback port."),
]
WebhookUrl = Annotated[
    str, typer.Option(help="Public address that leads to --webhook-listen (a tunnel).")
]
WebhookPatience = Annotated[
    float, typer.Option(help="Seconds to wait for a finished job's webhook.")
]
SourceUrl = Annotated[str, typer.Option(help="Picture of the new face.")]
TargetUrl = Annotated[str, typer.Option(help="Picture to change.")]
VideoUrl = Annotated[str, typer.Option(help="Video to change.")]
Reports = Annotated[
    list[str] | None,
    typer.Option(metavar="KIND=FILE", help="json=FILE, junit=FILE or html=FILE; repeatable."),
]
Record = Annotated[
    Path | None,
    typer.Option(
        help="Record the run here, without secrets; servers are recorded in any case, "
        "in the user's state folder."
    ),
]
Replay = Annotated[Path | None, typer.Option(help="Judge a recorded run again, offline.")]
ShowChecks = Annotated[
    bool, typer.Option("--list", help="List every check with its clause; run none.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print every request that would be sent; send none.")
]
