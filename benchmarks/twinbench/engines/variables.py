"""What the environment says about the topology, for every engine alike."""

import os
from functools import cache
from pathlib import Path

from twinbench.engines.launcher import revision_of
from twinbench.topology import variables_named_in

SIZE = "DATASET_SIZE"
_REVISION = "TWINBENCH_REVISION"


def variables_of(topology_file: Path) -> dict[str, str]:
    """Those that the file names; the revision is found out where nobody gives it."""
    names = variables_named_in(topology_file)
    found = {name: os.environ[name] for name in names if name in os.environ}
    if _REVISION in names:
        found.setdefault(_REVISION, _revision(topology_file.parent))
    return found


@cache
def _revision(folder: Path) -> str:
    """Asked for once: git takes longer than a reading of resources."""
    return revision_of(folder)
