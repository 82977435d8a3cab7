"""What the engine does with a healthy world."""

import os
import signal
from pathlib import Path

import psycopg
import pytest
import redis

from tests.engine.conftest import get, until
from twinbench.engines.procfs import process_row
from twinbench.engines.protocol import ComponentStatus, Engine, EngineError, Limit, Phase, Progress


def component(engine: Engine, name: str) -> ComponentStatus:
    return next(one for one in engine.status().components if one.name == name)


def facts(engine: Engine) -> list[str]:
    with psycopg.connect(engine.database_url("alpha-db")) as connection:
        return [fact for (fact,) in connection.execute("SELECT fact FROM facts").fetchall()]


def who_answers(gateway: str) -> tuple[str, int]:
    """Processes in containers have the same number, on machines of unlike names."""
    answer = get(gateway)
    return answer["host"], answer["pid"]


def main_pids(engine: Engine) -> dict[str, int]:
    return {one.name: r.pids[0] for one in engine.status().components for r in one.replicas}


def test_up_brings_everything_to_readiness_and_says_so(engine: Engine) -> None:
    steps: list[Progress] = []
    engine.up(["alpha"], progress=steps.append)
    status = engine.status()
    assert (status.running, status.arms, status.size) == (True, ("alpha",), "small")
    assert {one.name: one.health for one in status.components} == {
        "outsider": "ready",
        "alpha-db": "ready",
        "alpha-broker": "ready",
        "alpha-seed": "done",
        "alpha-web": "ready",
        "alpha-worker": "ready",
        "alpha-gateway": "ready",
    }
    assert steps[-1].ready == steps[-1].total == 7
    order = [step.component for step in steps if step.phase in {Phase.READY, Phase.DONE}]
    assert order.index("alpha-db") < order.index("alpha-seed") < order.index("alpha-web")
    answer = get(engine.gateway("alpha"))
    assert answer["COMPONENT"] == "alpha-web"
    if engine.name == "process":  # in containers it is told the name
        assert answer["url"] == f"http://{engine.address('outsider')}"
    web = component(engine, "alpha-web")
    assert (web.pss_bytes or 0) > 5_000_000
    assert len(web.replicas[0].pids) == 2  # and no exec of a probe beside them
    assert web.exits == ()


def test_roles_open_their_own_database_only(alpha: Engine) -> None:
    url = alpha.database_url("alpha-db")
    assert facts(alpha) == ["seeded small"]
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(url.rsplit("/", 1)[0] + "/postgres")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url.replace("alpha:", "alpha:x"))
    with psycopg.connect(url) as connection:
        assert connection.execute("SHOW is_superuser").fetchone() == ("off",)


def test_a_server_holds_the_databases_of_several_owners(alpha: Engine) -> None:
    url = alpha.database_url("alpha-db", database="annex")
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT current_user, current_database()").fetchone() == (
            "annex",
            "annex",
        )
        connection.execute("CREATE TABLE notes ()")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(url.rsplit("/", 1)[0] + "/alpha")
    with pytest.raises(EngineError, match=r"no database .attic. \(it has: alpha, annex\)"):
        alpha.database_url("alpha-db", database="attic")
    alpha.reset("alpha")
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regclass('notes')").fetchone() == (None,)


def test_the_broker_wants_its_password_and_shows_it_nowhere(alpha: Engine) -> None:
    host, _, port = alpha.address("alpha-broker").partition(":")
    with redis.Redis(host, int(port)) as client, pytest.raises(redis.AuthenticationError):
        client.ping()
    password = (alpha.paths.secrets / "broker-password").read_text()
    with redis.Redis(host, int(port), password=password) as client:
        assert client.ping()
    pid = component(alpha, "alpha-broker").replicas[0].pids[0]
    assert password not in Path(f"/proc/{pid}/cmdline").read_text()


def test_secrets_are_private(alpha: Engine) -> None:
    assert alpha.paths.secrets.stat().st_mode & 0o777 == 0o700
    files = list(alpha.paths.secrets.iterdir())
    assert len(files) == 5
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (alpha.paths.secrets / "signing-key").read_text().startswith("-----BEGIN PRIVATE KEY")


def test_an_arm_comes_beside_one_that_is_up(alpha: Engine) -> None:
    before = component(alpha, "alpha-web").replicas[0].pids
    alpha.up(["beta"])
    assert set(alpha.status().arms) == {"alpha", "beta"}
    assert component(alpha, "beta-web").health == "ready"
    assert component(alpha, "alpha-web").replicas[0].pids == before


