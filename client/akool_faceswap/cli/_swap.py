"""`akool-faceswap swap image|video|pro|plus`: one paid swap, from submit to file."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from akool_faceswap._errors import InvalidRequestError
from akool_faceswap.cli._exit import PROGRAM
from akool_faceswap.cli._groups import grouped
from akool_faceswap.cli._jobs import check_out, result_facts, state_name
from akool_faceswap.cli._output import table
from akool_faceswap.cli._progress import progress
from akool_faceswap.cli._session import Session, api, run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akool_faceswap import AsyncFaceSwap, AsyncJob, Face, FaceMapping
    from akool_faceswap.cli._exit import Exit

app = typer.Typer(
    name="swap",
    add_completion=False,
    no_args_is_help=True,
    help="Swap faces; each swap costs credits.",
)
DEFAULT_WAIT_S = 1800.0

Source = Annotated[
    list[str],
    typer.Option(metavar="URL|FILE", help="The new face; repeat it for several faces."),
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
TARGET_HELP = "The face to replace, in the order of the sources"


@dataclass(frozen=True, kw_only=True)
class Faces:
    """The faces of a swap, as the user knows them."""

    source: Source
    target: Annotated[list[str], typer.Option(metavar="URL|FILE", help=f"{TARGET_HELP}.")]
    source_opts: SourceOpts = None
    target_opts: TargetOpts = None

    async def arguments(
        self, _client: AsyncFaceSwap, _medium: Mapping[str, str | Path]
    ) -> dict[str, Any]:
        """What they are to the client's methods."""
        return _known(self.source, self.source_opts, self.target, self.target_opts)


@dataclass(frozen=True, kw_only=True)
class FoundFaces:
    """The faces of a swap, as the user knows them or as detection finds them."""

    source: Source
    target: Annotated[
        list[str] | None,
        typer.Option(metavar="URL|FILE", help=f"{TARGET_HELP}; not with --detect."),
    ] = None
    source_opts: SourceOpts = None
    target_opts: TargetOpts = None
    detect: Annotated[
        bool, typer.Option("--detect", help="Find the faces and their landmarks first, for free.")
    ] = False
    faces: Annotated[
        str | None,
        typer.Option(
            metavar="N,N...",
            help="With --detect: replace only these faces, numbered as in `detect`. Default: all. "
            "In a video: those of the first frame that shows as many faces as there are sources.",
        ),
    ] = None

    def __post_init__(self) -> None:
        """Refuse what contradicts itself before anything is asked."""
        if self.detect and (self.target or self.source_opts or self.target_opts):
            raise typer.BadParameter(
                "--detect finds targets and landmarks by itself: remove --target and the --*-opts"
            )
        if self.faces is not None and not self.detect:
            raise typer.BadParameter("--faces chooses from what --detect finds: add --detect")
        if not self.detect and not self.target:
            raise typer.BadParameter("give a --target for each --source, or add --detect")

    async def arguments(
        self, client: AsyncFaceSwap, medium: Mapping[str, str | Path]
    ) -> dict[str, Any]:
        """What they are to the client's methods."""
        if not self.detect:
            return _known(self.source, self.source_opts, self.target or [], self.target_opts)
        which = _positions(self.faces)
        image, video = medium.get("image"), medium.get("video")
        source, target = await client.detect_pairs(
            [_place(text) for text in self.source], image=image, video=video, faces=which
        )
        return {"source": source, "target": target}


@dataclass(frozen=True, kw_only=True)
class MappedFaces:
    """The faces of Face Swap Plus."""

    source: Annotated[str, typer.Option(metavar="URL|FILE", help="The new face.")]
    target: Annotated[str, typer.Option(metavar="URL|FILE", help="The picture or video to change.")]
    mapping: Annotated[
        str | None,
        typer.Option(
            metavar="JSON",
            help='Which face goes where, as JSON: [{"source_url": ..., "target_url": ...}, ...].',
        ),
    ] = None

    async def arguments(
        self, _client: AsyncFaceSwap, _medium: Mapping[str, str | Path]
    ) -> dict[str, Any]:
        """What they are to the client's methods."""
        mapping = None if self.mapping is None else _pairs(self.mapping)
        return {"source": _place(self.source), "target": _place(self.target), "mapping": mapping}


@dataclass(frozen=True, kw_only=True)
class How:
    """What all swaps have in common."""

    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="PATH", help="Save the result to this file or folder."),
    ] = None
    webhook_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where the vendor sends webhooks about the job."),
    ] = None
    timeout: Annotated[
        float, typer.Option(min=0, metavar="S", help="Seconds to wait. The job goes on afterwards.")
    ] = DEFAULT_WAIT_S
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait until the job has ended.")
    ] = True
    face_enhance: Annotated[bool, typer.Option("--face-enhance", help="Enhance the new face.")] = (
        False
    )

    def __post_init__(self) -> None:
        """Refuse what contradicts itself before anything is asked."""
        if self.out is not None and not self.wait:
            raise typer.BadParameter(
                "--out needs --wait: remove --no-wait, or use `download ID` later"
            )
        if self.out is not None:
            check_out(self.out)


