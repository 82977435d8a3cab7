"""HTTP servers whose response times are known, run as `python server.py MODE SECONDS`.

`constant` answers every request SECONDS after it came, however many there are. `queue` serves one
request at a time, each for SECONDS, in order of arrival. Prints its port. `GET /log` answers with
the [came, answered] instants (time.monotonic) of all requests so far and forgets them.
"""

import asyncio
import selectors
import sys
import time

import orjson

BODY = b'{"ok":true}'


class Server(asyncio.Protocol):
    log: list[tuple[float, float]] = []  # noqa: RUF012 - one server per process
    busy_until = 0.0
    queued = False
    seconds = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        came = time.monotonic()
        if data.startswith(b"GET /log"):
            self.answer(orjson.dumps(Server.log))
            Server.log = []
            return
        start = max(came, Server.busy_until) if Server.queued else came
        Server.busy_until = start + Server.seconds
        # The loop's clock is time.monotonic, and its select() keeps microseconds.
        asyncio.get_running_loop().call_at(start + Server.seconds, self.finish, came)

    def finish(self, came: float) -> None:
        Server.log.append((came, time.monotonic()))
        self.answer(BODY)

    def answer(self, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Replica: one\r\n"
        self.transport.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    Server.queued = sys.argv[1] == "queue"
    Server.seconds = float(sys.argv[2])
    loop = asyncio.SelectorEventLoop(selectors.SelectSelector())
    loop.run_until_complete(serve())
