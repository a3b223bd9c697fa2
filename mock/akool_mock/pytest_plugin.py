"""pytest plugin: the fixture `akool_mock`, a fresh simulator for each test.

    def test_swap(akool_mock):
        client = FaceSwap(akool_mock.api_key, base_url=akool_mock.url)             # over a socket
        client = FaceSwap(akool_mock.api_key, transport=akool_mock.transport)      # or without one

Override the fixture `akool_mock_settings` to change how it behaves. A failed test shows the
requests that were made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from akool_mock._server.mock_server import MockServer
    from akool_mock._world.settings import Settings

_SHOWN = 20
_SHOWN_CHARS = 120


@pytest.fixture
def akool_mock_settings() -> Settings:
    """Settings of the simulator that `akool_mock` gives; override it in a module or a conftest."""
    from akool_mock._world.settings import Settings  # noqa: PLC0415 - most test runs on this machine need no simulator

    return Settings()


@pytest.fixture
def akool_mock(akool_mock_settings: Settings) -> Iterator[MockServer]:
    """A simulator of its own for this test: `url` opens a socket, `transport` needs none."""
    missing, server = "", None
    try:
        from akool_mock._server.mock_server import MockServer  # noqa: PLC0415 - same

        server = MockServer(settings=akool_mock_settings)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if not missing or missing.startswith("akool_"):
            raise
    if server is None:  # said out here, because pytest shows what was being handled too
        pytest.fail(
            f"the fixture akool_mock needs an extra ({missing} is not installed): "
            "pip install 'akool-faceswap[mock]'",
            pytrace=False,
        )
    with server as mock:
        yield mock


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the simulator's journal to the report of a failed test."""
    report = yield
    if report.failed and isinstance(item, pytest.Function) and "akool_mock" in item.funcargs:
        from akool_mock._server.mock_server import MockServer  # noqa: PLC0415 - only a failed test asks

        mock = item.funcargs.get("akool_mock")
        if isinstance(mock, MockServer):
            lines = [
                f"{entry.method} {entry.path} -> {entry.status} {entry.response[:_SHOWN_CHARS]}"
                for entry in mock.control.requests()[-_SHOWN:]
            ]
            report.sections.append(("akool_mock: the latest requests", "\n".join(lines)))
    return report
