"""Refusing at once what could not be served in time: less work for who asks too much.

The gateway notes when it hands a request on. What has waited for too long since then, in the
server's queue for one of its threads, is refused before anything is done for it. As the services do
it, with turns for threads.
"""

import time
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

from shop.platform.errors import unavailable

HEADER: Final = "HTTP_X_REQUEST_START"
"""Milliseconds since the epoch, by the gateway."""
LONGEST: Final = 2.0
"""Seconds that a request may wait in any case."""
STRAINED: Final = 0.2
"""Seconds: when every request has waited as long, for `STANDING` on end, too much is asked."""
STANDING: Final = 0.5
LOOKING: Final = 0.1
"""Seconds that who only looks around may wait from then on, until nobody has waited as long for
`STANDING` on end."""
GOING_ON: Final = 0.3
"""Seconds that whoever is signed in, or changes something, may wait in that time."""


class Patience:
    """For how long requests may wait: that depends on how long others have. Safe among threads."""

    def __init__(self) -> None:
        self._strained = False
        self._turning: float | None = None

    def longest(self, strained: float) -> float:
        """Seconds that a request may wait now that may wait for so many under strain."""
        return strained if self._strained else LONGEST

    def lasts(self, waited: float, now: float, strained: float) -> bool:
        """Whether to serve a request that has waited for so many seconds, at `now` in seconds."""
        since = self._turning
        turns = waited < LOOKING if self._strained else waited >= STRAINED
        if not turns:
            self._turning = None
        elif since is None:
            self._turning = now
        elif now - since >= STANDING:
            self._strained, self._turning = not self._strained, None
        return waited < self.longest(strained)


def under_strain(method: str | None, *, signed_in: bool) -> float:
    """Seconds that such a request may wait when too much is asked."""
    return LOOKING if method == "GET" and not signed_in else GOING_ON


def patient(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuses what has waited for too long; what did not come through the gateway is served."""
    patience = Patience()

    def middleware(request: HttpRequest) -> HttpResponse:
        since = request.META.get(HEADER)
        if since is not None and since.isdecimal():
            now = time.time()
            strained = under_strain(request.method, signed_in="HTTP_AUTHORIZATION" in request.META)
            if not patience.lasts(now - int(since) / 1000, now, strained):
                return unavailable()
        return get_response(request)

    return middleware
