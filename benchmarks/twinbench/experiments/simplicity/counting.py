"""Lines of code by kind, of the files that git knows.

Python is counted by its own tokenizer: a line counts when it holds a token that is neither comment
nor docstring. Of everything else, lines count that are neither empty nor begin with `#`.
"""

import ast
import io
import subprocess
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from twinbench.errors import TwinbenchError
from twinbench.topology import Component, Kind, Topology

KINDS: Final = ("business", "infrastructure", "configuration", "tests")
_NONE: Final = "none"
_RULES: Final = Path(__file__).with_name("kinds.toml")
_SILENT: Final = frozenset(
    {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENCODING,
        tokenize.ENDMARKER,
    }
)


class CountingError(TwinbenchError):
    """What is to be counted cannot be told apart or listed."""


@dataclass(frozen=True, slots=True)
class Rules:
    """`ordered`: pairs of kind and patterns. See kinds.toml for what each field is about."""

    ordered: tuple[tuple[str, tuple[str, ...]], ...]
    beside: Mapping[str, tuple[str, ...]]
    alone: frozenset[str]
    outside: frozenset[str]

    @classmethod
    def read(cls, file: Path = _RULES) -> "Rules":
        raw: Mapping[str, Any] = tomllib.loads(file.read_text("utf-8"))
        return cls(
            ordered=tuple((rule["kind"], tuple(rule["paths"])) for rule in raw["rule"]),
            beside={kind: tuple(paths) for kind, paths in raw["beside"].items()},
            alone=frozenset(raw["alone"]["names"]),
            outside=frozenset(raw["outside"]["projects"]),
        )

    def kind_of(self, path: str) -> str:
        """Of a path below the checkout. Raises CountingError where no rule fits."""
        for kind, patterns in self.ordered:
            if any(fnmatchcase(path, pattern) for pattern in patterns):
                return kind
        raise CountingError(f"no rule in {_RULES.name} says what kind of code {path} is")


def projects_of(topology: Topology, arm: str, rules: Rules) -> tuple[str, ...]:
    """The folders with environments of their own that the arm's components run from."""
    found = dict.fromkeys(c.project for c in topology.of_arm(arm) if c.project is not None)
    return tuple(project for project in found if project not in rules.outside)


def folders_of(topology: Topology, arm: str, rules: Rules) -> tuple[str, ...]:
    """The same, and those that are only imported from."""
    projects = projects_of(topology, arm, rules)
    imported = (
        root for c in topology.of_arm(arm) if c.project in projects for root in c.pythonpath
    )
    return tuple(dict.fromkeys((*projects, *imported)))


def lines_of(topology: Topology, arm: str, files: Sequence[str], rules: Rules) -> dict[str, int]:
    """Lines by kind of all that the arm is made of, its part of the topology included.

    `files` are paths below the topology's folder. Raises CountingError.
    """
    counted: Counter[str] = Counter(dict.fromkeys(KINDS, 0))
    for path in sorted(set(_own(topology, arm, files, rules))):
        kind = rules.kind_of(path)
        if kind != _NONE:
            counted[kind] += lines_in(topology.folder / path)
    names = [component.name for component in topology.of_arm(arm)]
    counted["configuration"] += topology_lines(topology.folder / "docker-compose.yml", names)
    return dict(counted)


def _own(topology: Topology, arm: str, files: Sequence[str], rules: Rules) -> Iterator[str]:
    projects = projects_of(topology, arm, rules)
    roots = folders_of(topology, arm, rules)
    beside = tuple(
        pattern for c in topology.of_arm(arm) for pattern in _beside(c, rules.beside.get(c.kind))
    )
    for path in files:
        root = next((folder for folder in roots if path.startswith(f"{folder}/")), None)
        if root is not None:
            if root in projects or Path(path).name not in rules.alone:
                yield path
        elif any(fnmatchcase(path, pattern) for pattern in beside):
            yield path


def _beside(component: Component, patterns: tuple[str, ...] | None) -> Iterator[str]:
    yield from patterns or ()
    if component.kind is Kind.GATEWAY:
        # The one file of a mounted folder that its command names.
        for mount in component.mounts:
            for word in component.command:
                if word.startswith(f"{mount.target}/"):
                    source = mount.source.removeprefix("./")
                    yield f"{source}{word.removeprefix(mount.target)}"


def tracked_files(checkout: Path) -> tuple[str, ...]:
    """Paths that git knows and that are there. Raises CountingError outside a repository."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"],  # noqa: S607 - as for the revision
            cwd=checkout, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        raise CountingError(f"git does not list the files of {checkout}: {error}") from error
    return tuple(name for name in listed.split("\0") if name and (checkout / name).is_file())


@cache
def lines_in(file: Path) -> int:
    """Lines of one file that are code."""
    text = file.read_text("utf-8")
    return python_lines(text) if file.suffix == ".py" else plain_lines(text.splitlines())


def python_lines(text: str) -> int:
    """Lines with a token of code; one that spans several counts each."""
    docstrings = _docstring_lines(text)
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _SILENT:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - docstrings)


def _docstring_lines(text: str) -> set[int]:
    """Lines of strings that stand for themselves: documentation, wherever it is."""
    return {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def plain_lines(lines: Sequence[str]) -> int:
    """Lines that are neither empty nor a comment."""
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in lines)


def topology_lines(file: Path, names: Sequence[str]) -> int:
    """Lines of these services; what several share, in anchors, counts for none of them."""
    text = file.read_text("utf-8")
    lines = text.splitlines()
    services = _child(yaml.compose(text, Loader=yaml.SafeLoader), "services")
    blocks = {
        name.value: lines[name.start_mark.line : body.end_mark.line]
        for name, body in services.value
    }
    return sum(plain_lines(blocks[name]) for name in names)


def _child(node: yaml.Node | None, name: str) -> yaml.MappingNode:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == name and isinstance(value, yaml.MappingNode):
                return value
    raise CountingError(f"the topology has no {name}")
