"""Ways to one report: what they ask, what they make of it, and what was written for them."""

import hashlib
import hmac
import json
import threading
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from twinbench.experiments.decentralization import reporting
from twinbench.experiments.decentralization.composition import Composition
from twinbench.experiments.decentralization.reporting import Way, added_lines, agreed
from twinbench.experiments.decentralization.tokens import authorization
from twinbench.experiments.deployment.releases import compiled, make_release
from twinbench.load.preparation import PreparationError

SECRET = "between services"
LINES = [
    {"order_id": "a", "account_id": "1", "created_at": "2026-11-30T23:59:59.9Z", "product_id": 7,
     "unit_price": 100, "quantity": 2},
    {"order_id": "b", "account_id": "2", "created_at": "2026-12-01T00:00:00.0Z", "product_id": 7,
     "unit_price": 150, "quantity": 1},
    {"order_id": "b", "account_id": "2", "created_at": "2026-12-01T00:00:00.0Z", "product_id": 8,
     "unit_price": 10, "quantity": 3},
]  # fmt: skip
ITEMS = {
    "/internal/accounts/batch": [{"id": "1", "name": "Ada"}, {"id": "2", "name": "Bob"}],
    "/internal/products/batch": [{"id": 7, "category": "home"}, {"id": 8, "category": "garden"}],
}


class Services(BaseHTTPRequestHandler):
    """All three, at one address."""

    def do_GET(self) -> None:
        self._tell([] if self.path.endswith("after=b") else LINES)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._tell(ITEMS[self.path])

    def _tell(self, items: object) -> None:
        content = json.dumps({"items": items}).encode()
        known = self.headers["Authorization"].startswith("Bearer ")
        self.send_response(200 if known else 401)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Services) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_answers_of_three_services_are_put_together(address: str) -> None:
    composition = Composition(dict.fromkeys(("orders", "accounts", "catalog"), address), SECRET)
    sales, requests = composition.sales()
    assert sales == [
        ("garden", "2026-12", "Bob", 3, 30),
        ("home", "2026-11", "Ada", 2, 200),
        ("home", "2026-12", "Bob", 1, 150),
    ]
    # Two pages of orders, the second of which is empty, and one batch each of names and products.
    assert requests == 4


def test_tokens_are_signed_for_one_callee() -> None:
    scheme, _, token = authorization(SECRET, "reports", "orders").partition(" ")
    signed, _, signature = token.rpartition(".")
    claims = json.loads(urlsafe_b64decode(signed.partition(".")[2] + "=="))
    assert (scheme, claims["iss"], claims["aud"]) == ("Bearer", "reports", "orders")
    digest = hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).digest()
    assert urlsafe_b64decode(signature + "=") == digest


def test_patches_fit_the_services_and_their_lines_are_counted(tmp_path: Path) -> None:
    patches = sorted(Path(reporting.__file__).with_name("patches").glob("*.patch"))
    assert [patch.stem for patch in patches] == ["composition", "read_model"]
    release = make_release(tmp_path / "release", "microservices", patches)
    compiled(release, [("microservices/orders",), ("microservices/accounts",)])
    for patch in patches:
        added = sum(
            line.startswith("+") and not line.startswith("+++")
            for line in patch.read_text().splitlines()
        )
        assert 0.5 * added < added_lines(patch, release) <= added


def test_ways_that_go_on_to_differ_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporting, "_SOON_S", 0.0)
    same = Way("one", 1, lambda: ([("home", "2026-11", "Ada", 1, 1)], 1))
    other = Way("other", 1, lambda: ([], 1))
    assert agreed([same, same]) == [("home", "2026-11", "Ada", 1, 1)]
    with pytest.raises(PreparationError, match="differ after 0 s"):
        agreed([same, other])
