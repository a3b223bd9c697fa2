"""A small web server for a test, in a thread of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    # A client that keeps its connection open must not hold the test up.
    daemon_threads = True


@contextmanager
def web_server(handler: type[BaseHTTPRequestHandler], **attributes: object) -> Iterator[str]:
    """The address of a server on loopback; the handler finds the attributes at `self.server`."""

    class Quiet(handler):
        def log_message(self, *_: object) -> None:
            pass

    with Server(("127.0.0.1", 0), Quiet) as server:
        vars(server).update(attributes)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
