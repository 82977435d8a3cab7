from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.orders.world import World
from tests.payments.processor import Processor, running


@pytest.fixture(scope="session")
def processor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processor]:
    with running(tmp_path_factory.mktemp("acquirer"), SLOW_SECONDS="0.3") as processor:
        yield processor


@pytest.fixture(autouse=True)
def _acquirer(processor: Processor, settings: Settings) -> None:
    settings.ACQUIRER_URL = processor.url


@pytest.fixture
def world(processor: Processor, transactional_db: None) -> World:
    return World(processor)
