"""The parts of uvicorn that the server is built from. Not all of them are public names.

Its HTTP protocol is, because only there a request can be answered where it is parsed.
"""

from importlib.metadata import version

import uvicorn

from akool_mock._world.settings import MockError

try:
    from uvicorn.config import Config
    from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
    from uvicorn.server import ServerState
except ImportError:
    raise MockError(
        f"the mock does not find what it needs in {uvicorn.__name__} {version('uvicorn')}: "
        "pip install 'akool-faceswap[mock]' brings a version that fits"
    ) from None

__all__ = ["STATUS_LINE", "Config", "HttpToolsProtocol", "ServerState"]
