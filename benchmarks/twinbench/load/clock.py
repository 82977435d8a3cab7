"""A clock for greenlets that keeps microseconds.

libev rounds every timeout up to a whole millisecond, which would be added to each latency counted
from its intended start. A timerfd is exact, and costs one system call per change of the next
deadline.
"""

import ctypes
import os
import time
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
    """Wakes greenlets at instants of `time.monotonic`."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd: int = self._libc.timerfd_create(_CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), "timerfd_create")
        self._waiting: list[tuple[float, int, Waiter[None]]] = []
        self._tie = count()
        self._watcher = gevent.get_hub().loop.io(self._fd, 1)
        self._watcher.start(self._expired)

    def wait_until(self, deadline: float) -> None:
        """Return at `deadline` (seconds of time.monotonic), at once if it has passed."""
        if deadline <= time.monotonic():
            return
        waiter: Waiter[None] = Waiter()
        heappush(self._waiting, (deadline, next(self._tie), waiter))
        if self._waiting[0][2] is waiter:
            self._arm(deadline)
        waiter.get()

    def close(self) -> None:
        self._watcher.stop()
        self._watcher.close()
        os.close(self._fd)

    def _arm(self, deadline: float) -> None:
        seconds, fraction = divmod(deadline, 1.0)
        # A zero value would disarm the timer instead of firing it at once.
        value = _Timespec(int(seconds), max(1, int(fraction * 1e9)))
        setting = _Itimerspec(_Timespec(0, 0), value)
        self._libc.timerfd_settime(self._fd, _TFD_TIMER_ABSTIME, ctypes.byref(setting), None)

    def _expired(self) -> None:
        try:
            os.read(self._fd, 8)
        except BlockingIOError:
            return
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            heappop(self._waiting)[2].switch(None)
        if self._waiting:
            self._arm(self._waiting[0][0])
