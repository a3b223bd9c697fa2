"""The least that a server can cost here: uvloop, one constant answer, nothing read.

Prints its port. What `benchmarks/mock.py` finds for it is the machine's price of a wake-up and two
system calls, which no server on this machine can be below.
"""

from __future__ import annotations

import asyncio

import uvloop

BODY = b"x" * 300
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(BODY) + BODY


class Bare(asyncio.Protocol):
    """Answers whatever comes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.write = transport.write  # type: ignore[attr-defined]

    def data_received(self, _data: bytes) -> None:
        """Answer."""
        self.write(ANSWER)


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
