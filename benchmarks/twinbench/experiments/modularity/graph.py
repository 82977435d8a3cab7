"""`python -m twinbench.experiments.modularity.graph PACKAGE...`: who imports whom, as JSON.

A process of its own, whose import roots are those of the code that is read. Nothing is executed.
"""

import json
import sys

import grimp


def main() -> None:
    first, *others = sys.argv[1:]
    graph = grimp.build_graph(first, *others, cache_dir=None)
    imports = [
        (importer, imported)
        for importer in sorted(graph.modules)
        for imported in sorted(graph.find_modules_directly_imported_by(importer))
    ]
    print(json.dumps({"modules": sorted(graph.modules), "imports": imports}))


if __name__ == "__main__":
    main()
