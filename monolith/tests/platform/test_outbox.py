from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from shop.platform import events, outbox
from shop.platform.events import Event, subscribe
from shop.platform.inbox import deliver
from shop.platform.models import InboxEntry, OutboxEvent

pytestmark = pytest.mark.django_db


class Failing:
    """A handler that fails as often as it is told to."""

    def __init__(self) -> None:
        self.failures = 0
        self.seen: list[Event] = []

    def __call__(self, event: Event) -> None:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("not yet")
        self.seen.append(event)


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> tuple[Failing, Failing]:
    monkeypatch.setattr(events, "_handlers", {})
    monkeypatch.setattr(events, "_subscriptions", {})
    first, second = Failing(), Failing()
    subscribe("first", "something.happened")(first)
    subscribe("second", "something.happened", "something.else")(second)
    return first, second


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], str]]:
    """What went to the broker, which loses it."""
    messages: list[tuple[dict[str, Any], str]] = []
    monkeypatch.setattr(deliver, "delay", lambda *message: messages.append(message))
    return messages


def due_now() -> None:
    OutboxEvent.objects.update(resend_at=timezone.now())


def test_each_handler_gets_its_own_message(
    handlers: tuple[Failing, Failing],
    sent: list[tuple[dict[str, Any], str]],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        outbox.publish("something.happened", {"number": 1})
        assert sent == []
    assert [name for _, name in sent] == ["first", "second"]
    for message in sent * 2:
        deliver(*message)
    assert [[event.data for event in handler.seen] for handler in handlers] == [
        [{"number": 1}],
        [{"number": 1}],
    ]


def test_what_the_broker_lost_is_sent_again_until_it_is_handled(
    handlers: tuple[Failing, Failing], sent: list[tuple[dict[str, Any], str]]
) -> None:
    first, second = handlers
    first.failures = 1
    outbox.publish("something.happened", {})
    assert outbox.sweep() == 0
    due_now()
    assert outbox.sweep() == 2
    with pytest.raises(RuntimeError):
        deliver(*sent[0])
    deliver(*sent[1])
    assert (len(first.seen), len(second.seen)) == (0, 1)
    due_now()
    assert outbox.sweep() == 1
    deliver(*sent[2])
    due_now()
    assert outbox.sweep() == 0
    assert OutboxEvent.objects.get().settled_at is not None
    assert (len(first.seen), len(second.seen)) == (1, 1)


def test_each_sending_waits_longer(
    handlers: tuple[Failing, Failing], sent: list[tuple[dict[str, Any], str]]
) -> None:
    outbox.publish("something.happened", {})
    waits = []
    for _ in range(7):
        due_now()
        outbox.sweep()
        wait = OutboxEvent.objects.get().resend_at - timezone.now()
        waits.append(round(wait.total_seconds()))
    assert waits == [4, 8, 16, 32, 64, 64, 64]


def test_an_event_nobody_waits_for_is_settled(
    handlers: tuple[Failing, Failing], sent: list[tuple[dict[str, Any], str]]
) -> None:
    outbox.publish("something.nobody.hears", {})
    due_now()
    assert outbox.sweep() == 0
    assert OutboxEvent.objects.get().settled_at is not None


def test_a_request_survives_a_broker_that_is_away(
    handlers: tuple[Failing, Failing],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(deliver, "delay", away)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        outbox.publish("something.else", {})
    assert OutboxEvent.objects.get().settled_at is None


def test_prune_forgets_what_was_settled_long_ago() -> None:
    old = timezone.now() - outbox.RETENTION - timedelta(minutes=1)
    for settled_at in (old, timezone.now(), None):
        event = OutboxEvent.objects.create(
            id=uuid4(), type="x", occurred_at=old, data={}, resend_at=old, settled_at=settled_at
        )
        InboxEntry.objects.create(event_id=event.id, handler="first")
    assert outbox.prune() == 1
    assert OutboxEvent.objects.count() == InboxEntry.objects.count() == 2
