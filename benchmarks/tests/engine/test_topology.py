"""Reading the topology, ours and bad ones."""

from pathlib import Path

import pytest

from twinbench.topology import OUTSIDE, Condition, Kind, TopologyError, load, variables_named_in


def test_the_real_topology_is_read_in_full() -> None:
    shop = load(variables={})
    assert shop.arms == ("monolith", "microservices", "modulith", "groups")
    assert shop.usual_arms == ("monolith", "microservices", "modulith")
    assert shop.default_arms == ("monolith", "microservices")
    web = shop.components["monolith-web"]
    assert (web.arm, web.kind, web.restart) == ("monolith", Kind.APP, True)
    assert web.depends_on["monolith-seed"] is Condition.COMPLETED
    assert shop.components["acquirer"].arm == OUTSIDE
    assert shop.gateway_of("monolith").published_port == 8001
    assert shop.gateway_of("microservices").published_port == 8002
    assert shop.gateway_of("modulith").published_port == 8003
    databases = [c for c in shop.of_arm("microservices") if c.kind is Kind.DATABASE]
    assert len(databases) == 8
    for component in shop.components.values():
        for secret in component.secrets:
            assert secret in shop.secrets


def test_the_arms_that_are_made_of_services_have_as_many_connections() -> None:
    shop = load(variables={})
    services = [c for c in shop.of_arm("microservices") if c.kind is Kind.APP]
    together = sum(
        int(one.environment["DATABASE_POOL_SIZE"]) * int(one.environment["GRANIAN_WORKERS"])
        for one in services
    )
    web = shop.components["modulith-web"].environment
    pools = [name for name in web if name.endswith("_DATABASE_URL")]
    assert len(pools) == len(services) == 8
    groups = [c.environment for c in shop.of_arm("groups") if c.kind is Kind.APP]
    assert len(groups) == 3
    assert sorted(name for one in groups for name in one["SERVICES"].split()) == sorted(
        one.name for one in services
    )
    assert together == sum(
        int(one["DATABASE_POOL_SIZE"]) * int(one["GRANIAN_WORKERS"]) * len(one["SERVICES"].split())
        for one in groups
    )
    workers = shop.components["monolith-web"].environment["GRANIAN_WORKERS"]
    assert web["GRANIAN_WORKERS"] == workers
    assert int(web["DATABASE_POOL_SIZE"]) * int(workers) * len(pools) == together


def test_the_modulith_has_the_monoliths_database_server() -> None:
    shop = load(variables={})
    assert shop.components["modulith-db"].command == shop.components["monolith-db"].command
    gateways = shop.folder / "deploy/caddy"
    ours, its = (gateways / f"{arm}.Caddyfile" for arm in ("modulith", "monolith"))
    assert ours.read_text() == its.read_text()


def test_each_group_has_the_databases_of_its_services() -> None:
    shop = load(variables={})
    for app in (c for c in shop.of_arm("groups") if c.kind is Kind.APP):
        services = app.environment["SERVICES"].split()
        database = shop.components[f"{app.name}-db"]
        assert database.environment["OWNER_DATABASE"].split() == services
        urls = [name for name in app.environment if name.endswith("_DATABASE_URL")]
        assert urls == [f"{service.upper()}_DATABASE_URL" for service in services]


def test_services_are_told_where_the_others_are() -> None:
    shop = load(variables={})
    arms = ("microservices", "groups")
    services = [c for arm in arms for c in shop.of_arm(arm) if c.kind is Kind.APP]
    assert {service.directory for service in services} == {"SERVICE_DIRECTORY"}
    others = [c for arm in ("monolith", "modulith") for c in shop.of_arm(arm)]
    assert {component.directory for component in others} == {None}


def test_dependencies_come_first_and_only_those_needed() -> None:
    needed = [component.name for component in load(variables={}).needed_by(["monolith"])]
    assert needed.index("monolith-db") < needed.index("monolith-migrate")
    assert needed.index("monolith-seed") < needed.index("monolith-web")
    assert "acquirer" in needed
    assert not any(name.startswith("orders") for name in needed)


