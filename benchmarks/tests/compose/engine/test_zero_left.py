"""Last by its name: it takes down what the other tests look at."""

from tests.compose.engine.conftest import Running


def test_down_leaves_nothing(running: Running) -> None:
    assert running.stack.left()
    running.stack.down()
    assert running.stack.left() == []
