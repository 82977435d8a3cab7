"""The proxy's process: `python -m twinbench.faults HOST:PORT...`, a way to each.

It prints the ways' ports as a JSON list. Each line on standard input is `[way, mode, amount]`, or
`[]` to change nothing; each is answered with the bites of all ways. It ends with its input.
"""

import asyncio
import sys
from contextlib import AsyncExitStack

import orjson

from twinbench.faults.proxy import Mode, Way


async def main(upstreams: list[str]) -> None:
    async with AsyncExitStack() as stack:
        ways = []
        for upstream in upstreams:
            host, _, port = upstream.rpartition(":")
            ways.append(await stack.enter_async_context(Way(host, int(port))))
        _say([way.port for way in ways])
        told = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(told)
        await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
        while line := await told.readline():
            if change := orjson.loads(line):
                index, mode, amount = change
                ways[index].set(Mode(mode), amount)
            _say([way.bites for way in ways])


def _say(numbers: list[int]) -> None:
    sys.stdout.buffer.write(orjson.dumps(numbers) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
