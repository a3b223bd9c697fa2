"""`akool-faceswap mock`: start the simulator, say where it is and how to talk to it."""

from __future__ import annotations

import json
import os
from enum import StrEnum
from pathlib import Path  # noqa: TC003 - Typer reads it from the annotations
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from akool_mock._world.settings import API_KEY, CLIENT_ID, MockError, Settings, changes

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_mock._simulator import Simulator

__all__ = ["app"]

USAGE_ERROR = 2
DEFAULT_PORT = 8970


class Engine(StrEnum):
    """What answers."""

    SIMULATOR = "simulator"
    PRISM = "prism"
    CHAIN = "chain"


app = typer.Typer(
    name="mock",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _fail(message: object, command: str = "mock") -> NoReturn:
    typer.echo(f"akool-faceswap {command}: {message}", err=True)
    raise typer.Exit(USAGE_ERROR)


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
            help="Its API key: 16, 24 or 32 characters.",
            show_default=False,
        ),
    ] = API_KEY,
    accept_any_key: Annotated[
        bool, typer.Option("--accept-any-key", help="Take any key or token.")
    ] = False,
    queue: Annotated[float, typer.Option(help="Seconds that a job waits.")] = Settings().queue_s,
    processing: Annotated[
        float, typer.Option(help="Seconds that a job takes.")
    ] = Settings().processing_s,
    credit: Annotated[
        float, typer.Option("--credits", help="Credits of each account.")
    ] = Settings().credits,
    seed: Annotated[int, typer.Option(help="Of identifiers, failures and jitter.")] = 0,
    scenario: Annotated[
        Path | None, typer.Option(help="TOML or JSON: settings, accounts, faults.")
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="File that keeps jobs over a restart or a crash.")
    ] = None,
    webhook_host: Annotated[
        list[str] | None,
        typer.Option(help="Host that may get webhooks besides loopback; repeatable."),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any other setting; repeatable."),
    ] = None,
    contract: Annotated[
        Path | None, typer.Option(help="Serve another contract (OpenAPI 3, YAML or JSON).")
    ] = None,
    no_control: Annotated[
        bool, typer.Option("--no-control", help="No control plane under /_mock/.")
    ] = False,
    engine: Annotated[
        Engine,
        typer.Option(
            help="prism: without state, from the examples. chain: Prism before the simulator, "
            "judging both sides. Both need Node."
        ),
    ] = Engine.SIMULATOR,
    upstream: Annotated[
        str | None,
        typer.Option(metavar="URL", help="With chain: judge this server, not the simulator."),
    ] = None,
) -> None:
    """Serve a simulator of the API until interrupted."""
    if context.invoked_subcommand is not None:
        return
    try:
        chosen = Settings(
            client_id=client_id,
            api_key=api_key,
            accept_any_key=accept_any_key,
            queue_s=queue,
            processing_s=processing,
            credits=credit,
            webhook_hosts=tuple(webhook_host or ()),
            control=not no_control,
        )
        if engine is Engine.PRISM or upstream is not None:
            _prism(engine, contract, upstream, host, port)
        sim = _simulator(chosen, setting or [], scenario, state, contract, seed)
        if engine is Engine.CHAIN:
            _chain(sim, host, port)
        _serve(sim, host, port)
    except MockError as error:
        _fail(error)


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


def _serve(sim: Simulator, host: str, port: int) -> None:
    from akool_mock._server.run import serve  # noqa: PLC0415 - brings uvicorn

    if host not in ("127.0.0.1", "localhost", "::1"):
        sim.world.hosts = frozenset({host})
    serve(sim, host=host, port=port, ready=lambda: typer.echo(_greeting(sim)))


def _greeting(sim: Simulator, chain: str = "") -> str:
    from akool_mock._operations.known import SAMPLE  # noqa: PLC0415 - `--help` needs none of it

    settings = sim.settings
    own = settings.api_key != API_KEY
    key = "$AKOOL_API_KEY" if own else settings.api_key
    path, example = SAMPLE
    body = json.dumps(example, separators=(",", ":"))
    lines = [
        f"AKOOL Face Swap simulator (unofficial) on {sim.world.origin}",
        f"  clientId              {settings.client_id}",
        f"  API key, clientSecret {'as given' if own else settings.api_key}",
    ]
    if chain:
        lines.append(f"  judged by Prism on    {chain}")
    if settings.control:
        lines.append(f"  control plane         {sim.world.origin}/_mock/")
    quote = '"' if own else "'"
    headers = f"-H {quote}x-api-key: {key}{quote} -H 'content-type: application/json'"
    lines += ["", f"curl -s {chain or sim.origin}{path} {headers} -d '{body}'", ""]
    return "\n".join(lines)


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
            help="Run it where nothing leads out, or only with proxy variables. "
            "By default: where the system allows it.",
            show_default=False,
        ),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A setting of the mock; repeatable."),
    ] = None,
    contract: Annotated[
        Path | None, typer.Option(help="Serve another contract (OpenAPI 3, YAML or JSON).")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of ids, failures and jitter.")] = 0,
) -> None:
    """Run a program that cannot be told an address: its calls to the API reach the mock."""
    from akool_mock._server.intercept.command import Order, run_program  # noqa: PLC0415 - `--help` needs none of it

    try:
        order = Order(
            command,
            settings=changes(setting or ()),
            contract=None if contract is None else str(contract.resolve()),
            allowed=tuple(allow_host or ()),
            seed=seed,
            user=(os.getuid(), os.getgid()) if hasattr(os, "getuid") else (0, 0),
        )
        code = run_program(order, private=private_network)
    except MockError as error:
        _fail(error, "mock run")
    raise typer.Exit(code)
