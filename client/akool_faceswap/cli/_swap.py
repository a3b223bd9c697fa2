"""`akool-faceswap swap image|video|pro|plus`: one paid swap, from submit to file."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from akool_faceswap._errors import InvalidRequestError
from akool_faceswap.cli import PROGRAM
from akool_faceswap.cli._jobs import result_facts, state_name
from akool_faceswap.cli._output import table
from akool_faceswap.cli._progress import progress
from akool_faceswap.cli._session import ApiCommand, Session, run

if TYPE_CHECKING:
    from akool_faceswap import AsyncFaceSwap, AsyncJob
    from akool_faceswap.cli._exit import Exit

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Swap faces; each swap costs credits."
)

Source = Annotated[
    list[str],
    typer.Option(metavar="URL", help="URL of the new face; repeat it for several."),
]
Target = Annotated[
    list[str],
    typer.Option(
        metavar="URL", help="URL of the face to be replaced, in the order of the sources."
    ),
]
SourceOpts = Annotated[
    list[str] | None,
    typer.Option(
        metavar="XY", help="Landmarks of each source, `x,y:x,y:x,y:x,y` as `detect` shows them."
    ),
]
TargetOpts = Annotated[
    list[str] | None, typer.Option(metavar="XY", help="Landmarks of each target.")
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="PATH", help="Save the result to this file or folder."),
]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until the job has ended.")]
Timeout = Annotated[
    float, typer.Option(min=0, metavar="S", help="Seconds to wait; the job goes on after them.")
]
Enhance = Annotated[bool, typer.Option("--face-enhance", help="Enhance the new face.")]
Webhook = Annotated[
    str | None, typer.Option(metavar="URL", help="URL that the vendor tells about the job.")
]
DEFAULT_WAIT_S = 1800.0


@app.command(cls=ApiCommand)
def image(  # noqa: PLR0913 - one per option
    context: typer.Context,
    *,
    source: Source,
    target: Target,
    image: Annotated[str, typer.Option(metavar="URL", help="URL of the picture to change.")],
    source_opts: SourceOpts = None,
    target_opts: TargetOpts = None,
    out: Out = None,
    webhook_url: Webhook = None,
    timeout: Timeout = DEFAULT_WAIT_S,
    wait: Wait = True,
    face_enhance: Enhance = False,
) -> None:
    """Swap faces in a picture (V3, up to eight faces)."""
    arguments = {
        "source": _faces("source", source, source_opts),
        "target": _faces("target", target, target_opts),
        "image": image,
        "face_enhance": face_enhance,
        "webhook_url": webhook_url,
    }
    _swap(context, "swap_image", arguments, out=out, timeout=timeout, wait=wait)


@app.command(cls=ApiCommand)
def video(  # noqa: PLR0913 - one per option
    context: typer.Context,
    *,
    source: Source,
    target: Target,
    video: Annotated[str, typer.Option(metavar="URL", help="URL of the video to change.")],
    source_opts: SourceOpts = None,
    target_opts: TargetOpts = None,
    out: Out = None,
    webhook_url: Webhook = None,
    timeout: Timeout = DEFAULT_WAIT_S,
    wait: Wait = True,
    face_enhance: Enhance = False,
) -> None:
    """Swap faces in a video (V3, up to eight faces)."""
    arguments = {
        "source": _faces("source", source, source_opts),
        "target": _faces("target", target, target_opts),
        "video": video,
        "face_enhance": face_enhance,
        "webhook_url": webhook_url,
    }
    _swap(context, "swap_video", arguments, out=out, timeout=timeout, wait=wait)


@app.command(cls=ApiCommand)
def pro(  # noqa: PLR0913 - one per option
    context: typer.Context,
    *,
    source: Source,
    target: Target,
    source_opts: SourceOpts = None,
    target_opts: TargetOpts = None,
    out: Out = None,
    webhook_url: Webhook = None,
    timeout: Timeout = DEFAULT_WAIT_S,
    wait: Wait = True,
    face_enhance: Enhance = False,
    single_face: Annotated[
        bool, typer.Option("--single-face", help="Swap the one face of the picture.")
    ] = False,
) -> None:
    """Swap faces in pictures with Face Swap Pro; the target picture itself is changed."""
    arguments = {
        "source": _faces("source", source, source_opts),
        "target": _faces("target", target, target_opts),
        "face_enhance": face_enhance,
        "single_face": single_face,
        "webhook_url": webhook_url,
    }
    _swap(context, "swap_image_pro", arguments, out=out, timeout=timeout, wait=wait)


@app.command(cls=ApiCommand)
def plus(  # noqa: PLR0913 - one per option
    context: typer.Context,
    *,
    source: Annotated[str, typer.Option(metavar="URL", help="URL of the new face.")],
    target: Annotated[
        str, typer.Option(metavar="URL", help="URL of the picture or video to change.")
    ],
    mapping: Annotated[
        str | None,
        typer.Option(
            metavar="JSON",
            help='Which face goes where, as JSON: [{"source_url": ..., "target_url": ...}, ...].',
        ),
    ] = None,
    model_style: Annotated[
        Literal["realistic", "beautify", "lossless"], typer.Option(help="Style of the result.")
    ] = "realistic",
    out: Out = None,
    webhook_url: Webhook = None,
    timeout: Timeout = DEFAULT_WAIT_S,
    wait: Wait = True,
    face_enhance: Enhance = False,
) -> None:
    """Swap faces in a picture or video with Face Swap Plus."""
    arguments = {
        "source": source,
        "target": target,
        "mapping": mapping,
        "model_style": model_style,
        "face_enhance": face_enhance,
        "webhook_url": webhook_url,
    }
    _swap(context, "swap_plus", arguments, out=out, timeout=timeout, wait=wait)


def _faces(name: str, paths: list[str], opts: list[str] | None) -> list[tuple[str, str | None]]:
    if opts and len(opts) != len(paths):
        raise typer.BadParameter(
            f"give --{name}-opts for each --{name} or for none: {len(opts)} for {len(paths)}"
        )
    if not opts:
        return [(path, None) for path in paths]
    return list(zip(paths, opts, strict=True))


def _swap(  # noqa: PLR0913 - what to swap, and what to do then
    context: typer.Context,
    method: str,
    arguments: dict[str, Any],
    *,
    out: Path | None,
    timeout: float,
    wait: bool,
) -> None:
    if out is not None and not wait:
        raise typer.BadParameter("--out needs --wait; `download ID` fetches a result later")

    async def work(session: Session, client: AsyncFaceSwap) -> Exit | None:
        job = await session.paid(getattr(client, method)(**_typed(arguments)))
        session.resume = shlex.join([PROGRAM, *_go_on(out), job.id])
        if not wait:
            session.output.answer({"id": job.id, "status": "SUBMITTED"}, job.id)
            return None
        await _finish(session, job, out, timeout)
        return None

    run(context, work)


def _go_on(out: Path | None) -> list[str]:
    return ["wait"] if out is None else ["download", "--out", str(out)]


def _typed(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments in the client's own types.

    Raises:
        InvalidRequestError: A face or a mapping is not one.
    """
    from akool_faceswap import Face, FaceMapping  # noqa: PLC0415 - --help does not need it

    typed = {**arguments}
    for side in ("source", "target"):
        if isinstance(typed[side], list):
            typed[side] = [Face(path, opts) for path, opts in typed[side]]
    if typed.get("mapping") is not None:
        try:
            typed["mapping"] = [FaceMapping(**pair) for pair in json.loads(typed["mapping"])]
        except (TypeError, ValueError) as error:
            raise InvalidRequestError(
                f"--mapping must be a JSON list of objects with `source_url` and `target_url`, or "
                f"`target_bbox`: {error}"
            ) from None
    return typed


async def _finish(session: Session, job: AsyncJob, out: Path | None, timeout: float) -> None:  # noqa: ASYNC109 - the job's deadline
    with progress() as shown:
        shown.show(f"{job.id} submitted")
        result = await job.wait(
            timeout=timeout, on_update=lambda state: shown.show(f"{job.id} {state_name(state)}")
        )
        path = None
        if out is not None:
            path = await result.save(
                out, progress=lambda done, _: shown.show(f"{job.id} saving, {done} bytes")
            )
    facts = result_facts(result.state, path)
    session.output.answer(facts, table(facts))
