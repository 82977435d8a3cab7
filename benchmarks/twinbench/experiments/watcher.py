"""How an experiment tells whoever watches how far it has come."""

from typing import Protocol

from twinbench.engines.protocol import Progress
from twinbench.results.rows import TrialRow


class Watcher(Protocol):
    """All calls come from the experiment's own thread. `seconds` are nominal."""

    def component(self, progress: Progress, /) -> None: ...
    def phase(self, description: str, /) -> None: ...
    def remaining(self, seconds: float, /) -> None:
        """From now on it takes so long at most; precision may end it earlier."""
        ...

    def trial_begins(self, description: str, seconds: float, /) -> None: ...
    def trial_ended(self, row: TrialRow, /) -> None: ...
    def retry(self, row: TrialRow, seconds: float, /) -> None: ...
