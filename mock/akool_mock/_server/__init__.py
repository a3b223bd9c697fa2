"""The simulator on a socket, behind another ASGI server, or behind httpx2 without a socket."""
