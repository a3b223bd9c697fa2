"""`akool-faceswap mock`: start the simulator, say where it is and how to talk to it."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from akool_mock._server.front import Front
from akool_mock._world.settings import API_KEY, CLIENT_ID, MockError, Settings, changes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from akool_mock._simulator import Simulator

__all__ = ["app"]

USAGE_ERROR = 2
DEFAULT_PORT = 8970


class Engine(StrEnum):
    """What answers."""

    SIMULATOR = "simulator"
    PRISM = "prism"
    CHAIN = "chain"


class Preset(StrEnum):
    """What the settings begin from."""

    OBSERVED = "observed"
    DOCUMENTED = "documented"


app = typer.Typer(
    name="mock",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _fail(message: object, command: str = "mock") -> NoReturn:
    typer.echo(f"akool-faceswap {command}: {message}", err=True)
    raise typer.Exit(USAGE_ERROR)


_Setting = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Any other setting; repeatable."),
]
_Preset = Annotated[
    Preset | None,
    typer.Option("--as", help="Act as the vendor's servers were observed, or as its pages say."),
]
_WebhookTo = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Send every webhook to this URL. A header has the URL that the request named.",
    ),
]
_Contract = Annotated[
    Path | None, typer.Option(help="Serve another contract (OpenAPI 3, YAML or JSON).")
]
_AllowHost = Annotated[
    list[str] | None,
    typer.Option(metavar="HOST", help="Let programs reach this host too; repeatable."),
]


@app.callback(help="Serve a simulator of the API until interrupted.")
def mock(  # noqa: PLR0913 - a command line has options
    context: typer.Context,
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="Port to listen on; 0 takes any free one.")
    ] = DEFAULT_PORT,
    client_id: Annotated[str, typer.Option(help="clientId of the first account.")] = CLIENT_ID,
    api_key: Annotated[
        str,
        typer.Option(
            envvar="AKOOL_MOCK_API_KEY",
            help="API key of the first account: 16, 24 or 32 characters.",
            show_default=False,
        ),
    ] = API_KEY,
    accept_any_key: Annotated[
        bool, typer.Option("--accept-any-key", help="Accept any key or token.")
    ] = False,
    queue: Annotated[
        float, typer.Option(help="Seconds that a job is in the queue.")
    ] = Settings().queue_s,
    processing: Annotated[
        float, typer.Option(help="Seconds that a job is processed.")
    ] = Settings().processing_s,
    credit: Annotated[
        float, typer.Option("--credits", help="Credits of each account.")
    ] = Settings().credits,
    seed: Annotated[int, typer.Option(help="Seed of ids, failures and jitter.")] = 0,
    scenario: Annotated[
        Path | None, typer.Option(help="File with settings, accounts and faults, as TOML or JSON.")
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="File that keeps jobs across restarts and crashes.")
    ] = None,
    webhook_host: Annotated[
        list[str] | None,
        typer.Option(help="Another host that may receive webhooks, besides loopback; repeatable."),
    ] = None,
    webhook_to: _WebhookTo = None,
    host_name: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="Another host name to answer to, besides loopback and the contract's; repeatable.",
        ),
    ] = None,
    cors: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ORIGIN",
            help="Let web pages of this origin call the API; * for any; repeatable.",
        ),
    ] = None,
    trust_proxy: Annotated[
        bool, typer.Option("--trust-proxy", help="Trust X-Forwarded-* headers from loopback.")
    ] = False,
    tls: Annotated[bool, typer.Option("--tls", help="Serve HTTPS.")] = False,
    proxy: Annotated[
        bool,
        typer.Option(
            "--proxy", help="Serve as an HTTP proxy, which leads the API's hosts to the mock."
        ),
    ] = False,
    ca: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Folder that keeps the authority of --tls and --proxy. Default: one for this run.",
        ),
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --tls: your own certificate, PEM.")
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Key of the certificate, if it is in a separate file."),
    ] = None,
    allow_host: _AllowHost = None,
    preset: _Preset = None,
    setting: _Setting = None,
    contract: _Contract = None,
    no_control: Annotated[
        bool, typer.Option("--no-control", help="Turn the control plane under /_mock/ off.")
    ] = False,
    engine: Annotated[
        Engine,
        typer.Option(
            help="prism: examples only, no state. chain: Prism in front of the simulator, "
            "checking requests and answers. Both need Node."
        ),
    ] = Engine.SIMULATOR,
    upstream: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="With --engine chain: check this server instead of the simulator."
        ),
    ] = None,
) -> None:
    """Serve a simulator of the API until interrupted."""
    if context.invoked_subcommand is not None:
        return
    try:
        told = {
            "client_id": client_id,
            "api_key": api_key,
            "accept_any_key": accept_any_key or None,
            "queue_s": queue,
            "processing_s": processing,
            "credits": credit,
            "webhook_hosts": webhook_host,
            "webhook_to": webhook_to,
            "host_names": host_name,
            "cors": cors,
            "trust_proxy": trust_proxy or None,
            "control": not no_control,
        }
        chosen = _settings(preset, told)
        front = Front(
            tls=tls, proxy=proxy, ca=ca, certificate=certificate, key=key,
            allowed=tuple(allow_host or ()), names=tuple(host_name or ()),
        )  # fmt: skip
        _check(front, engine)
        if engine is Engine.PRISM or upstream is not None:
            _prism(engine, contract, upstream, host, port)
        sim = _simulator(chosen, setting or [], scenario, state, contract, seed)
        if engine is Engine.CHAIN:
            _chain(sim, host, port)
        _serve(sim, host, port, front)
    except MockError as error:
        _fail(error)


def _check(front: Front, engine: Engine) -> None:
    problem = front.problem()
    if not problem and front.used and engine is not Engine.SIMULATOR:
        problem = "--tls and --proxy go with the simulator, not with Prism"
    if problem:
        raise MockError(problem)


def _settings(preset: Preset | None, told: Mapping[str, Any]) -> Settings:
    """The settings of a preset, changed by the options that were given."""
    start = Settings.preset("" if preset is None else preset.value)
    return start.changed({name: value for name, value in told.items() if value is not None})


def _simulator(  # noqa: PLR0913, PLR0917 - everything that a simulator takes
    settings: Settings,
    given: list[str],
    scenario: Path | None,
    state: Path | None,
    contract: Path | None,
    seed: int,
) -> Simulator:
    from akool_mock._contract.file import contract_at  # noqa: PLC0415 - `--help` needs none of it
    from akool_mock._control.scenario import (  # noqa: PLC0415 - `--help` needs none of it
        apply,
        read,
        settings_of,
    )
    from akool_mock._simulator import Simulator  # noqa: PLC0415 - same

    told = {} if scenario is None else read(scenario)
    settings = settings_of(told, settings)
    settings = settings.changed(changes(given))
    served = None if contract is None else contract_at(contract)
    sim = Simulator(served, settings=settings, seed=seed)
    if state is not None:
        from akool_mock._world.state_file import StateFile  # noqa: PLC0415 - same

        StateFile(state).attach(sim.world)
    apply(told, sim.world)
    return sim


def _prism(
    engine: Engine, contract: Path | None, upstream: str | None, host: str, port: int
) -> NoReturn:
    from akool_mock.prism import _command  # noqa: PLC0415 - the simulator needs none of it

    if upstream is not None and engine is not Engine.CHAIN:
        raise MockError("--upstream goes with --engine chain")
    raise typer.Exit(_command.serve(contract, upstream, host, port, typer.echo))


def _chain(sim: Simulator, host: str, port: int) -> NoReturn:
    from akool_mock._server.run import serve  # noqa: PLC0415 - brings uvicorn
    from akool_mock.prism import _command  # noqa: PLC0415 - the simulator needs none of it

    def start(ready: Callable[[str], None]) -> None:
        serve(sim, port=0, ready=lambda: ready(sim.world.origin))

    def say(url: str) -> None:
        typer.echo(_greeting(sim, url))

    raise typer.Exit(_command.before(sim.contract.document, start, host, port, say))


def _serve(sim: Simulator, host: str, port: int, front: Front) -> None:
    from akool_mock._server.run import serve  # noqa: PLC0415 - brings uvicorn

    if host not in ("127.0.0.1", "localhost", "::1"):
        sim.world.hosts = frozenset({host})
    if front.used:
        from akool_mock._server.intercept.front import serve_front  # noqa: PLC0415 - brings trustme

        serve_front(sim, host, port, front, lambda facts: typer.echo(_greeting(sim, facts=facts)))
    else:
        serve(sim, host=host, port=port, ready=lambda: typer.echo(_greeting(sim)))


def _greeting(sim: Simulator, chain: str = "", facts: Sequence[tuple[str, str]] = ()) -> str:
    from akool_mock._operations.first_call import first_call  # noqa: PLC0415 - `--help` needs none of it

    key, curl = first_call(sim.world, chain or sim.origin)
    lines = [
        f"AKOOL Face Swap simulator (unofficial) on {sim.world.origin}",
        f"  clientId              {sim.settings.client_id}",
        f"  API key, clientSecret {'as given' if key is None else key}",
    ]
    if chain:
        lines.append(f"  judged by Prism on    {chain}")
    lines += [f"  {name:<21} {value}" for name, value in facts]
    if sim.settings.control:
        lines.append(f"  control plane         {sim.world.origin}/_mock/")
    return "\n".join([*lines, "", curl, ""])


@app.command(context_settings={"allow_interspersed_args": False})
def run(  # noqa: PLR0913 - a command line has options
    command: Annotated[
        list[str], typer.Argument(metavar="COMMAND [ARGUMENTS]...", show_default=False)
    ],
    *,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="Let the program reach this host too; repeatable. Turns the private network off.",
        ),
    ] = None,
    private_network: Annotated[
        bool | None,
        typer.Option(
            "--private-network/--no-private-network",
            help="Run the program where nothing leads out, or only with proxy variables. "
            "Default: a private network, if the system allows it.",
            show_default=False,
        ),
    ] = None,
    har: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write requests and answers to this HAR file, without credentials."
        ),
    ] = None,
    webhook_to: _WebhookTo = None,
    preset: _Preset = None,
    setting: _Setting = None,
    contract: _Contract = None,
    seed: Annotated[int, typer.Option(help="Seed of ids, failures and jitter.")] = 0,
) -> None:
    """Run a program unchanged: its calls to the API reach the mock."""
    from akool_mock._server.intercept.command import Launch, run_program  # noqa: PLC0415 - `--help` needs none of it

    try:
        launch = Launch(
            command,
            settings=({"webhook_to": webhook_to} if webhook_to else {}) | changes(setting or ()),
            preset="" if preset is None else preset.value,
            har=None if har is None else str(har.absolute()),
            contract=None if contract is None else str(contract.resolve()),
            allowed=tuple(allow_host or ()),
            seed=seed,
            user=(os.getuid(), os.getgid()) if hasattr(os, "getuid") else (0, 0),
        )
        code = run_program(launch, private=private_network)
    except MockError as error:
        _fail(error, "mock run")
    raise typer.Exit(code)
