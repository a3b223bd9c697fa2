"""What all commands that call the API share: options, client, exit codes.

`@app.command()` over `@api` adds `--json`, `--mock` and `--debug`; `run` makes the client, runs
the command's work on an event loop, and turns errors into a message and an exit code.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import wraps
from importlib.metadata import entry_points
from inspect import cleandoc
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeVar, cast

import typer

from akool_faceswap._errors import AkoolError
from akool_faceswap.cli._exit import PROGRAM, Exit
from akool_faceswap.cli._output import Output, OutputClosed
from akool_faceswap.cli._problems import Problem, as_json, exit_code_of, paragraph

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator

    import httpx2

    from akool_faceswap import AsyncFaceSwap
    from akool_faceswap.uploads import AsyncUploader

T = TypeVar("T")
OFFLINE = "akool_faceswap.offline"
PANEL = "For every command"
COMMON = {
    "json": "Print JSON on stdout; everything else goes to stderr.",
    "mock": "Use a mock inside this process: no account, no network, no credits.",
    "debug": "Show every HTTP exchange on stderr, without secrets.",
}
"""Options of every command that calls the API."""
UPLOADER = (
    "Where to upload local files: s3://BUCKET/FOLDER, FOLDER=https://PUBLIC, mock, or "
    "MODULE:NAME for your own function. --mock needs none."
)


class Offline(Protocol):
    """What the entry point for `--mock` starts."""

    async_transport: Any
    base_url: str
    api_key: str
    client_id: str
    client_secret: str

    def close(self) -> None:
        """Stop it."""
        ...


@dataclass(slots=True)
class Session:
    """One command while it runs."""

    output: Output
    mock: bool = False
    debug: bool = False
    uploader: str | None = None
    """What puts local files on the web, by name."""
    resume: str | None = None
    """The command that goes on from here, if it is interrupted now."""
    in_doubt: str | None = None
    """What may have been paid for, while nobody knows."""
    offline: Offline | None = field(default=None, repr=False)

    async def paid(self, request: Coroutine[Any, Any, T]) -> T:
        """Send a paid request; Ctrl-C waits for its answer, because it may have been accepted."""
        task = asyncio.ensure_future(request)
        self.in_doubt = "the swap that was being submitted"
        try:
            answer = await asyncio.shield(task)
        except asyncio.CancelledError:
            self.output.note(
                "Waiting for the answer to the paid request. Press Ctrl-C again to stop without it."
            )
            job = await asyncio.shield(task)
            self.in_doubt, self.resume = None, f"{PROGRAM} wait {getattr(job, 'id', '')}"
            raise
        self.in_doubt = None
        return answer

    @asynccontextmanager
    async def client(self, **options: Any) -> AsyncIterator[AsyncFaceSwap]:  # noqa: ANN401 - the client's own
        """A client as the environment and the options say."""
        from akool_faceswap import AsyncFaceSwap  # noqa: PLC0415 - 100 ms that --help does not need

        if self.mock:
            self.offline = start_offline()
            options |= {"base_url": self.offline.base_url, "api_key": self.offline.api_key}
        inner = self.offline.async_transport if self.offline else None
        options.setdefault("uploader", self._uploader())
        shown = self._shown_client(inner) if self.debug else None
        try:
            async with AsyncFaceSwap(
                http_client=shown, transport=None if shown else inner, **options
            ) as client:
                yield client
        finally:
            if shown is not None:
                await shown.aclose()
            if self.offline is not None:
                self.offline.close()

    def _uploader(self) -> AsyncUploader | None:
        from akool_faceswap.uploads import AsyncMock, named  # noqa: PLC0415 - see `client`

        if self.uploader is not None:
            return named(self.uploader, os.environ)
        if self.offline is not None:
            return AsyncMock(self.offline.base_url, self.offline.async_transport)
        return None

    def _shown_client(self, transport: Any) -> httpx2.AsyncClient:  # noqa: ANN401 - the mock's, or None
        from akool_faceswap._core.credentials import redactor  # noqa: PLC0415 - see `client`
        from akool_faceswap._http.environment import understandable  # noqa: PLC0415 - see `client`
        from akool_faceswap.cli._debug import shown_client  # noqa: PLC0415 - see `client`

        names = ("AKOOL_API_KEY", "AKOOL_CLIENT_ID", "AKOOL_CLIENT_SECRET")
        secrets = [os.environ.get(name) for name in names]
        secrets.append(self.offline.api_key if self.offline else None)
        with understandable():
            return shown_client(transport, redactor(*secrets))


def api(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the common options, and pass on the `Session` that they describe."""
    signature = inspect.signature(command, eval_str=True)
    parameters = signature.parameters.values()
    (taken_as,) = [p.name for p in parameters if p.annotation is Session]

    @wraps(command)
    def with_session(**given: Any) -> None:  # noqa: ANN401 - any options
        common = {name: given.pop(name) for name in COMMON}
        session = Session(
            Output(common["json"]),
            mock=common["mock"],
            debug=common["debug"],
            uploader=given.pop("uploader"),
        )
        command(**given, **{taken_as: session})

    options = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=False,
            annotation=Annotated[bool, typer.Option(f"--{name}", help=text, rich_help_panel=PANEL)],
        )
        for name, text in COMMON.items()
    ]
    options.append(
        inspect.Parameter(
            "uploader",
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                str | None,
                typer.Option(
                    metavar="WHERE",
                    help=UPLOADER,
                    envvar="AKOOL_UPLOADER",
                    rich_help_panel=PANEL,
                ),
            ],
        )
    )
    with_session.__signature__ = signature.replace(  # type: ignore[attr-defined]  # what `inspect` and Typer look for
        parameters=[*(p for p in parameters if p.name != taken_as), *options]
    )
    with_session.__doc__ = _reflow(command.__doc__ or "")
    return with_session


