import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.load.truth import running_server
from twinbench.load.saturation import ClosedLoop, SaturationError, is_complete

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"


@pytest.mark.parametrize(
    ("received", "complete"),
    [
        (b"", False),
        (HEAD[:20], False),
        (HEAD, False),
        (HEAD + b"1234", False),
        (HEAD + b"12345", True),
    ],
)
def test_a_response_is_complete_when_all_of_its_body_is_there(
    received: bytes, complete: bool
) -> None:
    assert is_complete(received) is complete


@pytest.mark.parametrize(
    ("received", "complaint"),
    [
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "answered HTTP/1.1 503"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "without a Content-Length"),
    ],
)
def test_what_is_not_a_measurable_answer_is_refused(received: bytes, complaint: str) -> None:
    with pytest.raises(SaturationError, match=complaint):
        is_complete(received)


def test_every_connection_is_kept_busy() -> None:
    """Four connections and 20 ms a request: 200 a second at most, by Little's law.

    A busy machine makes requests longer, and so fewer; four of them are under way all the same.
    """
    with running_server("constant", 0.02) as server:
        with ClosedLoop(server.url, ["/a", "/b"], connections=4) as loop:
            loop.measure(0.2)
            requests, seconds = loop.measure(1.0)
        log = server.log()
    assert 0 < requests / seconds <= 1.02 * 200
    came, answered = log.T
    assert np.sum(answered - came) / (answered.max() - came.min()) > 0.7 * 4
    assert requests < len(log) <= loop.completed + 4


@pytest.fixture
def shop() -> Iterator[str]:
    script = Path(__file__).parents[1] / "shop_server.py"
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.kill()


def test_errors_end_the_loop_rather_than_count(shop: str) -> None:
    urllib.request.urlopen(f"{shop}/api/v1/categories", timeout=5).close()  # noqa: S310
    with (
        ClosedLoop(shop, ["/api/v1/categories", "/api/v1/nothing"], connections=1) as loop,
        pytest.raises(SaturationError, match=r"answered HTTP/1\.1 404"),
    ):
        loop.measure(10.0)


def test_a_server_that_is_not_there_is_told() -> None:
    with (
        ClosedLoop("http://127.0.0.1:1", ["/"], connections=1) as loop,
        pytest.raises(SaturationError, match=r"127\.0\.0\.1:1: .*refused"),
    ):
        loop.measure(10.0)
