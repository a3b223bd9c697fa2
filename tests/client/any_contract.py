"""Run by `test_any_contract` where another product's pages were built and generated: uses them.

    python any_contract.py FOLDER    # one JSON object on stdout: what happened

Client and simulator are the checkout's; contract and generated package are those on the path.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import httpx2

import akool_faceswap
import akool_faceswap_api
from akool_faceswap import AsyncFaceSwap, FaceSwap, InvalidRequestError, JobFailed, WebhookEvent
from akool_faceswap_api import models
from akool_mock import Clock, MockServer, Settings
from akool_openapi import load

FACES = [{"path": "https://example.com/face.jpg"}]
BODIES: dict[str, Any] = {
    "swapImage": {"sourceImage": FACES, "targetImage": FACES, "modifyImage": "https://e.com/a.jpg"},
    "swapVideo": {"sourceImage": FACES, "targetImage": FACES, "modifyVideo": "https://e.com/a.mp4"},
    "swapImagePro": {"sourceImage": FACES, "targetImage": FACES},
    "swapPlus": {"source_url": "https://e.com/a.jpg", "target_url": "https://e.com/b.jpg",
                 "single_face_mode": True},
    "makeFilm": {"title": "Night"},
    "makeSongs": {"title": "Day"},
}  # fmt: skip


class MockTime:
    """The simulator's time, for asyncio."""

    def __init__(self, clock: Clock) -> None:
        self.time, self.monotonic, self._clock = clock.time, clock.monotonic, clock

    async def sleep(self, seconds: float) -> None:
        self._clock.advance(seconds)

    async def wait(self, _event: asyncio.Event, seconds: float) -> None:
        self._clock.advance(seconds)


class TwoFiles(httpx2.BaseTransport):
    """The simulator, whose songs have two files each: it makes one."""

    def __init__(self, mock: MockServer) -> None:
        self._mock = mock.transport

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = self._mock.handle_request(request)
        if request.url.path != "/other/songs" or request.method != "GET":
            return response
        body = json.loads(response.read())
        for song in body["songs"]:
            song["files"] *= 2
        return httpx2.Response(response.status_code, json=body)


def server(**more: Any) -> MockServer:
    settings = Settings(queue_s=1, processing_s=2, credits=50, **more)
    return MockServer(settings=settings, clock=Clock(1_800_000_000.0, frozen=True))


def client_of(mock: MockServer) -> FaceSwap:
    return FaceSwap(
        mock.api_key, transport=TwoFiles(mock), base_url=mock.base_url, clock=mock.clock
    )


def blocking(folder: Path) -> dict[str, Any]:
    with server() as mock, client_of(mock) as client:
        before = client.credit()
        film = client.submit("makeFilm", BODIES["makeFilm"])
        seen = [state.status.name for state in film.updates()]
        file = film.wait().save(folder / "film")
        again = client.job(film.id, operation="makeFilm").wait()
        songs = [client.submit("makeSongs", models.MakeSongsBody(title=t)) for t in "abc"]
        results = client.wait_all([*songs, client.submit("swapPlus", BODIES["swapPlus"])])
        looked = [entry.operation for entry in mock.simulator.world.journal.entries]
        saved = results[0].save_all(folder)
        try:
            results[0].save(folder)
        except InvalidRequestError as error:
            several = str(error)
        event = WebhookEvent(film.id, film.status(), "film", None, None, 0, "", {})
        confirmed = client.confirm(event, operation="makeFilm").url
        film.delete()
        try:
            songs[0].delete()
        except InvalidRequestError as error:
            no_delete = str(error)
        note = client.raw.make_note(body=models.MakeNoteBody(title="x"))
        return {
            "seen": seen,
            "file": file.stat().st_size,
            "same": [again.url == film.result().url, confirmed == again.url],
            "expires": (again.expires_at - again.created_at).total_seconds(),
            "urls": [len(result.urls) for result in results],
            "saved": {path.name: path.stat().st_size for path in saved},
            "several": several,
            "song_looks": looked.count("listSongs"),
            "no_delete": no_delete,
            "note": note.to_dict(),
            "spent": before - client.credit(),
        }


async def waiting() -> dict[str, Any]:
    with server() as mock:
        async with AsyncFaceSwap(
            mock.api_key,
            transport=mock.async_transport,
            base_url=mock.base_url,
            clock=MockTime(mock.clock),
        ) as client:
            jobs = [await client.submit(name, body) for name, body in BODIES.items()]
            results = await client.wait_all(jobs)
            return {"ids": [a.id == b.id for a, b in zip(jobs, results, strict=True)]}


def failing() -> dict[str, Any]:
    with server(failure_rate=1, failure_text="no light") as mock, client_of(mock) as client:
        try:
            client.submit("makeFilm", BODIES["makeFilm"]).wait()
        except JobFailed as error:
            return {"reason": error.reason, "operation": error.operation}
    return {}


def refused() -> dict[str, str]:
    told = {}
    with server() as mock, client_of(mock) as client:
        for name, body, parameters in (
            ("makeNote", {"title": "x"}, {}),
            ("nothing", {}, {}),
            ("makeFilm", {}, {}),
            ("makeFilm", None, {}),
            ("makeFilm", [], {}),
            ("makeFilm", {"title": "x"}, {"colour": 1}),
        ):
            try:
                client.submit(name, body, **parameters)
            except InvalidRequestError as error:
                told[f"{name} {body} {parameters}"] = str(error)
        told["sent"] = str(len(mock.simulator.world.journal.entries))
    return told


def used(name: str) -> list[str]:
    """Every function of the client that one submit and the wait for it run."""
    seen: set[str] = set()
    home = str(Path(akool_faceswap.__file__).parent)

    def note(frame: Any, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(home):
            seen.add(f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_qualname}")

    with server() as mock, client_of(mock) as client:
        client.submit(name, BODIES[name]).wait()  # what is cached is so for all
        sys.setprofile(note)
        try:
            client.submit(name, BODIES[name]).wait()
        finally:
            sys.setprofile(None)
    return sorted(seen)


def without_extensions() -> dict[str, Any]:
    with server() as mock, client_of(mock) as client:
        film = client.raw.make_film(body=models.MakeFilmBody(title="Night"))
        try:
            client.submit("makeFilm", {"title": "Night"})
        except InvalidRequestError as error:
            told = str(error)
        swapped = client.submit("swapPlus", BODIES["swapPlus"]).wait()
        return {"film": film.to_dict(), "told": told, "swapped": bool(swapped.url)}


def main(folder: Path) -> dict[str, Any]:
    where = {"client": akool_faceswap.__file__, "package": akool_faceswap_api.__file__}
    post = load()["paths"]["/other/films"]["post"]
    if "x-job" not in post:
        return where | without_extensions()
    return where | {
        "blocking": blocking(folder),
        "async": asyncio.run(waiting()),
        "failing": failing(),
        "refused": refused(),
        "used": {name: used(name) for name in BODIES},
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]))))
