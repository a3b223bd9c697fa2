"""What both clients do to arguments and answers around a call. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from akool_faceswap._errors import DetectionError, InvalidRequestError, WebhookUnconfirmedError
from akool_faceswap._states import clean_id
from akool_faceswap._status import JobStatus
from akool_faceswap._waiting import Handle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from akool_faceswap._detection import Detection
    from akool_faceswap._faces import Face
    from akool_faceswap._states import JobState
    from akool_faceswap.webhooks import WebhookEvent

H = TypeVar("H", bound=Handle[Any])


def one_or_more(urls: str | Sequence[str]) -> list[str]:
    """One URL or several, as a list.

    Raises:
        InvalidRequestError: It is neither.
    """
    if isinstance(urls, str):
        return [urls]
    if not isinstance(urls, Iterable) or isinstance(urls, bytes):
        raise InvalidRequestError("source must be a URL or a list of URLs")
    return list(urls)


def choose(found: Detection, positions: Sequence[int] | None, wanted: int) -> list[Face]:
    """The faces of a picture that shall be replaced.

    Raises:
        InvalidRequestError: There are not as many as new faces, or no such ones.
    """
    count = len(found.faces)
    if positions is None:
        positions = range(count)
    if len(positions) != wanted:
        raise InvalidRequestError(
            f"{wanted} new faces for {len(positions)} of the {count} faces found in the image; "
            "say which with faces=[...]"
        )
    if not all(isinstance(i, int) and 0 <= i < count for i in positions):
        raise InvalidRequestError(f"faces counts from 0 to {count - 1} in this image")
    return [found.faces[i].as_face() for i in positions]


def only(found: Detection) -> Face:
    """The face of a picture that shows one.

    Raises:
        DetectionError: It shows none.
    """
    if not found.faces:
        raise DetectionError(
            "No face was found in a source picture",
            operation="detectFaces",
            http_status=found.raw.status,
            raw=found.raw,
        )
    return found.faces[0].as_face()


def in_chunks(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The ids in pieces of at most that size."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def handles(
    jobs: object, kind: type[H], owns: Callable[[H], bool], make: Callable[[str], H]
) -> list[H]:
    """Jobs and ids, all as jobs of this client.

    Raises:
        InvalidRequestError: Something is neither, or belongs to another client.
    """
    if not isinstance(jobs, Iterable) or isinstance(jobs, str | bytes):
        raise InvalidRequestError("Pass a list of jobs or of their ids")
    result: list[H] = []
    for job in jobs:
        if not isinstance(job, kind):
            result.append(make(clean_id(job)))
        elif owns(job):
            result.append(job)
        else:
            raise InvalidRequestError(f"{job!r} belongs to another client; pass its id")
    return result


def confirmed(event: WebhookEvent, state: JobState) -> WebhookEvent:
    """A webhook's event that the API bears out, with the URL that the API gives.

    Raises:
        WebhookUnconfirmedError: The API says otherwise.
    """
    if not state.listed or (event.status.is_final and event.status is not state.status):
        says = state.status.name if state.listed else "not listed"
        raise WebhookUnconfirmedError(
            f"The webhook says {event.status.name}, the API says {says}",
            job_id=event.id,
            operation="listResults",
        )
    url = state.url if event.status is JobStatus.SUCCESS else None
    return replace(event, confirmed=True, url=url)
