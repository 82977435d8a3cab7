"""A window is bracketed by the last look that did not show the effect and the first that did."""

import time

import pytest

from twinbench.load.effects import watch


def test_the_truth_lies_between_the_looks() -> None:
    began = time.monotonic()
    window = watch("effect", lambda: time.monotonic() - began > 0.2, began)
    assert window.seen_s is not None
    assert window.unseen_s < 0.2 < window.seen_s
    # Looks come ever less often: the bracket is about a quarter of the window.
    assert window.seen_s - window.unseen_s < 0.2
    assert 5 < window.reads < 30


def test_what_is_there_at_once_was_never_unseen() -> None:
    began = time.monotonic()
    window = watch("effect", lambda: True, began)
    assert (window.unseen_s, window.reads) == (0.0, 1)
    assert window.seen_s == pytest.approx(0.0, abs=0.05)


def test_what_does_not_come_is_given_up() -> None:
    window = watch("effect", lambda: False, time.monotonic(), limit_s=0.05)
    assert window.seen_s is None
    assert window.unseen_s > 0.05
