"""Reading the resources of components on the second, beside a trial."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Sample(Generic[R]):
    """All readings of one pass, and when it was due (seconds of time.monotonic)."""

    due: float
    readings: Sequence[R]


class Sampler(Generic[R]):
    """Takes a reading at `begin`, each second after it, and at `end`, in a thread of its own.

    `read(memory)` is told whether memory is wanted. That walks page tables, which holds up the
    process that is read: so it is asked for at `end` alone, when the measured window is over.
    """

    def __init__(self, read: Callable[[bool], Sequence[R]], *, begin: float, end: float) -> None:
        self._read = read
        self._instants = [*(begin + second for second in range(max(1, round(end - begin)))), end]
        self._cancelled = threading.Event()
        pool = ThreadPoolExecutor(1, thread_name_prefix="resources")
        self._samples = pool.submit(self._take_samples)
        pool.shutdown(wait=False)  # its thread ends by itself when the readings are taken

    def cancel(self) -> None:
        """Take no further readings."""
        self._cancelled.set()

    def result(self) -> list[Sample[R]]:
        """Waits for the last reading. Raises what `read` raised."""
        return self._samples.result()

    def _take_samples(self) -> list[Sample[R]]:
        samples = []
        for due in self._instants:
            if self._cancelled.wait(max(0.0, due - time.monotonic())):
                break
            samples.append(Sample(due, self._read(due == self._instants[-1])))
        return samples
