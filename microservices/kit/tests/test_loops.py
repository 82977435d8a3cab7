"""Loops outlive what goes wrong, and end when told."""

import asyncio
import logging

import pytest

from kit.loops import Loop, running
from kit_testing.apps import eventually


async def test_a_failing_step_is_logged_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    steps = 0

    async def step() -> None:
        nonlocal steps
        steps += 1
        if steps == 1:
            raise LookupError("the first time")

    async def taken() -> int:
        return steps

    with caplog.at_level(logging.WARNING):
        async with running(Loop("fragile", step, 0.01)):
            await eventually(taken, lambda found: found > 2)
    assert [record.getMessage() for record in caplog.records] == ["fragile failed, again in 0.2 s"]


async def test_an_event_wakes_a_resting_loop() -> None:
    wake, stepped = asyncio.Event(), asyncio.Queue[None]()

    async def step() -> None:
        stepped.put_nowait(None)

    async with running(Loop("sleeper", step, 3600, wake)), asyncio.timeout(5):
        await stepped.get()
        wake.set()
        await stepped.get()
    assert not wake.is_set()


async def test_a_step_in_progress_is_cut_off_at_the_end() -> None:
    started, ended = asyncio.Event(), asyncio.Event()

    async def step() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with running(Loop("long", step, 1)):
        await started.wait()
    assert ended.is_set()
