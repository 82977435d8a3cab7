"""Where a run comes from, as names and values for people."""

from collections.abc import Mapping
from typing import Any

from twinbench.results.store import Run


def facts(run: Run) -> list[tuple[str, str]]:
    """All that is needed to judge or to repeat a run, a line each."""
    document = run.document
    configuration = document["configuration"]
    lines = {
        "run": document["run"],
        "experiment": f"{document['experiment']}, {configuration.get('name', 'one')} profile",
        "arms": ", ".join(configuration.get("arms", ())),
        "begun": f"{document['started_at'][:16].replace('T', ' ')} UTC",
        "took": _took(document.get("outcome", {})),
        "command": " ".join(["twinbench", *document["command"][1:]]),
        "revision": document["revision"][:12] + (", with changes" if document["dirty"] else ""),
        "engine": document["engine"],
        "machine": _machine(document["host"]),
        "each arm had": _limits(document["limits"]),
        "dataset": f"{configuration.get('dataset', '-')}, seed {document['seed']}",
        "topology": document["topology_digest"][:12],
        "versions": ", ".join(f"{name} {own}" for name, own in document["versions"].items()),
        "thinned": _thinned(document.get("thinned")),
    }
    return [(name, str(value)) for name, value in lines.items() if value]


def _took(outcome: Mapping[str, Any]) -> str:
    seconds = outcome.get("seconds")
    if not seconds:
        return ""
    minutes = sum(seconds.values()) / 60
    measuring = seconds.get("measuring", 0.0) / 60
    stopped = outcome.get("stopped_by", "its end")
    return f"{minutes:.1f} minutes, {measuring:.1f} of them measuring; stopped by: {stopped}"


def _machine(host: Mapping[str, Any]) -> str:
    memory = host.get("memory_bytes")
    parts = [
        str(host.get("cpu_model", "unknown processor")),
        f"{memory / 2**30:.0f} GiB of memory" if memory else "",
        "virtual" if host.get("virtual") else "",
        f"Linux {host['kernel']}" if "kernel" in host else "",
    ]
    return ", ".join(part for part in parts if part)


def _limits(limits: Mapping[str, Any]) -> str:
    """Every arm of a run has the same."""
    arm = next(iter(limits["arms"].values()))
    cores = len(arm["cores"])
    parts = [f"{cores} {'core' if cores == 1 else 'cores'}"]
    if arm.get("cpus"):
        parts.append(f"{arm['cpus']:g} CPUs")
    if arm.get("memory_bytes"):
        parts.append(f"{arm['memory_bytes'] / 1e6:,.0f} MB")
    return f"{', '.join(parts)}; the load generator {len(limits['generator_cores'])}"


def _thinned(thinned: Mapping[str, Any] | None) -> str:
    if thinned is None:
        return ""
    return f"{thinned['share']:.0%} of the {thinned['of']} kept, by chance; all else is whole"