def test_data_survive_and_done_jobs_are_not_repeated(engine: Engine, world: Path) -> None:
    engine.up(["alpha"])
    engine.down()
    steps: list[Progress] = []
    engine.up(["alpha"], progress=steps.append)
    assert ("alpha-seed", Phase.UNCHANGED) in [(step.component, step.phase) for step in steps]
    assert facts(engine) == ["seeded small"]
    engine.down()
    (world / "library" / "greeting.py").write_text('TABLE = "facts"\n')
    engine.up(["alpha"])
    assert facts(engine) == ["seeded small", "seeded small"]


def test_another_size_is_another_database(engine: Engine) -> None:
    engine.up(["alpha"])
    with pytest.raises(EngineError, match="alpha is up with the small dataset"):
        engine.up(["alpha"], size="medium")
    engine.down()
    engine.up(["alpha"], size="medium")
    assert facts(engine) == ["seeded medium"]
    assert engine.status().size == "medium"


def test_reset_brings_back_the_seeded_state(alpha: Engine) -> None:
    with psycopg.connect(alpha.database_url("alpha-db")) as connection:
        connection.execute("INSERT INTO facts VALUES ('used')")
    gateway = alpha.gateway("alpha")
    before = main_pids(alpha)
    host, port = alpha.address("alpha-broker").split(":")
    password = (alpha.paths.secrets / "broker-password").read_text()
    with redis.Redis(host, int(port), password=password) as broker:
        broker.set("left", "behind")
        alpha.reset("alpha")
        assert broker.dbsize() == 0
    assert facts(alpha) == ["seeded small"]
    assert alpha.gateway("alpha") == gateway
    assert get(gateway)["COMPONENT"] == "alpha-web"
    assert {one.health for one in alpha.status().components} == {"ready", "done"}
    changed = {name for name, pid in main_pids(alpha).items() if pid != before[name]}
    assert changed == {"alpha-worker"}  # it held a connection, and none could ask it
    assert all(one.exits == () for one in alpha.status().components)


def test_the_gateway_learns_of_replicas_at_once(alpha: Engine) -> None:
    gateway = alpha.gateway("alpha")
    alpha.scale("alpha-web", 3)
    pids = {replica.pids[0] for replica in component(alpha, "alpha-web").replicas}
    assert len(pids) == 3
    answering = {who_answers(gateway) for _ in range(12)}
    assert len(answering) == 3
    alpha.scale("alpha-web", 1)
    (left,) = component(alpha, "alpha-web").replicas
    assert left.pids[0] in pids
    (who,) = {who_answers(gateway) for _ in range(12)}
    assert who in answering


@pytest.mark.parametrize("name", ["alpha-db", "alpha-worker", "alpha-gateway"])
def test_what_serves_no_requests_is_not_scaled(alpha: Engine, name: str) -> None:
    with pytest.raises(EngineError, match="cannot be scaled"):
        alpha.scale(name, 2)


@pytest.mark.parametrize("name", ["alpha-web", "alpha-db", "alpha-broker", "alpha-gateway"])
def test_the_killed_come_back_and_count_no_unasked_exit(alpha: Engine, name: str) -> None:
    before = component(alpha, name)
    alpha.kill(name)
    alpha.wait_ready("alpha")
    after = component(alpha, name)
    assert after.replicas[0].pids[0] != before.replicas[0].pids[0]
    assert after.replicas[0].restarts == before.replicas[0].restarts + 1
    assert after.address == before.address
    assert after.exits == before.exits
    assert after.cpu_seconds >= before.cpu_seconds
    assert not any(process_row(pid) for pid in before.replicas[0].pids)
    assert get(alpha.gateway("alpha"))["COMPONENT"] == "alpha-web"


def test_what_heeds_a_signal_comes_back_too(alpha: Engine) -> None:
    before = component(alpha, "alpha-web").replicas[0]
    alpha.kill("alpha-web", signal.SIGTERM)
    until(
        lambda: component(alpha, "alpha-web").replicas[0].restarts == before.restarts + 1,
        "it to be started again",
    )
    alpha.wait_ready("alpha")
    assert component(alpha, "alpha-web").replicas[0].pids[0] != before.pids[0]


def test_one_can_be_left_dead_and_started_later(alpha: Engine) -> None:
    alpha.kill("alpha-web", restart=False)
    assert component(alpha, "alpha-web").health == "stopped"
    alpha.start("alpha-web")
    assert component(alpha, "alpha-web").health == "ready"


@pytest.mark.parametrize("name", ["alpha-web", "alpha-db"])
def test_one_component_stands_still_until_it_may_go_on(alpha: Engine, name: str) -> None:
    before = component(alpha, name)
    alpha.kill(name, signal.SIGSTOP)
    assert component(alpha, name).health == {"process": "unready", "compose": "frozen"}[alpha.name]
    alpha.kill(name, signal.SIGCONT)
    alpha.wait_ready("alpha")
    after = component(alpha, name)
    assert after.replicas[0].pids[0] == before.replicas[0].pids[0]
    assert after.replicas[0].restarts == before.replicas[0].restarts
    assert after.exits == before.exits