def _reflow(text: str) -> str:
    """Paragraphs without the line breaks of the source: the terminal has a width of its own."""
    return "\n\n".join(" ".join(part.split()) for part in cleandoc(text).split("\n\n"))


def start_offline() -> Offline:
    """The simulator for `--mock`, found by entry point.

    Raises:
        Problem: It is not installed.
    """
    try:
        for entry in entry_points(group=OFFLINE):
            return cast("Offline", entry.load()())
    except ModuleNotFoundError as error:
        raise Problem(
            f"--mock needs an extra ({error.name} is not installed): "
            "pip install 'akool-faceswap[mock]'"
        ) from error
    raise Problem("--mock needs an extra: pip install 'akool-faceswap[mock]'")


def run(
    session: Session,
    work: Callable[[Session, AsyncFaceSwap], Awaitable[Exit | None]],
    **options: Any,  # noqa: ANN401 - the client's own
) -> None:
    """Run a command's work with a client, and end the process with the right code.

    Raises:
        typer.Exit: Always, unless all went well.
    """

    async def main() -> Exit | None:
        with terminable():
            async with session.client(**options) as client:
                return await work(session, client)

    with ending(session):
        code = asyncio.run(main())
        if code:
            raise typer.Exit(code)


@contextmanager
def ending(session: Session) -> Iterator[None]:
    """Turn what ends a command early into words and an exit code."""
    try:
        yield
    except AkoolError as error:
        if session.output.as_json:
            with suppress(OutputClosed):  # the paragraph on stderr says the same
                session.output.answer(as_json(error), "")
        session.output.note(f"{PROGRAM}: {paragraph(error)}")
        raise typer.Exit(exit_code_of(error)) from error
    except (KeyboardInterrupt, asyncio.CancelledError, OutputClosed) as error:
        if session.in_doubt:
            session.output.note(
                f"{PROGRAM}: interrupted: {session.in_doubt} may have been accepted and charged. "
                f"Compare `{PROGRAM} credit` with the balance before you repeat it."
            )
            raise typer.Exit(Exit.UNCERTAIN) from error
        why = str(error) if isinstance(error, OutputClosed) else "interrupted"
        if session.mock:
            session.resume = None  # the simulator has forgotten its jobs already
        if session.resume:
            session.output.note(f"{PROGRAM}: {why}. Go on with: {session.resume}")
        else:
            session.output.note(f"{PROGRAM}: {why}; nothing was left half-done.")
        raise typer.Exit(Exit.INTERRUPTED) from error


@contextmanager
def terminable() -> Iterator[None]:
    """Let other signals that ask for an end do what Ctrl-C does."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None  # noqa: S101 - for the type checker; we are in one
    heeded = [sign for sign in _ENDS if signal.getsignal(sign) is not signal.SIG_IGN]  # `nohup`
    with suppress(NotImplementedError):
        for sign in heeded:
            loop.add_signal_handler(sign, task.cancel)
    try:
        yield
    finally:
        with suppress(NotImplementedError):
            for sign in heeded:
                loop.remove_signal_handler(sign)


_ENDS = [
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
]
"""From a service manager, from a terminal that was closed, from Windows."""
