"""A clock for greenlets that keeps microseconds.

libev rounds every timeout up to a whole millisecond, which would be added to each latency counted
from its intended start. A timerfd is exact, and costs one system call per change of the next
deadline.
"""

import ctypes
import os
import time
from collections.abc import Callable
from functools import partial
from heapq import heappop, heappush
from itertools import count

import gevent
from gevent.hub import Waiter

_CLOCK_MONOTONIC = 1
_TFD_TIMER_ABSTIME = 1


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Itimerspec(ctypes.Structure):
    _fields_ = (("interval", _Timespec), ("value", _Timespec))


class PreciseClock:
    """Calls back, or wakes greenlets, at instants of `time.monotonic`."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd: int = self._libc.timerfd_create(_CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), "timerfd_create")
        self._setting = _Itimerspec()
        self._waiting: list[tuple[float, int, Callable[[], None]]] = []
        self._tie = count()
        self._expiring = False
        self._watcher = gevent.get_hub().loop.io(self._fd, 1)
        self._watcher.start(self._expired)

    def call_at(self, deadline: float, callback: Callable[[], None]) -> None:
        """Have the hub call `callback` at `deadline` (seconds of time.monotonic) or soon after.

        It must not wait. What is due at the same time is called in the order of its deadlines.
        """
        heappush(self._waiting, (deadline, next(self._tie), callback))
        if self._waiting[0][0] == deadline and not self._expiring:
            self._arm(deadline)

    def wait_until(self, deadline: float) -> None:
        """Return at `deadline` (seconds of time.monotonic), at once if it has passed."""
        if deadline <= time.monotonic():
            return
        waiter: Waiter[None] = Waiter()
        self.call_at(deadline, partial(waiter.switch, None))
        waiter.get()

    def close(self) -> None:
        self._watcher.stop()
        self._watcher.close()
        os.close(self._fd)

    def _arm(self, deadline: float) -> None:
        """Setting the timer also takes back that it has expired; a deadline of 0 stops it."""
        seconds, fraction = divmod(deadline, 1.0)
        self._setting.value.seconds = int(seconds)
        # A zero value would stop the timer instead of having it expire at once.
        self._setting.value.nanoseconds = max(1, int(fraction * 1e9)) if deadline else 0
        setting = ctypes.byref(self._setting)
        self._libc.timerfd_settime(self._fd, _TFD_TIMER_ABSTIME, setting, None)

    def _expired(self) -> None:
        now = time.monotonic()  # once: answers that have come must have their turn as well
        self._expiring = True
        while self._waiting and self._waiting[0][0] <= now:
            heappop(self._waiting)[2]()
        self._expiring = False
        self._arm(self._waiting[0][0] if self._waiting else 0.0)
