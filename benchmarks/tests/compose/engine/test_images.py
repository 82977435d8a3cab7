"""What is in the images, and what is not."""

import json
from functools import cache
from typing import Any

import pytest

from tests.compose.engine.conftest import Running
from tests.compose.engine.docker import docker
from twinbench.topology import Kind, load

MOST_BYTES_ADDED = 120_000_000
BASES = {Kind.APP: "python:3.13-slim-trixie", Kind.JOB: "python:3.13-slim-trixie"}
TOOLS = "cc gcc c++ ld strip make uv"


@cache
def image(name: str) -> dict[str, Any]:
    [told] = json.loads(docker("image", "inspect", name))
    return dict(told)


def ours(running: Running) -> dict[str, str]:
    """By service: the image, of those that this project builds."""
    names = {name: one["Config"]["Image"] for name, one in running.containers.items()}
    return {name: one for name, one in names.items() if one.startswith("twinbench/")}


def test_images_say_what_they_were_made_of(running: Running) -> None:
    for name in ours(running).values():
        labels = image(name)["Config"]["Labels"]
        assert labels["org.opencontainers.image.revision"] == running.stack.revision, name
        assert labels["org.opencontainers.image.title"].startswith("twinbench/"), name
        assert image(name)["Config"]["User"] == "999:999", name


def test_services_add_little_to_their_base(running: Running) -> None:
    shop = load(variables={})
    for component in shop.components.values():
        base = BASES.get(component.kind)
        if base is not None:
            name = ours(running)[component.name]
            added = image(name)["Size"] - image(base)["Size"]
            assert added <= MOST_BYTES_ADDED, f"{name} adds {added / 1e6:.0f} MB"


@pytest.mark.parametrize("service", ["accounts", "acquirer", "monolith-web", "notebooks"])
def test_what_builds_is_not_in_what_runs(running: Running, service: str) -> None:
    script = (
        f"for tool in {TOOLS}; do command -v $tool; done; ls -d /root/.cache /app/*/.venv; "
        "find / -xdev -name requirements.lock; find /venv -name pip -o -name 'pip-*'"
    )
    name = ours(running)[service]
    inside = ("run", "--rm", "--user", "0", "--entrypoint", "sh", name, "-c")
    assert docker(*inside, f"{{ {script}; }} 2>/dev/null; true") == ""


def test_the_workbench_runs(running: Running) -> None:
    name = ours(running)["notebooks"]
    assert "sandbox" in docker("run", "--rm", "--read-only", "--tmpfs=/tmp", name)
