"""One implementation taking another's place while customers go on buying."""

import threading
import time
from dataclasses import dataclass, field

from twinbench.engines.protocol import Engine, EngineError
from twinbench.experiments.polyglotism.settings import Replacement


@dataclass(slots=True)
class Swap:
    """Happens at a given moment, in a thread of its own; `conclude` returns when it has ended."""

    engine: Engine
    replacement: Replacement
    implementation: str
    seconds: float | None = None
    reason: str = ""
    _thread: threading.Thread | None = field(default=None, repr=False)

    def begin_at(self, instant: float) -> None:
        """Returns at once; `instant` is of time.monotonic."""
        self._thread = threading.Thread(target=self._run, args=(instant,), name="swap")
        self._thread.start()

    def conclude(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def _run(self, instant: float) -> None:
        threading.Event().wait(max(0.0, instant - time.monotonic()))
        began = time.monotonic()
        setting = {self.replacement.setting: self.implementation}
        try:
            # All at once: the two may keep what they know in different places.
            self.engine.replace(
                self.replacement.component, variables=setting, strategy="blue-green"
            )
        except EngineError as error:
            self.reason = str(error).splitlines()[0]
        self.seconds = time.monotonic() - began
