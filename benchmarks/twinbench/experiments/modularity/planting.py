"""Which forbidden imports a project's own check of its boundaries notices.

Run by that project's Python, in its folder, with its import roots; import-linter is the project's.
Reads {"plants": [[importer, imported], ...]} and writes {"noticed": [...]}, null for an import that
cannot be planted for want of the importer. The code itself is not touched: an import is added to
the graph that the check is given.
"""

import contextlib
import json
import sys
from copy import deepcopy
from typing import Any, Protocol

import grimp
from importlinter.application import use_cases
from importlinter.application.app_config import settings
from importlinter.configuration import configure


class Builder(Protocol):
    def build(self, **options: Any) -> grimp.ImportGraph: ...  # noqa: ANN401 - import-linter's


class Planted:
    """Builds the graph once, and hands it out with one import more."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._graph: grimp.ImportGraph | None = None
        self.plant: tuple[str, str] | None = None

    def build(self, **options: Any) -> grimp.ImportGraph:  # noqa: ANN401 - import-linter's
        if self._graph is None:
            self._graph = self._builder.build(**options)
        graph = deepcopy(self._graph)
        if self.plant is not None:
            importer, imported = self.plant
            if imported not in graph.modules:
                graph.add_module(imported, is_squashed=True)
            graph.add_import(
                importer=importer, imported=imported, line_number=1, line_contents="planted"
            )
        return graph

    def has(self, module: str) -> bool:
        return self._graph is not None and module in self._graph.modules


def holds() -> bool:
    return bool(use_cases.lint_imports(cache_dir=None, no_logo=True))


def main() -> None:
    configure()
    planted = Planted(settings.GRAPH_BUILDER)
    settings.configure(GRAPH_BUILDER=planted)
    noticed: list[bool | None] = []
    with contextlib.redirect_stdout(sys.stderr):
        if not holds():
            sys.exit("the boundaries do not hold as the code is")
        for importer, imported in json.load(sys.stdin)["plants"]:
            planted.plant = (importer, imported) if planted.has(importer) else None
            noticed.append(None if planted.plant is None else not holds())
    json.dump({"noticed": noticed}, sys.stdout)


if __name__ == "__main__":
    main()
