"""The methods of `AsyncFaceSwap` that cost credits. See `_sync.operations` for the full texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_faceswap._async.jobs import AsyncJob
from akool_faceswap._core.arguments import choose, one_medium, one_or_more, only
from akool_faceswap._core.lazy import calls
from akool_faceswap._core.timing import DEFAULT, Timeout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akool_faceswap._async.engine import AsyncEngine
    from akool_faceswap._core.call import Call
    from akool_faceswap._models.account import FaceMapping, ModelStyle, Submission
    from akool_faceswap._models.detection import Detection
    from akool_faceswap._models.faces import Face, Faces


class AsyncSubmits:
    """What submits a job; the rest of the client is in `AsyncFaceSwap`."""

    _engine: AsyncEngine

    async def detect_faces(  # noqa: PLR0913 - see `Submits`
        self,
        url: str | None = None,
        *,
        image: str | None = None,
        frames: int = 5,
        crops: bool = False,
        single_face: bool = False,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
    ) -> Detection:
        """Find the faces in an image or a video. Costs nothing.

        See `FaceSwap.detect_faces`.
        """
        call = calls.detect_faces_call(
            url, image, frames=frames, crops=crops, single_face=single_face
        )
        return await self._engine.run(call, timeout)

    async def swap_image(  # noqa: PLR0913 - see `Submits`
        self,
        source: Faces,
        target: Faces,
        image: str,
        *,
        face_enhance: bool = False,
        webhook_url: str | None = None,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
    ) -> AsyncJob:
        """Put new faces into an image (V3). Costs credits.

        See `FaceSwap.swap_image`.
        """
        call = calls.swap_image_call(
            source, target, image, face_enhance=face_enhance, webhook_url=webhook_url
        )
        return await self._submit(call, timeout)

    async def swap_video(  # noqa: PLR0913 - see `Submits`
        self,
        source: Faces,
        target: Faces,
        video: str,
        *,
        face_enhance: bool = False,
        webhook_url: str | None = None,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
    ) -> AsyncJob:
        """Put new faces into a video (V3). Costs credits.

        See `FaceSwap.swap_video`.
        """
        call = calls.swap_video_call(
            source, target, video, face_enhance=face_enhance, webhook_url=webhook_url
        )
        return await self._submit(call, timeout)

    async def swap_image_pro(  # noqa: PLR0913 - see `Submits`
        self,
        source: Faces,
        target: Faces,
        *,
        face_enhance: bool = False,
        single_face: bool = False,
        webhook_url: str | None = None,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
    ) -> AsyncJob:
        """Put new faces into pictures (Face Swap Pro, V4). Costs credits.

        See `FaceSwap.swap_image_pro`.
        """
        call = calls.swap_image_pro_call(
            source,
            target,
            face_enhance=face_enhance,
            single_face=single_face,
            webhook_url=webhook_url,
        )
        return await self._submit(call, timeout)

    async def swap_plus(  # noqa: PLR0913 - see `Submits`
        self,
        source: str,
        target: str,
        *,
        mapping: Sequence[FaceMapping] | None = None,
        model_style: ModelStyle = "realistic",
        face_enhance: bool = False,
        webhook_url: str | None = None,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
    ) -> AsyncJob:
        """Put new faces into an image or a video (Face Swap Plus). Costs credits.

        See `FaceSwap.swap_plus`.
        """
        call = calls.swap_plus_call(
            source,
            target,
            mapping=mapping,
            model_style=model_style,
            face_enhance=face_enhance,
            webhook_url=webhook_url,
        )
        return await self._submit(call, timeout)

    async def detect_pairs(  # noqa: PLR0913 - see `Submits`
        self,
        source: str | Sequence[str],
        *,
        image: str | None = None,
        video: str | None = None,
        faces: Sequence[int] | None = None,
        frames: int = 5,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
    ) -> tuple[list[Face], list[Face]]:
        """Find the faces for a swap: sources and targets with their landmarks. Costs nothing.

        See `FaceSwap.detect_pairs`.
        """
        sources, medium = one_or_more(source), one_medium(image, video)
        shown = video is not None
        found = await self.detect_faces(medium, frames=frames, crops=shown, timeout=timeout)
        old = choose(found, faces, len(sources), video=shown)
        looks = [await self.detect_faces(url, single_face=True, timeout=timeout) for url in sources]
        return [only(look) for look in looks], old

    async def detect_and_swap(  # noqa: PLR0913 - see `Submits`
        self,
        source: str | Sequence[str],
        image: str,
        *,
        faces: Sequence[int] | None = None,
        face_enhance: bool = False,
        webhook_url: str | None = None,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
    ) -> AsyncJob:
        """`detect_pairs`, then `swap_image` with what it found. Only the swap costs credits.

        See `FaceSwap.detect_and_swap`.
        """
        new, old = await self.detect_pairs(source, image=image, faces=faces, timeout=timeout)
        return await self.swap_image(
            new, old, image, face_enhance=face_enhance, webhook_url=webhook_url, timeout=timeout
        )

    async def _submit(self, call: Call[Submission], timeout: Timeout) -> AsyncJob:  # noqa: ASYNC109 - the call's
        submission = await self._engine.run(call, timeout)
        return AsyncJob(self._engine, submission.id, submission.raw)