def test_unasked_exits_are_told(alpha: Engine) -> None:
    before = component(alpha, "alpha-web")
    os.kill(before.replicas[0].pids[0], signal.SIGKILL)
    until(lambda: len(component(alpha, "alpha-web").exits) == 1, "the exit to be noticed")
    alpha.wait_ready("alpha")
    (unasked,) = component(alpha, "alpha-web").exits
    assert not any(process_row(pid) for pid in before.replicas[0].pids)
    assert unasked.cause == "killed by SIGKILL"
    assert unasked.replica == "alpha-web-1"


def test_the_frozen_take_no_cpu_and_go_on_when_thawed(alpha: Engine) -> None:
    alpha.freeze("alpha")
    status = alpha.status()
    pids = [
        pid
        for one in status.components
        if one.arm == "alpha"
        for replica in one.replicas
        for pid in replica.pids
    ]
    # Docker freezes control groups; their processes then wait within the kernel.
    still = {"T"} if alpha.name == "process" else {"D", "S"}
    assert {row.state for pid in pids if (row := process_row(pid))} <= still
    assert used_by(pids) == used_by(pids)
    assert component(alpha, "alpha-db").health == "frozen"
    assert component(alpha, "outsider").health == "ready"
    alpha.freeze("alpha")
    alpha.thaw("alpha")
    alpha.wait_ready("alpha")
    assert get(alpha.gateway("alpha"))["COMPONENT"] == "alpha-web"


def used_by(pids: list[int]) -> float:
    return sum(row.cpu_seconds for pid in pids if (row := process_row(pid)))


def test_down_ends_the_frozen_too(engine: Engine) -> None:
    engine.up(["beta"])
    engine.freeze("beta")
    engine.down()
    assert not engine.status().running
    if engine.name == "process":  # it would have killed them in the end
        assert "did not stop" not in engine.paths.supervisor_log.read_text()


def test_replace_lays_its_environment_over(alpha: Engine) -> None:
    assert get(alpha.gateway("alpha"))["GREETING"] == "hello"
    alpha.replace("alpha-web", environment={"GREETING": "good day"})
    assert get(alpha.gateway("alpha"))["GREETING"] == "good day"
    with pytest.raises(EngineError, match="use strategy 'recreate'"):
        alpha.replace("alpha-web", strategy="reload")
    alpha.replace("alpha-web", environment={"GREETING": "hello"})


def test_cores_bind_all_threads_also_of_later_replicas(alpha: Engine) -> None:
    core = min(alpha.abilities().cores)
    applied = alpha.limit("alpha", Limit(cores=frozenset({core})))
    assert applied.means == ("affinity" if alpha.name == "process" else "cpuset")
    alpha.scale("alpha-web", 2)
    for one in alpha.status().components:
        for replica in one.replicas:
            for pid in replica.pids:
                bound = os.sched_getaffinity(pid) == {core}
                assert bound == (one.arm == "alpha") or len(alpha.abilities().cores) == 1
    alpha.limit("alpha", Limit())
    pid = component(alpha, "alpha-web").replicas[1].pids[0]
    assert os.sched_getaffinity(pid) == set(alpha.abilities().cores)
    alpha.scale("alpha-web", 1)


def test_a_cpu_budget_is_shared_by_the_arm(alpha: Engine) -> None:
    if not alpha.abilities().cpu_budget:
        with pytest.raises(EngineError, match="delegated"):
            alpha.limit("alpha", Limit(cpus=0.5))
        return
    applied = alpha.limit("alpha", Limit(cpus=0.5, memory_bytes=800_000_000))
    assert applied.means.startswith("cgroup")
    assert {one.throttled_seconds is not None for one in alpha.stats("alpha")} == {True}
    assert alpha.limit("alpha", Limit()).means == "none"


def test_stats_count_on_over_restarts(alpha: Engine) -> None:
    first = {one.name: one for one in alpha.stats("alpha", memory=False)}
    assert "outsider" not in first
    assert first["alpha-web"].pss_bytes is None
    alpha.kill("alpha-web")
    alpha.wait_ready("alpha")
    second = {one.name: one for one in alpha.stats()}
    assert "outsider" in second
    assert second["alpha-web"].cpu_seconds >= first["alpha-web"].cpu_seconds
    assert second["alpha-web"].restarts == first["alpha-web"].restarts + 1
    assert second["alpha-db"].processes > 3


def test_logs_are_kept_by_component(alpha: Engine) -> None:
    assert "alpha-web serves" in alpha.logs("alpha-web")
    assert "ready to accept connections" in alpha.logs("alpha-db")
    with pytest.raises(EngineError, match="unknown component 'gamma'"):
        alpha.logs("gamma")
