"""What an answer took, told in its own header; installed only where the settings say so."""

import time
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

HEADER: Final = "Server-Timing"
_NO_ROUTE: Final = "unmatched"


def server_timing(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Adds the entry that a service's answer has in the other arms; calls there are none.

    `desc` is component, method and route; `dur` the milliseconds that the answer took, `cpu` those
    of the processor in its thread.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        began, began_cpu = time.perf_counter(), time.thread_time()
        response = get_response(request)
        cpu = 1000 * (time.thread_time() - began_cpu)
        took = 1000 * (time.perf_counter() - began)
        match = request.resolver_match
        route = f"/{match.route}" if match else _NO_ROUTE
        what = f"{settings.COMPONENT} {request.method} {route}"
        response.headers[HEADER] = f'app;desc="{what}";dur={took:.4f};cpu={cpu:.4f}'
        return response

    return middleware