def test_variables_are_substituted(tmp_path: Path) -> None:
    file = tmp_path / "compose.yml"
    text = "{A: '${ONE:-one}', B: '${TWO-two}', C: '$${ONE}', D: '${THREE}', E: true, F: 5}"
    ours = "{kind: app}"
    file.write_text(f"services: {{x: {{command: a, environment: {text}, x-twinbench: {ours}}}}}")
    read = load(file, variables={"ONE": "", "TWO": ""}).components["x"].environment
    assert read == {"A": "one", "B": "", "C": "${ONE}", "D": "", "E": "true", "F": "5"}
    assert variables_named_in(file) == {"ONE", "TWO", "THREE"}


def test_one_setting_puts_another_implementation_in_a_components_place() -> None:
    usual = load(variables={}).components
    for name, other in (("catalog", "catalog_node"), ("cart", "cart_valkey")):
        there = load(variables={f"{name.upper()}_IMPLEMENTATION": other}).components
        assert there[name].project == f"microservices/{other}"
        assert usual[name].project == f"microservices/{name}"
        assert usual[name].command[-1] == f"{name}.main:app"
        changed = {one for one in there if there[one] != usual.get(one)}
        assert changed == {name} | ({"cart-store"} if name == "cart" else set())
        assert there[name].environment == usual[name].environment
        assert there[name].profiles == ()


def test_without_a_command_it_is_the_images(tmp_path: Path) -> None:
    file, dockerfile = tmp_path / "compose.yml", tmp_path / "web" / "Dockerfile"
    file.write_text("services: {x: {x-twinbench: {kind: app, project: web}}}")
    with pytest.raises(TopologyError, match=r"no command is given, and .*web/Dockerfile has none"):
        load(file, variables={})
    dockerfile.parent.mkdir()
    dockerfile.write_text('FROM a\nCMD ["first"]\nFROM b\nCMD ["node", "main.js"]\n')
    assert load(file, variables={}).components["x"].command == ("node", "main.js")


def test_what_another_setting_needs_is_no_component(tmp_path: Path) -> None:
    file = tmp_path / "compose.yml"
    needs = "{y: {condition: service_started, required: false}}"
    y = "{command: b, profiles: [y], x-twinbench: {arm: z, kind: cache, when: {Y: 'yes'}}}"
    x = f"{{command: a, depends_on: {needs}, x-twinbench: {{arm: z, kind: app}}}}"
    file.write_text(f"services: {{x: {x}, y: {y}}}")
    without, beside = (load(file, variables=v).components for v in ({}, {"Y": "yes"}))
    assert list(without) == ["x"]
    assert without["x"].depends_on == {}
    assert list(beside) == ["x", "y"]
    assert set(beside["x"].depends_on) == {"y"}


def test_tools_for_people_are_no_components(tmp_path: Path) -> None:
    component = "x: {command: a, x-twinbench: {arm: z, kind: app}}"
    tool = "page: {x-twinbench: {kind: tool}}"
    alone, beside = tmp_path / "alone.yml", tmp_path / "beside.yml"
    alone.write_text(f"services: {{{component}}}")
    beside.write_text(f"services: {{{component}, {tool}}}")
    assert list(load(beside, variables={}).components) == ["x"]
    assert load(beside, variables={}).digest == load(alone, variables={}).digest


def test_the_digest_is_of_the_content_with_variables() -> None:
    plain = load(variables={}).digest
    assert load(variables={}).digest == plain
    assert load(variables={"SERVICE_WORKERS": "3"}).digest != plain


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("services: {x: {command: a}}", "is not a valid topology"),
        ("services: [", "cannot read the topology"),
        ("services: {x: {command: a, x-twinbench: {kind: gadget}}}", "is not a valid topology"),
        (
            "services: {x: {command: a, depends_on: [y], x-twinbench: {kind: app}}}",
            "x depends on y, which does not exist",
        ),
    ],
)
def test_a_bad_topology_is_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "compose.yml"
    file.write_text(text)
    with pytest.raises(TopologyError, match=message) as failure:
        load(file, variables={})
    assert "\n" not in str(failure.value)


def test_a_cycle_is_told(tmp_path: Path) -> None:
    entry = "{{command: a, depends_on: [{}], x-twinbench: {{arm: z, kind: app}}}}"
    file = tmp_path / "compose.yml"
    file.write_text(f"services: {{x: {entry.format('y')}, y: {entry.format('x')}}}")
    with pytest.raises(TopologyError, match="cycle: x -> y -> x"):
        load(file, variables={}).needed_by(["z"])
