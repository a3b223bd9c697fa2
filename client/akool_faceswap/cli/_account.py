"""`credit` and `detect`: what the account has, and which faces a picture shows."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from akool_faceswap.cli._exit import Exit
from akool_faceswap.cli._output import table
from akool_faceswap.cli._session import Session, api, run

if TYPE_CHECKING:
    from akool_faceswap import AsyncFaceSwap, DetectedFace

app = typer.Typer(add_completion=False)
MAX_IMAGE_BYTES = 15 << 20
"""Largest local picture that is sent for detection, before base64."""


@app.command()
@api
def credit(session: Session) -> None:
    """Show the credits of the account."""

    async def work(session: Session, client: AsyncFaceSwap) -> Exit | None:
        found = await client.credit()
        session.output.answer({"credit": float(found)}, f"{float(found):g}")
        return None

    run(session, work)


@app.command()
@api
def detect(  # noqa: PLR0913 - one per option
    session: Session,
    media: Annotated[
        str, typer.Argument(metavar="MEDIA", help="URL of a picture or video, or a local picture.")
    ],
    *,
    frames: Annotated[
        int, typer.Option(min=1, max=100, metavar="N", help="Frames to search in a video.")
    ] = 5,
    single_face: Annotated[
        bool, typer.Option("--single-face", help="Find only the largest face.")
    ] = False,
    crops: Annotated[
        bool, typer.Option("--crops", help="Also return pictures of the faces.")
    ] = False,
    legacy: Annotated[bool, typer.Option("--legacy", help="Use the older service.")] = False,
) -> None:
    """Find faces and their landmarks, which `swap` takes as --source-opts and --target-opts."""
    url = media if "://" in media else None
    image = None if url else _base64(Path(media))

    async def work(session: Session, client: AsyncFaceSwap) -> Exit | None:
        if legacy:
            found = await client.detect_faces_legacy(url, image=image, single_face=single_face)
        else:
            found = await client.detect_faces(
                url, image=image, frames=frames, crops=crops, single_face=single_face
            )
        faces = [_face_facts(n, face) for n, face in enumerate(found.faces)]
        session.output.answer({"faces": faces}, "\n\n".join(map(table, faces)) or "no faces")
        return None if faces else Exit.REFUSED

    run(session, work)


def _base64(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_IMAGE_BYTES:
            raise typer.BadParameter(f"{path} is larger than {MAX_IMAGE_BYTES >> 20} MB")
        return base64.b64encode(path.read_bytes()).decode()
    except OSError as error:
        raise typer.BadParameter(f"{path} is neither a URL nor a readable file: {error}") from error


def _face_facts(position: int, face: DetectedFace) -> dict[str, Any]:
    return {
        "face": position,
        "frame": face.frame,
        "landmarks_str": face.landmarks_str,
        "region": face.region,
        "face_url": face.face_url,
        "crop_landmarks": face.crop_landmarks,
        "crop_region": face.crop_region,
    }
