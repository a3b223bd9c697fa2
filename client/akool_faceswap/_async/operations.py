"""The methods of the client that find faces and submit swaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_faceswap._core import requests
from akool_faceswap._core.arguments import choose, inline, one_medium, one_or_more, only
from akool_faceswap._core.call import callback
from akool_faceswap._core.job_calls import job_kind, submit_call
from akool_faceswap._core.timing import DEFAULT, Timeout
from akool_faceswap._models.given import medium
from akool_faceswap._models.job_kind import JobRef

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    from akool_faceswap._async.engine import AsyncEngine
    from akool_faceswap._async.jobs import AsyncJob
    from akool_faceswap._core.call import Call
    from akool_faceswap._core.download import Progress
    from akool_faceswap._core.job import OnUpdate
    from akool_faceswap._models.account import FaceMapping, ModelStyle, Submission
    from akool_faceswap._models.detection import Detection
    from akool_faceswap._models.faces import Face, Faces
    from akool_faceswap._models.given import Medium


class AsyncSubmits:
    """Finds faces and submits swaps. The rest of the client is built on it.

    Jobs, and with them waits, files and downloads, are loaded with the first job: they are half of
    what the client would take to import.
    """

    _engine: AsyncEngine

    async def submit(
        self,
        operation: str,
        /,
        body: object = None,
        *,
        timeout: Timeout = DEFAULT,
        **parameters: object,
    ) -> AsyncJob:
        """Submit any operation of the contract that starts a job (`x-job`). May cost credits.

        The named methods, such as `swap_image`, call this one.

        Args:
            operation: Its operationId, as `swapImage`.
            body: The request's body: an object as the API has it, or a model of
                `akool_faceswap_api.models`.
            timeout: Seconds; default: the client's timeout. None: no timeout.
            parameters: Its other parameters, named as in `client.raw`.

        Raises:
            InvalidRequestError: The contract has no such operation or no `x-job` for it, or the
                arguments are wrong. Nothing was sent.
            SubmissionUncertain: It was sent, the outcome is unknown, and it was not sent again.
            ApiError: The API refused.
        """
        return await self._submit(submit_call(operation, body, parameters), timeout)

    async def detect_faces(  # noqa: PLR0913 - the operation's fields, all by name
        self,
        url: Medium | None = None,
        *,
        image: Medium | None = None,
        frames: int = 5,
        crops: bool = False,
        single_face: bool = False,
        timeout: Timeout = DEFAULT,
    ) -> Detection:
        """Find the faces in an image or a video. Costs nothing.

        Docs: https://docs.akool.com/ai-tools-suite/face-detection/detect-faces

        Args:
            url: URL of the image or video, or a local file. A picture is sent with the request; a
                video needs an `uploader`.
            image: The image itself in base64, instead of `url`.
            frames: How many frames of a video to search, 1 to 100 (`num_frames`).
            crops: Return pictures of the faces too (`return_face_url`).
            single_face: Only the largest face of each frame.
            timeout: Seconds; default: the client's timeout. None: no timeout.

        Raises:
            DetectionError: The medium could not be read.
            AkoolError: The call failed.
        """
        address, text, file = inline(url, image)
        call = requests.detect_faces_call(
            address, text, frames=frames, crops=crops, single_face=single_face
        )
        found = await self._engine.run(call, timeout)
        return found if file is None else found.of(file)

    async def swap_image(  # noqa: PLR0913 - the operation's fields, all by name
        self,
        source: Faces,
        target: Faces,
        image: Medium,
        *,
        face_enhance: bool = False,
        webhook_url: str | None = None,
        timeout: Timeout = DEFAULT,
    ) -> AsyncJob:
        """Put new faces into an image (V3). Costs credits.

        Docs: https://docs.akool.com/ai-tools-suite/faceswap/image-faceswap

        Args:
            source: The new face or faces (`sourceImage`): URLs, local files, `Face`s. Files are
                checked first, and uploaded by the client's `uploader`.
            target: The faces to replace (`targetImage`), in the order of `source`.
            image: The image to change (`modifyImage`): its URL, or a file.
            face_enhance: Improve the faces (`face_enhance` 1).
            webhook_url: Where the vendor reports progress; see `akool_faceswap.webhooks`.
            timeout: Seconds; default: the client's timeout. None: no timeout.

        Raises:
            InvalidRequestError: The request breaks a rule, for example landmarks are missing.
                Nothing was sent.
            UploadError: A file could not be uploaded. Nothing was sent.
            SubmissionUncertain: It was sent, the outcome is unknown, and it was not sent again.
            ApiError: The API refused.
        """
        call = requests.swap_image_call(
            source,
            target,
            medium("image", image, "image"),
            face_enhance=face_enhance,
            webhook_url=webhook_url,
        )
        return await self._submit(call, timeout)

    async def swap_video(  # noqa: PLR0913 - the operation's fields, all by name
        self,
        source: Faces,
        target: Faces,
        video: Medium,
        *,
        face_enhance: bool = False,
        webhook_url: str | None = None,
        timeout: Timeout = DEFAULT,
    ) -> AsyncJob:
        """Put new faces into a video (V3). Costs credits.

        Docs: https://docs.akool.com/ai-tools-suite/faceswap/video-faceswap

        Args:
            source: The new face or faces (`sourceImage`), one face per picture.
            target: The faces to replace (`targetImage`), in the order of `source`.
            video: The video to change (`modifyVideo`): its URL, or a file.
            face_enhance: Improve the faces (`face_enhance` 1).
            webhook_url: Where the vendor reports progress.
            timeout: Seconds; default: the client's timeout. None: no timeout.

        Raises:
            AkoolError: As for `swap_image`.
        """
        call = requests.swap_video_call(
            source,
            target,
            medium("video", video, "video"),
            face_enhance=face_enhance,
            webhook_url=webhook_url,
        )
        return await self._submit(call, timeout)

    async def swap_image_pro(  # noqa: PLR0913 - the operation's fields, all by name
        self,
        source: Faces,
        target: Faces,
        *,
        face_enhance: bool = False,
        single_face: bool = False,
        webhook_url: str | None = None,
        timeout: Timeout = DEFAULT,
    ) -> AsyncJob:
        """Put new faces into pictures (Face Swap Pro, V4). Costs credits.

        Docs: https://docs.akool.com/ai-tools-suite/faceswap/image-faceswap-v4

        Args:
            source: The new face or faces (`sourceImage`).
            target: The picture or pictures to change (`targetImage`).
            face_enhance: Improve the faces.
            single_face: Swap one face only (`single_face_mode`).
            webhook_url: Where the vendor reports progress.
            timeout: Seconds; default: the client's timeout. None: no timeout.

        Raises:
            AkoolError: As for `swap_image`.
        """
        call = requests.swap_image_pro_call(
            source,
            target,
            face_enhance=face_enhance,
            single_face=single_face,
            webhook_url=webhook_url,
        )
        return await self._submit(call, timeout)

    async def swap_plus(  # noqa: PLR0913 - the operation's fields, all by name
        self,
        source: Medium,
        target: Medium,
        *,
        mapping: Sequence[FaceMapping] | None = None,
        model_style: ModelStyle = "realistic",
        face_enhance: bool = False,
        webhook_url: str | None = None,
        timeout: Timeout = DEFAULT,
    ) -> AsyncJob:
        """Put new faces into an image or a video (Face Swap Plus). Costs credits.

        Docs: https://docs.akool.com/ai-tools-suite/faceswap/faceswap-plus

        Args:
            source: The picture with the new face (`source_url`): its URL, or a file.
            target: The image or video to change (`target_url`): its URL, or a file.
            mapping: Pairs of new and old faces (`face_mapping`). Default: the one face of a picture
                is swapped (`single_face_mode`).
            model_style: `realistic`, `beautify` or `lossless`.
            face_enhance: Improve the faces.
            webhook_url: Where the vendor reports progress.
            timeout: Seconds; default: the client's timeout. None: no timeout.

        Raises:
            AkoolError: As for `swap_image`.
        """
        call = requests.swap_plus_call(
            medium("source", source, "image"),
            medium("target", target),
            mapping=mapping,
            model_style=model_style,
            face_enhance=face_enhance,
            webhook_url=webhook_url,
        )
        return await self._submit(call, timeout)

    async def detect_pairs(  # noqa: PLR0913 - the operation's fields, all by name
        self,
        source: Medium | Sequence[Medium],
        *,
        image: Medium | None = None,
        video: Medium | None = None,
        faces: Sequence[int] | None = None,
        frames: int = 5,
        timeout: Timeout = DEFAULT,
    ) -> tuple[list[Face], list[Face]]:
        """Find the faces for a swap: sources and targets with their landmarks. Costs nothing.

            new, old = client.detect_pairs(face_url, video=video_url)
            job = client.swap_video(new, old, video_url)

        Args:
            source: A picture of the new face, or several, one face each: URLs or files.
            image: The image to change; or
            video: the video to change.
            faces: Which faces to replace, by position in `detect_faces(url).faces` (for a video,
                with the same `frames`). Default: all faces of the image, or of the first frame that
                shows as many faces as there are sources.
            frames: How many frames of a video to search, 1 to 100.
            timeout: Seconds for each of the calls; default: the client's timeout. None: no timeout.

        Raises:
            InvalidRequestError: The faces that were found do not match.
            DetectionError: A picture shows no face.
            AkoolError: A call failed.
        """
        sources, changed = one_or_more(source), one_medium(image, video)
        shown = video is not None
        found = await self.detect_faces(changed, frames=frames, crops=shown, timeout=timeout)
        old = choose(found, faces, len(sources), video=shown)
        looks = [await self.detect_faces(url, single_face=True, timeout=timeout) for url in sources]
        return [only(look) for look in looks], old

    async def detect_and_swap(  # noqa: PLR0913 - the operation's fields, all by name
        self,
        source: Medium | Sequence[Medium],
        image: Medium,
        *,
        faces: Sequence[int] | None = None,
        face_enhance: bool = False,
        webhook_url: str | None = None,
        timeout: Timeout = DEFAULT,
    ) -> AsyncJob:
        """`detect_pairs`, then `swap_image` with what it found. Only the swap costs credits.

        Args:
            source: A picture of the new face, or several, one face each: URLs or files.
            image: The image to change: its URL, or a file.
            faces: Which faces of `image` to replace, by position in
                `detect_faces(url=image).faces`. Default: all. There must be as many as in `source`.
            face_enhance: Improve the faces.
            webhook_url: Where the vendor reports progress.
            timeout: Seconds for each of the calls; default: the client's timeout. None: no timeout.

        Raises:
            InvalidRequestError: The faces that were found do not match. Nothing was spent.
            DetectionError: A picture shows no face.
            AkoolError: As for `swap_image`.
        """
        image = medium("image", image, "image")
        new, old = await self.detect_pairs(source, image=image, faces=faces, timeout=timeout)
        return await self.swap_image(
            new, old, image, face_enhance=face_enhance, webhook_url=webhook_url, timeout=timeout
        )

    async def swap_to_file(  # noqa: PLR0913 - all that its steps take, by name
        self,
        path: str | os.PathLike[str],
        source: Medium | Sequence[Medium],
        *,
        image: Medium | None = None,
        video: Medium | None = None,
        faces: Sequence[int] | None = None,
        face_enhance: bool = False,
        webhook_url: str | None = None,
        timeout: Timeout = DEFAULT,
        wait_timeout: Timeout = DEFAULT,
        on_update: OnUpdate | None = None,
        progress: Progress | None = None,
    ) -> Path:
        """From pictures to a swapped file in one call: detect, submit, wait, save. Costs credits.

            client.swap_to_file("swapped.jpg", Path("me.jpg"), image=Path("party.jpg"))

        If the wait ends early, by `wait_timeout` or because you cancel it, the job goes on and is
        paid for. Do not call this again. Use `error.job.wait()`, or `client.job(error.job_id)`
        within seven days.

        Args:
            path: The file to write, or a folder. It is checked before anything is sent.
            source: A picture of the new face, or several, one face each: URLs or files.
            image: The image to change; or
            video: the video to change.
            faces: Which faces to replace; see `detect_pairs`.
            face_enhance: Improve the faces.
            webhook_url: Where the vendor reports progress.
            timeout: Seconds for each of the calls; default: the client's timeout. None: no timeout.
            wait_timeout: Seconds for the job. Default: 30 minutes (`Polling.timeout`).
            on_update: Called with every change of the job's state.
            progress: Called with the bytes saved so far and the total, None while that is unknown.

        Returns:
            The path of the file.

        Raises:
            InvalidRequestError: The arguments are wrong. Nothing was spent.
            JobTimeout: Still pending; the job goes on.
            DownloadError: The file cannot be written there, and nothing was spent; or it could not
                be saved, and `client.job(error.job_id)` still has it.
            AkoolError: As for `swap_image` and `Job.wait`.
        """
        from akool_faceswap._async.saving import require_place  # noqa: PLC0415 - see the class

        callback("on_update", on_update)
        callback("progress", progress)
        await require_place(path)
        changed = one_medium(image, video)
        sources = one_or_more(source)
        if video is None:
            job = await self.detect_and_swap(
                sources,
                changed,
                faces=faces,
                face_enhance=face_enhance,
                webhook_url=webhook_url,
                timeout=timeout,
            )
        else:
            new, old = await self.detect_pairs(sources, video=changed, faces=faces, timeout=timeout)
            job = await self.swap_video(
                new,
                old,
                changed,
                face_enhance=face_enhance,
                webhook_url=webhook_url,
                timeout=timeout,
            )
        result = await job.wait(timeout=wait_timeout, on_update=on_update)
        return await result.save(path, progress=progress)

    async def _submit(self, call: Call[Submission], timeout: Timeout) -> AsyncJob:
        from akool_faceswap._async.jobs import AsyncJob  # noqa: PLC0415 - see the class

        submission = await self._engine.run(call, timeout)
        ref = JobRef(job_kind(call.operation.name), submission.id)
        return AsyncJob(self._engine, ref, submission.raw)
