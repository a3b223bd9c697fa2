"""A simulator whose clock stands still, and the few calls that every test makes."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from akool_mock import Clock, MockServer, Request, Response, Settings

START = 1_800_000_000.0


class Caller:
    """Talks to a simulator without HTTP; sends the first account's key unless told otherwise."""

    IMAGE = "/api/open/v3/faceswap/highquality/specifyimage"
    VIDEO = "/api/open/v3/faceswap/highquality/specifyvideo"
    PRO = "/api/open/v4/faceswap/faceswapByImage"
    PLUS = "/api/open/v4/faceswap/faceswapPlusByImage"
    LIST = "/api/open/v3/faceswap/result/listbyids"
    DELETE = "/api/open/v3/faceswap/result/delbyids"
    CREDIT = "/api/open/v3/faceswap/quota/info"
    TOKEN = "/api/open/v3/getToken"
    DETECT = "/interface/detect-api/detect_faces"
    DETECT_LEGACY = "/detect"
    OPTS = "262,175:363,175:313,215:272,279"
    START = START

    def __init__(self, server: MockServer) -> None:
        self.server = server
        self.sim = server.simulator

    @staticmethod
    def face(opts: str | None = None) -> dict[str, str]:
        path = {"path": "https://example.com/face.jpg"}
        return path if opts is None else {**path, "opts": opts}

    def image(
        self, modify: str = "https://example.com/photo-640x480.png", **more: Any
    ) -> dict[str, Any]:
        faces = [self.face()]
        return {"sourceImage": faces, "targetImage": faces, "modifyImage": modify, **more}

    def video(self, modify: str = "https://example.com/clip.mp4", **more: Any) -> dict[str, Any]:
        faces = [self.face()]
        return {"sourceImage": faces, "targetImage": faces, "modifyVideo": modify, **more}

    def pro(self, target: str = "https://example.com/group.jpg", **more: Any) -> dict[str, Any]:
        return {"sourceImage": [self.face()], "targetImage": [{"path": target}], **more}

    def plus(self, target: str = "https://example.com/group.jpg", **more: Any) -> dict[str, Any]:
        source = "https://example.com/face.jpg"
        return {"source_url": source, "target_url": target, "single_face_mode": True, **more}

    def bodies(self, **more: Any) -> dict[str, dict[str, Any]]:
        return {
            self.IMAGE: self.image(**more),
            self.VIDEO: self.video(**more),
            self.PRO: self.pro(**more),
            self.PLUS: self.plus(**more),
        }

    def raw(self, method: str, path: str, body: bytes = b"", **headers: str) -> Response:
        path, _, query = path.partition("?")
        sent = {"host": "mock.localhost", "content-type": "application/json"}
        if not {"authorization", "x_api_key"} & headers.keys():
            sent["x-api-key"] = self.server.api_key
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        pairs = [(name.encode(), value.encode()) for name, value in sent.items() if value]
        return self.sim.handle(
            Request(method, path, query=query.encode(), headers=pairs, body=body)
        )

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.raw("POST", path, json.dumps(body).encode(), **headers).json()

    def get(self, path: str, **headers: str) -> Any:
        return self.raw("GET", path, **headers).json()

    def submit(self, body: Any = None, path: str = IMAGE, **headers: str) -> dict[str, Any]:
        answer = self.post(path, self.image() if body is None else body, **headers)
        assert answer["code"] == 1000, answer
        return dict(answer["data"])

    def listed(self, *ids: str, **headers: str) -> list[dict[str, Any]]:
        return list(self.get(f"{self.LIST}?_ids={','.join(ids)}", **headers)["data"]["result"])

    def status(self, job: str) -> int | None:
        return next((item["faceswap_status"] for item in self.listed(job)), None)

    def credit(self, **headers: str) -> float:
        return float(self.get(self.CREDIT, **headers)["data"]["credit"])

    def file(self, url: str, **headers: str) -> Response:
        return self.raw("GET", "/" + url.rpartition("/")[2], **headers)


@pytest.fixture
def make() -> Iterator[Callable[..., Caller]]:
    """Makes callers of fresh simulators at `START`; none of them may have made a mistake inside."""
    with ExitStack() as stack:
        made = []

        def one(*, contract: Any = None, seed: int = 0, **settings: Any) -> Caller:
            server = MockServer(
                contract=contract,
                settings=Settings(**settings),
                clock=Clock(START, frozen=True),
                seed=seed,
            )
            made.append(stack.enter_context(server).simulator)
            return Caller(server)

        yield one
        for sim in made:
            assert not sim.failures


@pytest.fixture
def api(make: Callable[..., Caller]) -> Caller:
    return make()
