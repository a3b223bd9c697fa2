"""What the target's URL tells about a job: file name, size, length."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from akool_mock._media.names import file_name, picture_size
from akool_mock._world.jobs import Media, TargetMedia

if TYPE_CHECKING:
    from akool_mock._world.directives import Directives
    from akool_mock._world.settings import Settings


_VIDEO = frozenset({"mp4", "mov", "avi", "webm"})


def target_of(settings: Settings, directives: Directives, url: str, *, video: bool) -> TargetMedia:
    """The target at an address; a video if the operation or the file name says so."""
    return _target(
        url,
        video,
        directives.size,
        (settings.image_size, settings.video_size),
        directives.length_s or settings.video_s,
        settings.video_price_s,
    )


# The same few addresses come again and again, and reading one costs a fifth of a whole submit.
@lru_cache(maxsize=4096)
def _target(  # noqa: PLR0913, PLR0917 - all that a target depends on
    url: str,
    video: bool,  # noqa: FBT001 - a cache wants positions
    asked: tuple[int, int],
    usual: tuple[tuple[int, int], tuple[int, int]],
    video_s: float,
    video_price_s: float,
) -> TargetMedia:
    stem, extension = file_name(url)
    if video or extension in _VIDEO:
        width, height = picture_size(stem, asked, usual[1])
        units = max(1, math.ceil(video_s / video_price_s))
        return TargetMedia(stem, "mp4", Media(width, height, video_s), units)
    width, height = picture_size(stem, asked, usual[0])
    return TargetMedia(stem, extension or "jpg", Media(width, height), 1)