@app.command()
@grouped
@api
def image(
    session: Session,
    *,
    faces: FoundFaces,
    image: Annotated[str, typer.Option(metavar="URL|FILE", help="The picture to change.")],
    how: How,
) -> None:
    """Swap faces in a picture (V3, up to eight faces)."""
    _swap(session, "swap_image", how, faces, {"image": _place(image)})


@app.command()
@grouped
@api
def video(
    session: Session,
    *,
    faces: FoundFaces,
    video: Annotated[str, typer.Option(metavar="URL|FILE", help="The video to change.")],
    how: How,
) -> None:
    """Swap faces in a video (V3, up to eight faces)."""
    _swap(session, "swap_video", how, faces, {"video": _place(video)})


@app.command()
@grouped
@api
def pro(
    session: Session,
    *,
    faces: Faces,
    how: How,
    single_face: Annotated[
        bool, typer.Option("--single-face", help="Swap the one face of the picture.")
    ] = False,
) -> None:
    """Swap faces with Face Swap Pro, which changes the target picture itself."""
    _swap(session, "swap_image_pro", how, faces, {}, single_face=single_face)


@app.command()
@grouped
@api
def plus(
    session: Session,
    *,
    faces: MappedFaces,
    model_style: Annotated[
        Literal["realistic", "beautify", "lossless"], typer.Option(help="Style of the result.")
    ] = "realistic",
    how: How,
) -> None:
    """Swap faces in a picture or video with Face Swap Plus."""
    _swap(session, "swap_plus", how, faces, {}, model_style=model_style)


def _swap(
    session: Session,
    method: str,
    how: How,
    faces: Faces | FoundFaces | MappedFaces,
    medium: Mapping[str, str | Path],
    **more: Any,  # noqa: ANN401 - what only this method takes
) -> None:
    async def work(session: Session, client: AsyncFaceSwap) -> Exit | None:
        # Detection is free: Ctrl-C during it stops the command before anything is paid.
        arguments = {**await faces.arguments(client, medium), **medium, **more}
        submit = getattr(client, method)
        job = await session.paid(
            submit(**arguments, face_enhance=how.face_enhance, webhook_url=how.webhook_url)
        )
        session.resume = shlex.join([PROGRAM, *_go_on(how.out), job.id])
        if how.wait:
            await _finish(session, job, how)
        else:
            session.output.answer({"id": job.id, "status": "SUBMITTED"}, job.id)
        return None

    run(session, work)


def _go_on(out: Path | None) -> list[str]:
    return ["wait"] if out is None else ["download", "--out", str(out)]


async def _finish(session: Session, job: AsyncJob, how: How) -> None:
    with progress() as shown:
        shown.show(f"{job.id} submitted")
        result = await job.wait(
            timeout=how.timeout,
            on_update=lambda state: shown.show(f"{job.id} {state_name(state)}"),
        )
        path = None
        if how.out is not None:
            path = await result.save(
                how.out, progress=lambda done, _: shown.show(f"{job.id} saving, {done} bytes")
            )
    facts = result_facts(result.state, path)
    session.output.answer(facts, table(facts))


def _known(
    source: list[str],
    source_opts: list[str] | None,
    target: list[str],
    target_opts: list[str] | None,
) -> dict[str, Any]:
    many = max(len(source), len(target)) > 1
    if many and (source_opts is None or target_opts is None):
        raise InvalidRequestError(
            "Several faces need their landmarks: --source-opts and --target-opts for each, as "
            "`detect` shows them; `swap image` and `swap video` find them with --detect"
        )
    return {
        "source": _faces("source", source, source_opts),
        "target": _faces("target", target, target_opts),
    }


def _faces(name: str, paths: list[str], opts: list[str] | None) -> list[Face]:
    from akool_faceswap import Face  # noqa: PLC0415 - --help does not need it

    if opts and len(opts) != len(paths):
        raise typer.BadParameter(
            f"give --{name}-opts for each --{name} or for none: {len(opts)} for {len(paths)}"
        )
    points: list[str] | list[None] = opts or [None] * len(paths)
    try:
        return [Face(_place(path), at) for path, at in zip(paths, points, strict=True)]
    except InvalidRequestError as error:
        raise InvalidRequestError(f"--{name}: {error.args[0]}") from None


def _place(text: str) -> str | Path:
    """A URL, or a file of this machine."""
    from akool_faceswap._models.given import from_text  # noqa: PLC0415 - --help does not need it

    return from_text(text, Path())


def _positions(text: str | None) -> list[int] | None:
    try:
        return None if text is None else [int(number) for number in text.split(",")]
    except ValueError:
        raise typer.BadParameter(f"--faces {text}: write for example --faces 0,2") from None


def _pairs(text: str) -> list[FaceMapping]:
    from akool_faceswap import FaceMapping  # noqa: PLC0415 - --help does not need it
    from akool_faceswap._models.cells import CellError, read_mapping  # noqa: PLC0415 - the same

    try:
        return [FaceMapping(**pair) for pair in read_mapping(text)]
    except (CellError, InvalidRequestError) as error:
        raise InvalidRequestError(f"--mapping {error}") from None
