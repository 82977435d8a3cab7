"""A shop that always says the same, run as `python shop_server.py`: for tests of what drives one.

Prints its port. It keeps nothing and checks only that requests have the form the contract asks for.
SIGUSR1 makes it tell what answers took, SIGUSR2 makes it stop that; a call then costs so many
milliseconds beyond the callee's own as the first argument says.
"""

import asyncio
import re
import signal
import sys

import orjson

MONEY = {"amount": 1999, "currency": "EUR"}
ITEMS = [{"id": number, "name": f"Bold Oak Chair {number}", "sold": 9} for number in range(1, 21)]
ORDER = {"id": "5f0c7c6e-4a43-4a39-9d9a-0f9a4e7d1c11", "status": "confirmed"}
ANSWERS: list[tuple[str, str, int, object]] = [
    ("POST", r"/sessions", 201, {"access_token": "token", "expires_in": 3600}),
    ("GET", r"/version", 200, {"component": "shop", "version": "1.0.0", "revision": "none"}),
    ("GET", r"/categories", 200, {"items": [{"slug": "chairs", "product_count": 20}]}),
    ("GET", r"/products/\d+/recommendations", 200, {"items": []}),
    ("GET", r"/products/\d+", 200, {"id": 1, "price": MONEY, "available": 5}),
    ("GET", r"/products", 200, {"items": ITEMS, "next_cursor": None}),
    ("PATCH", r"/products/\d+", 200, {"id": 1, "price": MONEY}),
    ("PUT", r"/cart/items/\d+", 200, {"lines": [], "total": MONEY}),
    ("GET", r"/cart", 200, {"lines": [], "total": MONEY}),
    ("POST", r"/orders", 201, ORDER),
    ("GET", r"/orders/[0-9a-f-]+", 200, ORDER),
    ("GET", r"/(orders|notifications)", 200, {"items": [], "next_cursor": None}),
    ("GET", r"/accounts/me", 200, {"id": ORDER["id"]}),
    ("GET", r"/inventory/\d+", 200, {"on_hand": 5, "reserved": 0, "available": 5}),
    ("PUT", r"/inventory/\d+", 200, {"on_hand": 1005, "reserved": 0, "available": 1005}),
]
PUBLIC = re.compile(r"(POST /api/v1/sessions|GET /version|GET /api/v1/(categories|products.*))$")


TRACED = False


def trace(number: int, _frame: object) -> None:
    global TRACED  # noqa: PLW0603 - one server, one switch
    TRACED = number == signal.SIGUSR1


def told(path: str) -> str:
    """As a service tells: product pages have made one call, and everything else none."""
    if not TRACED:
        return ""
    app = 'app;desc="shop GET /x";dur=5.0;cpu=2.0'
    if re.fullmatch(r"/api/v1/products/\d+", path):
        hop = float(sys.argv[1])
        app += f', calls;dur={2 + hop}, call;dur={2 + hop};desc="stock GET /y";own=2.0;cpu=1.0'
    return f"Server-Timing: {app}\r\n"


def answer(method: str, path: str, headers: str) -> tuple[int, object]:
    bare = path.partition("?")[0].removeprefix("/api/v1")
    for wanted, pattern, status, body in ANSWERS:
        if wanted == method and re.fullmatch(pattern, bare):
            if not PUBLIC.match(f"{method} {path}") and "bearer token" not in headers:
                return 401, {"type": "unauthenticated"}
            if method == "POST" and bare == "/orders" and "idempotency-key:" not in headers:
                return 400, {"type": "idempotency-key-missing"}
            return status, body
    return 404, {"type": "not-found"}


async def serve_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            line = head.partition("\r\n")[0].split()
            length = re.search(r"content-length: (\d+)", head)
            await reader.readexactly(int(length[1]) if length else 0)
            status, body = answer(line[0].upper(), line[1], head)
            payload = orjson.dumps(body)
            writer.write(
                b"HTTP/1.1 %d Answer\r\nContent-Type: application/json\r\nX-Replica: web-1\r\n"
                b"%sContent-Length: %d\r\n\r\n"
                % (status, told(line[1]).encode(), len(payload))
                + payload
            )
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main() -> None:
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, trace)
    server = await asyncio.start_server(serve_connection, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
