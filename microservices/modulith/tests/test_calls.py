"""What a caller may rely on."""

import asyncio

import pytest
from kit.errors import DependencyUnavailable, NotFound
from sqlalchemy.exc import OperationalError

from modulith.calls import Calls


async def ended_by(error: Exception) -> None:
    raise error


async def test_an_answer_comes_back() -> None:
    assert await Calls().make(asyncio.sleep(0, "answer")) == "answer"


async def test_late_work_is_not_waited_for_and_still_done() -> None:
    calls, go, done = Calls(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await go.wait()
        done.set()

    with pytest.raises(DependencyUnavailable):
        await calls.make(work(), seconds=0.01)
    go.set()
    await calls.finish()
    assert done.is_set()


async def test_a_caller_that_goes_away_leaves_the_work_to_itself() -> None:
    calls, begun, go = Calls(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await go.wait()

    caller = asyncio.create_task(calls.make(work()))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go.set()
    await calls.finish()


@pytest.mark.parametrize("error", [NotFound(), OperationalError("", None, Exception())])
async def test_a_problem_of_the_callee_is_a_dependency_that_is_unavailable(
    error: Exception,
) -> None:
    with pytest.raises(DependencyUnavailable):
        await Calls().make(ended_by(error))


async def test_a_mistake_stays_what_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        await Calls().make(ended_by(ZeroDivisionError()))
