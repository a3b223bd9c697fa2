"""What goes wrong before anything is sent, and the operations as the contract has them."""

import pytest
from tests.client.conftest import API_KEY, FACE, IMAGE, OPTS, Both, Vendor, job_id

from akool_faceswap import FaceMapping, InvalidRequestError
from akool_faceswap._core.operations import operation as known
from akool_faceswap_api import models
from akool_faceswap_api.operations import OPERATIONS

FACES = [models.FaceImageWithOpts(path=FACE, opts=OPTS)]
RAW = {
    "swapImage": models.SwapImageRequest(FACES, FACES, IMAGE),
    "swapVideo": models.SwapVideoRequest(FACES, FACES, IMAGE),
    "swapImagePro": models.SwapImageProRequest(FACES, FACES),
    "swapPlus": models.SwapPlusRequest(FACE, IMAGE, single_face_mode=True),
    "listResults": job_id(1),
    "deleteResults": models.DeleteResultsRequest(field_ids=job_id(1)),
    "getCredit": None,
    "getToken": models.GetTokenRequest("client-id", API_KEY),
    "detectFaces": models.DetectFacesRequest(url=IMAGE),
    "detectFacesLegacy": models.DetectFacesLegacyRequest(image_url=IMAGE, single_face=False),
}
"""A body for each operation, or what it takes in place of one."""


def snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_raw_operations_send_and_give_the_generated_models(
    both: Both, vendor: Vendor, operation: str
) -> None:
    given = RAW[operation]

    async def scenario(client):
        method = getattr(client.raw, snake(operation))
        return await (method() if given is None else method(given))

    answer = both.run(vendor, scenario)
    kind = getattr(models, operation[0].upper() + operation[1:] + "Response")
    assert isinstance(answer, kind)
    (request,) = vendor.requests
    if hasattr(given, "to_dict"):
        assert vendor.body == given.to_dict()
    assert ("x-api-key" in request.headers) == known(operation).authorized


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda c: c.detect_faces(IMAGE, frames=0), "from 1 to 100"),
        (lambda c: c.detect_faces(IMAGE, frames=True), "from 1 to 100"),
        (lambda c: c.detect_faces(IMAGE, frames=2.5), "from 1 to 100"),
        (lambda c: c.detect_faces(), "url= or image="),
        (lambda c: c.detect_faces(IMAGE, image="aGk="), "url= or image="),
        (lambda c: c.detect_faces(image=b"aGk="), "neither picture nor video"),
        (lambda c: c.detect_faces(image=""), "base64 text"),
        (lambda c: c.detect_faces_legacy(IMAGE, single_face="no"), "single_face is True or False"),
        (lambda c: c.swap_image("face.jpg", FACE, IMAGE), "a file of this machine is given as"),
        (lambda c: c.swap_image([], FACE, IMAGE), "source has no face"),
        (lambda c: c.swap_image({"path": FACE}, FACE, IMAGE), "source must be a URL"),
        (lambda c: c.swap_image(7, FACE, IMAGE), "source must be a URL"),
        (lambda c: c.swap_image(FACE, FACE, IMAGE, webhook_url="localhost"), "webhook_url must"),
        (lambda c: c.swap_image(FACE, FACE, IMAGE, face_enhance=2), "face_enhance is True or"),
        (lambda c: c.swap_image([FACE] * 2, [FACE] * 2, IMAGE), "needs its landmarks"),
        (lambda c: c.swap_video([FACE] * 2, FACE, IMAGE), "must match by position"),
        (lambda c: c.swap_plus(FACE, IMAGE, mapping=[]), "takes 1 to 8"),
        (lambda c: c.swap_plus(FACE, IMAGE, mapping="x"), "list of FaceMapping"),
        (lambda c: c.swap_plus(FACE, IMAGE, mapping=[(FACE, FACE)]), "list of FaceMapping"),
        (lambda c: c.swap_plus(FACE, IMAGE, mapping=[FaceMapping(FACE)]), "target_url, target_b"),
        (lambda c: c.swap_plus(FACE, IMAGE, model_style="ugly"), "model_style is one of"),
        (
            lambda c: c.swap_plus(FACE, IMAGE, mapping=[FaceMapping(FACE, FACE, (1, 2, 3))]),
            "four numbers",
        ),
        (
            lambda c: c.swap_plus(FACE, IMAGE, mapping=[FaceMapping(FACE, FACE, (1, 2, 3, 1e999))]),
            "cannot be written as JSON",
        ),
        (lambda c: c.detect_and_swap(7, IMAGE), "URL, a file, or a list of them"),
        (lambda c: c.as_completed("a1").__aiter__().__anext__(), "list of jobs or of their ids"),
    ],
)
def test_a_mistake_is_told_before_anything_is_sent(both: Both, vendor: Vendor, call, says) -> None:
    async def scenario(client):
        with pytest.raises(InvalidRequestError, match=says):
            await call(client)

    both.run(vendor, scenario)
    assert vendor.requests == []
