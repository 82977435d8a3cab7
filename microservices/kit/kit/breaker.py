"""What keeps a failing service from being called too often."""

import time

from kit.errors import DependencyUnavailable


class Breaker:
    """Opens after `threshold` failures in a row; lets one call try every `pause` seconds."""

    def __init__(self, *, threshold: int = 5, pause: float = 1.0) -> None:
        self._threshold, self._pause = threshold, pause
        self._failures = 0
        self._retry_at = 0.0

    def admit(self) -> None:
        """Raises DependencyUnavailable while open."""
        if self._failures < self._threshold:
            return
        now = time.monotonic()
        if now < self._retry_at:
            raise DependencyUnavailable
        self._retry_at = now + self._pause

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        if self._failures >= self._threshold:
            self._retry_at = time.monotonic() + self._pause


class RetryBudget:
    """At most one retry for ten calls, beyond a small burst."""

    def __init__(self, *, share: float = 0.1, burst: float = 5.0) -> None:
        self._share, self._burst = share, burst
        self._left = burst

    def earn(self) -> None:
        self._left = min(self._burst, self._left + self._share)

    def spend(self) -> bool:
        """Whether a retry may be made now."""
        if self._left < 1:
            return False
        self._left -= 1
        return True
