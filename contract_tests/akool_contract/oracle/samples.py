"""Requests that must be accepted: the documented examples, with the pictures that were named."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from akool_contract._options import Options
    from akool_contract._wire.contract import Operation
    from akool_contract.oracle.credentials import Credentials

OPTS = "262,175:363,175:313,215:272,279"
SOURCE = "https://d21ksh0k4smeql.cloudfront.net/crop_1705462509874-9254-0-1705462510015-9261.png"
OLD = "https://d21ksh0k4smeql.cloudfront.net/crop_1694593694387-4562-0-1694593694575-0526.png"
TARGET = (
    "https://d21ksh0k4smeql.cloudfront.net/bdd1c994c4cd7a58926088ae8a479168-1705462506461-1966.jpeg"
)
VIDEO = "https://d21ksh0k4smeql.cloudfront.net/avatar_01-1705462506461.mp4"


@dataclass(frozen=True, slots=True)
class Pictures:
    """URLs of pictures: the new face, the old one, the picture and the video to change."""

    source: str = SOURCE
    old: str = OLD
    target: str = TARGET
    video: str = VIDEO

    @classmethod
    def of(cls, options: Options) -> Pictures:
        """Those that the person named, the documented ones otherwise."""
        return cls(
            options.source_url or SOURCE,
            options.target_url or OLD,
            options.target_url or TARGET,
            options.video_url or VIDEO,
        )


def sample_body(operation: Operation, pictures: Pictures, known: Credentials, an_id: str) -> Any:  # noqa: ANN401 - any JSON value
    """A body that keeps every documented rule; None for an operation that takes none.

    Args:
        operation: what to ask for.
        pictures: what the body names.
        known: whose token to ask for.
        an_id: the id of a job, for what is about one.
    """
    face, original = ({"path": path, "opts": OPTS} for path in (pictures.source, pictures.old))
    faces = {"sourceImage": [face], "targetImage": [original]}
    bodies: dict[str, Any] = {
        "swapImage": faces | {"modifyImage": pictures.target},
        "swapVideo": faces | {"modifyVideo": pictures.video},
        "swapImagePro": {
            "sourceImage": [{"path": pictures.source}],
            "targetImage": [{"path": pictures.target}],
        },
        "swapPlus": {
            "source_url": pictures.source,
            "target_url": pictures.target,
            "single_face_mode": True,
        },
        "deleteResults": {"_ids": an_id},
        "getToken": {"clientId": known.client_id, "clientSecret": known.client_secret},
        "detectFaces": {"url": pictures.target},
        "detectFacesLegacy": {"single_face": False, "image_url": pictures.target},
    }
    return copy.deepcopy(bodies.get(operation.id, operation.example))
