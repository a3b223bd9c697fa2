"""Uploaders for `FaceSwap(uploader=...)`: they put files where the vendor can fetch them.

    from akool_faceswap import FaceSwap
    from akool_faceswap.uploads import S3

    with FaceSwap(uploader=S3("my-bucket")) as client:
        client.swap_to_file("swapped.jpg", Path("me.jpg"), image=Path("party.jpg"))

Anyone who knows the URL of an uploaded file can fetch it. Names begin with a digest of the content
that nobody can guess, so equal files share a URL and others do not. Nothing is deleted here: give
the store a rule for that, for example after a day.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlsplit

import httpx2

from akool_faceswap._errors import ConfigurationError, UploadError
from akool_faceswap._http.uploading import AsyncUploader, Uploader

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["S3", "AsyncMock", "AsyncUploader", "Fsspec", "Mock", "Uploader", "named"]

DAY = timedelta(days=1)
LONGEST = timedelta(days=7)
"""How long a presigned address can live, by the rules of S3."""
_TIMEOUT_S = 60.0


class S3:
    """A bucket of S3 or of a compatible store. URLs are presigned.

    Needs `pip install 'akool-faceswap[s3]'`. Region, keys and endpoint come from the environment
    (`AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_ENDPOINT`) or from `options`.

    Args:
        bucket: Its name.
        prefix: Folder in the bucket.
        lifetime: How long a URL is valid, at most seven days. A job may take hours.
        options: As `obstore.store.S3Store` takes them: `region`, `endpoint`, `access_key_id`,
            `secret_access_key`, `client_options`...

    Raises:
        ConfigurationError: The extra is not installed, or an argument is not valid.
    """

    def __init__(
        self,
        bucket: str,
        *,
        prefix: str = "akool-faceswap",
        lifetime: timedelta = DAY,
        **options: Any,  # noqa: ANN401 - of obstore
    ) -> None:
        if not timedelta(0) < lifetime <= LONGEST:
            raise ConfigurationError("lifetime is a timedelta of at most seven days")
        self._obstore: Any = _module("obstore", "s3")
        try:
            self._store = _module("obstore.store", "s3").S3Store(bucket, **options)
        except Exception as error:  # noqa: BLE001 - of obstore, whatever it finds
            raise ConfigurationError(f"S3 {bucket}: {error}") from None
        self._prefix = prefix.strip("/")
        self._lifetime = lifetime
        self.good_for_s = lifetime.total_seconds()

    def __call__(self, content: Path | bytes, name: str, media_type: str, /) -> str:
        """See `Uploader`."""
        key = _place(self._prefix, content, name)
        self._obstore.put(self._store, key, content, attributes={"Content-Type": media_type})
        return str(self._obstore.sign(self._store, "GET", key, self._lifetime))


class Fsspec:
    """Any place that fsspec can write to and a web server shows: SFTP, a mounted folder, a bucket.

    Needs `pip install 'akool-faceswap[fsspec]'`, and what fsspec needs for that place.

        Fsspec("sftp://web.example/var/www/faces", public="https://web.example/faces")

    Args:
        folder: Where files are written, as a URL of fsspec or a path.
        public: The public URL of that folder.
        options: As fsspec takes them for that place: host, user, key...

    Raises:
        ConfigurationError: The extra is not installed, or the public address is not a URL.
    """

    def __init__(self, folder: str, *, public: str, **options: Any) -> None:  # noqa: ANN401 - of fsspec
        if urlsplit(public).scheme not in {"http", "https"}:
            raise ConfigurationError("public is the http(s) URL under which the folder is shown")
        try:
            self._files, self._root = _module("fsspec.core", "fsspec").url_to_fs(folder, **options)
        except (ImportError, ValueError) as error:
            raise ConfigurationError(f"{folder}: {error}") from None
        self._public = public.rstrip("/")
        self.good_for_s = DAY.total_seconds()

    def __call__(self, content: Path | bytes, name: str, _media_type: str, /) -> str:
        """See `Uploader`."""
        key = _place("", content, name)
        path = f"{self._root.rstrip('/')}/{key}"
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        if isinstance(content, bytes):
            self._files.pipe_file(path, content)
        else:
            self._files.put_file(str(content), path)
        return f"{self._public}/{quote(key)}"


class Mock:
    """The mock's own store, `/_mock/files`: for programs and tests that use a mock.

    Args:
        base_url: Of the mock.
    """

    def __init__(self, base_url: str) -> None:
        self._url = base_url.rstrip("/")

    def __call__(self, content: Path | bytes, name: str, media_type: str, /) -> str:
        """See `Uploader`."""
        try:
            with httpx2.Client(timeout=_TIMEOUT_S) as client:
                answer = client.send(_to_mock(self._url, content, name, media_type))
        except httpx2.HTTPError as error:
            raise UploadError(f"No mock at {self._url} takes files: {error}") from error
        return _from_mock(self._url, answer)


class AsyncMock:
    """`Mock` for `AsyncFaceSwap`, over a transport that is given.

    Args:
        base_url: Of the mock.
        transport: Such as that of a simulator in this process.
    """

    def __init__(self, base_url: str, transport: httpx2.AsyncBaseTransport) -> None:
        self._url = base_url.rstrip("/")
        self._transport = transport

    async def __call__(self, content: Path | bytes, name: str, media_type: str, /) -> str:
        """See `AsyncUploader`."""
        # Not closed, as closing it would close the transport, which belongs to others.
        client = httpx2.AsyncClient(transport=self._transport)
        answer = await client.send(_to_mock(self._url, content, name, media_type))
        return _from_mock(self._url, answer)


def _to_mock(url: str, content: Path | bytes, name: str, media_type: str) -> httpx2.Request:
    return httpx2.Request(
        "POST",
        f"{url}/_mock/files",
        params={"name": name},
        content=content if isinstance(content, bytes) else content.read_bytes(),
        headers={"content-type": media_type},
    )


def _from_mock(url: str, answer: httpx2.Response) -> str:
    try:
        answer.raise_for_status()
        return str(answer.json()["url"])
    except (httpx2.HTTPError, ValueError, KeyError, TypeError) as error:
        raise UploadError(f"No mock at {url} takes files: {error}") from error


def named(text: str, environ: Mapping[str, str]) -> AsyncUploader:
    """An uploader from a text, as the command line takes it.

    `mock`; `s3://BUCKET/PREFIX`; `FOLDER=https://PUBLIC` for fsspec; `MODULE:NAME` for your own
    function, which is imported.

    Raises:
        ConfigurationError: It names none.
    """
    folder, equals, public = text.rpartition("=http")
    if text == "mock":
        base_url = environ.get("AKOOL_BASE_URL")
        if not base_url:
            raise ConfigurationError("The uploader `mock` needs AKOOL_BASE_URL: where the mock is")
        return Mock(base_url)
    if equals:
        return Fsspec(folder, public=f"http{public}")
    if text.startswith("s3://"):
        parts = urlsplit(text)
        return S3(parts.netloc, prefix=parts.path)
    module, colon, name = text.partition(":")
    if colon and all(part.isidentifier() for part in module.split(".")) and name.isidentifier():
        return _own(module, name)
    raise ConfigurationError(
        f"No uploader is called {text!r}: use mock, s3://BUCKET/PREFIX, FOLDER=https://PUBLIC, or "
        "MODULE:NAME for your own function"
    )


def _own(module: str, name: str) -> AsyncUploader:
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            f"The uploader {module}:{name} cannot be imported: {error}"
        ) from error
    if not callable(found):
        raise ConfigurationError(f"The uploader {module}:{name} is not a function")
    return cast("AsyncUploader", found)  # its signature shows when it is called


def _module(name: str, extra: str) -> Any:  # noqa: ANN401 - a module that may be missing
    try:
        return import_module(name)
    except ImportError as error:
        raise ConfigurationError(
            f"This uploader needs an extra ({error.name} is not installed): "
            f"pip install 'akool-faceswap[{extra}]'"
        ) from error


def _place(prefix: str, content: Path | bytes, name: str) -> str:
    """Where a file lies in a store."""
    if isinstance(content, bytes):
        digest = hashlib.sha256(content)
    else:
        with content.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
    return "/".join(part for part in (prefix, digest.hexdigest(), name) if part)
