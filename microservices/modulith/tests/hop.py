"""What a direct call costs: `python tests/hop.py`, the counterpart of `python -m kit_testing.hop`.

The callee hands back an answer of the same size and touches no database. In turn with it, the same
answer is awaited without a deadline: what is above that is the call's. Each figure is the best of
many short bursts, because other work on the machine only ever adds.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import uvloop

from modulith.calls import Calls

_ANSWER = {str(number): 7 for number in range(1, 21)}
_BURST = 1000
_BURSTS = 50


async def _callee() -> dict[str, int]:
    await asyncio.sleep(0)
    return _ANSWER


async def _burst(call: Callable[[], Awaitable[object]], at_once: int) -> float:
    async def caller() -> None:
        for _ in range(_BURST // at_once):
            await call()

    began = time.process_time()
    await asyncio.gather(*(caller() for _ in range(at_once)))
    return (time.process_time() - began) / _BURST * 1e6


async def _run() -> None:
    calls = Calls()

    async def direct() -> None:
        await calls.make(_callee())

    ways = {"bare": _callee, "direct": direct}
    for at_once in (1, 8):
        best = dict.fromkeys(ways, float("inf"))
        for _ in range(_BURSTS):
            for name, call in ways.items():
                best[name] = min(best[name], await _burst(call, at_once))
        for name, cost in best.items():
            print(f"{at_once} at once, {name}: {cost:.1f} us")


if __name__ == "__main__":
    uvloop.run(_run())
