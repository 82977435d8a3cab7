"""What the engine tells of every container."""

import json
from typing import Any

from tests.compose.engine.conftest import Running
from tests.compose.engine.docker import docker
from twinbench.topology import Kind, load


def broken(running: Running, rule: str, *, holds: dict[str, bool]) -> None:
    """One line for all containers that break a rule."""
    names = [name for name, fine in holds.items() if not fine]
    assert not names, f"{rule}: {', '.join(names)}"


def host(one: dict[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = one["HostConfig"]
    return settings


def test_every_service_of_the_file_has_run(running: Running) -> None:
    listed = running.stack.compose("config", "--services", profiles=("*",)).split()
    assert sorted(running.containers) == sorted(listed)
    jobs = {c.name for c in load(variables={}).components.values() if c.kind is Kind.JOB}
    for name, one in running.containers.items():
        state = one["State"]
        if name in jobs:
            assert (state["Status"], state["ExitCode"]) == ("exited", 0), name
        else:
            assert state["Health"]["Status"] == "healthy", name
            assert one["RestartCount"] == 0, name


def test_nobody_is_root_and_nothing_can_be_written(running: Running) -> None:
    everyone = running.containers.items()
    users = {name: one["Config"]["User"].split(":")[0] for name, one in everyone}
    broken(running, "root", holds={n: user not in {"", "0", "root"} for n, user in users.items()})
    broken(running, "writable", holds={n: host(o)["ReadonlyRootfs"] for n, o in everyone})
    broken(running, "privileged", holds={n: not host(o)["Privileged"] for n, o in everyone})


def test_there_are_no_capabilities_nor_ways_to_them(running: Running) -> None:
    everyone = running.containers.items()
    broken(running, "keeps some", holds={n: host(o)["CapDrop"] == ["ALL"] for n, o in everyone})
    broken(running, "adds some", holds={n: not host(o)["CapAdd"] for n, o in everyone})
    wanted = "no-new-privileges:true"
    broken(running, wanted, holds={n: wanted in host(o)["SecurityOpt"] for n, o in everyone})
    for name, one in running.containers.items():
        if one["State"]["Running"]:
            status = docker("exec", one["Id"], "cat", "/proc/1/status").splitlines()
            fields = dict(line.split(":\t", 1) for line in status if ":\t" in line)
            held = {fields[f"Cap{kind}"] for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")}
            assert held == {"0" * 16}, name
            assert fields["NoNewPrivs"] == "1", name
            assert "0" not in fields["Uid"].split(), name


def test_everything_is_limited(running: Running) -> None:
    everyone = running.containers.items()
    broken(running, "CPU", holds={n: host(o)["NanoCpus"] > 0 for n, o in everyone})
    broken(running, "memory", holds={n: host(o)["Memory"] > 0 for n, o in everyone})
    broken(running, "pids", holds={n: (host(o)["PidsLimit"] or 0) > 0 for n, o in everyone})


def test_only_gateways_and_pages_are_published_and_only_here(running: Running) -> None:
    published = {
        name: [binding for bound in (host(one)["PortBindings"] or {}).values() for binding in bound]
        for name, one in running.containers.items()
    }
    addresses = [binding["HostIp"] for bindings in published.values() for binding in bindings]
    ports = sorted(int(b["HostPort"]) for bindings in published.values() for b in bindings)
    assert set(addresses) == {"127.0.0.1"}
    assert ports == sorted(running.stack.ports.values())


def test_no_secret_is_told(running: Running) -> None:
    """Neither by containers, their processes and images, nor by the resolved file."""
    images = sorted({one["Image"] for one in running.containers.values()})
    alive = [one["Id"] for one in running.containers.values() if one["State"]["Running"]]
    told = [
        json.dumps(running.containers),
        docker("image", "inspect", *images),
        *(docker("history", "--no-trunc", image) for image in images),
        *(docker("top", one, "-eo", "pid,args") for one in alive),
        running.stack.compose("config", profiles=("*",)),
    ]
    for file in running.stack.secrets.iterdir():
        secret = file.read_text().strip().splitlines()
        telling = secret[len(secret) // 2]  # of a key, the line between its beginning and end
        assert not any(telling in text for text in told), file.name
