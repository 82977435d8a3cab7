"""Runs the static checks of every project: `python .ci/checks.py PROJECT...`.

Format, lint, types and boundaries by its own settings, then what concerns the whole tree.
"""

import re
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# A lock or a page that names a registry, or a path of somebody's machine, does not belong here.
FORBIDDEN = re.compile(
    r"(pypi|pythonhosted|npmjs|debian)\.(org|com|net)|registry\.npmjs|(?<![\w.])/(home|Users|root)/[a-z]"
)
REFERENCE = re.compile(
    r"`((?:[\w.-]+/)*(?:[\w.-]+/|[\w-]+\.(?:md|ya?ml|toml|py|sh)))`|\]\(([^)#:]+)\)"
)
TARGET = re.compile(r"`make ([a-z-]+)(?:`| [A-Z])")


def settings_of(project: str) -> dict[str, Any]:
    tools: dict[str, Any] = tomllib.loads((ROOT / project / "pyproject.toml").read_text())["tool"]
    return tools


def project_checks(project: str) -> list[list[str]]:
    checks = [
        ["ruff", "format", "--check", "."],
        ["ruff", "check", "."],
        ["mypy"],
    ]
    settings = settings_of(project)
    if not {"files", "packages"} & settings["mypy"].keys():
        checks[-1].append(".")
    if "importlinter" in settings:
        checks.append(["lint-imports"])
    return checks


def failures_of(project: str) -> list[str]:
    failures = []
    folder = ROOT / project
    # What a project imports from its neighbours, its tests find in the same places.
    roots = settings_of(project)["pytest"]["ini_options"].get("pythonpath", ["."])
    for check in project_checks(project):
        done = subprocess.run(
            [f".venv/bin/{check[0]}", *check[1:]],
            cwd=folder, capture_output=True, text=True, check=False,
            env={"PYTHONPATH": ":".join(roots), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        if done.returncode != 0:
            failures.append(f"{project}: {' '.join(check)}\n{done.stdout}{done.stderr}")
    return failures


def own_failures() -> list[str]:
    """Of the scripts beside this one, with the workbench's tools."""
    failures = []
    for check in (
        ["ruff", "format", "--check", ".ci"],
        ["ruff", "check", ".ci"],
        ["mypy", "--strict", ".ci"],
    ):
        done = subprocess.run(
            [ROOT / "benchmarks/.venv/bin" / check[0], *check[1:]],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            failures.append(f".ci: {' '.join(check)}\n{done.stdout}{done.stderr}")
    return failures


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def tree_failures() -> list[str]:
    failures = []
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    files = tracked_files()
    names = {file.name for file in files}
    for file in files:
        if file == Path(__file__) or file.suffix in {".png", ".parquet"}:
            continue
        text = file.read_text()
        name = file.relative_to(ROOT)
        failures += [f"{name}: names {found.group(0)}" for found in FORBIDDEN.finditer(text)]
        if file.suffix == ".md":
            failures += [
                f"{name}: {problem}" for problem in document_problems(file, text, targets, names)
            ]
    return failures


def document_problems(file: Path, text: str, targets: set[str], names: set[str]) -> list[str]:
    """A path must exist from here or from the root; a bare file name somewhere in the tree."""
    problems = []
    for match in REFERENCE.finditer(text):
        path = match.group(1) or match.group(2)
        made_later = path.startswith((".venv", ".tools", ".twinbench", "results/"))
        there = (file.parent / path).exists() or (ROOT / path).exists() or path in names
        if not (made_later or there):
            problems.append(f"no such path: {path}")
    problems += [f"no such target: make {name}" for name in set(TARGET.findall(text)) - targets]
    return problems


def main() -> int:
    with ThreadPoolExecutor(max_workers=2) as pool:
        found = [
            failure for failures in pool.map(failures_of, sys.argv[1:]) for failure in failures
        ]
    found += own_failures() + tree_failures()
    for failure in found:
        print(failure, file=sys.stderr)
    print(f"{len(sys.argv) - 1} projects checked, {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
