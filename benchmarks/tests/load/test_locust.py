"""Locust's own page and its headless mode, on our journeys: an ordinary locustfile."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2]
LOCUST = (sys.executable, "-m", "locust", "--locustfile", str(BENCHMARKS / "locustfile.py"))


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    script = BENCHMARKS / "tests" / "shop_server.py"
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.kill()


@pytest.fixture
def port() -> Iterator[int]:
    """Bound, not listening: nobody else is given it, and a server that may reuse one is."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def locust(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*LOCUST, "--headless", *arguments],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_plain_locust_plays_all_journeys_from_anywhere(shop: str, tmp_path: Path) -> None:
    load = ("--users", "20", "--spawn-rate", "20", "--run-time", "3s", "--json")
    done = locust("--host", shop, *load, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    entries = json.loads(done.stdout)
    assert {"recommendations", "order", "sign in", "stock"} <= {one["name"] for one in entries}
    assert sum(one["num_failures"] for one in entries) == 0
    assert "Traceback" not in done.stderr


def test_another_mix_is_played_when_asked_for(shop: str, tmp_path: Path) -> None:
    (tmp_path / "mix.toml").write_text("[mix]\noperate = 1\n")
    load = ("--users", "5", "--spawn-rate", "5", "--run-time", "2s", "--json")
    done = locust("--host", shop, "--workload", "mix.toml", *load, folder=tmp_path)
    assert {one["name"] for one in json.loads(done.stdout)} <= {"stock", "restock", "set price"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--host", "http://127.0.0.1:1"), "GET /categories at http://127.0.0.1:1: "),
        (("--host", "http://127.0.0.1:1", "--workload", "none.toml"), "none.toml: "),
        (("--host", "nowhere"), "unknown url type"),
    ],
)
def test_mistakes_are_told_at_once(
    arguments: tuple[str, ...], complaint: str, tmp_path: Path
) -> None:
    done = locust(*arguments, folder=tmp_path)
    assert done.returncode == 1
    assert f"twinbench: {complaint}" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_page_ends_with_ctrl_c_and_leaves_nothing(shop: str, port: int) -> None:
    page = ("--host", shop, "--web-host", "127.0.0.1", "--web-port", str(port))
    users = ("--users", "5", "--spawn-rate", "5", "--autostart")
    with subprocess.Popen([*LOCUST, *page, *users], stderr=subprocess.PIPE) as process:
        try:
            assert requests_on_page(port) > 0
            process.send_signal(signal.SIGINT)
            process.wait(60)
        finally:
            process.kill()
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def requests_on_page(port: int) -> int:
    """So far, as soon as there are any."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            url = f"http://127.0.0.1:{port}/stats/requests"
            with urllib.request.urlopen(url, timeout=5) as page:
                total = next(
                    one for one in json.loads(page.read())["stats"] if one["name"] == "Aggregated"
                )["num_requests"]
        except OSError:
            total = 0
        if total:
            return int(total)
        time.sleep(0.1)
    return 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nowhere",), "unknown arm 'nowhere': choose from monolith"),
        (("monolith",), "nothing is running: start with `twinbench up`"),
    ],
)
def test_an_arm_that_is_not_up_is_told_in_one_line(
    arguments: tuple[str, ...], complaint: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "twinbench", "locust", *arguments],
        cwd=BENCHMARKS, env={**os.environ, "TWINBENCH_STATE": str(tmp_path / "state")},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith(f"twinbench: {complaint}")
    assert done.stderr.count("\n") == 1
