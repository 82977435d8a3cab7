"""How events get from the outbox of one service to the inboxes of others."""

from typing import Protocol

from kit.bus import Bus
from kit.db import Database
from kit.inbox import Consumer, Subscriptions
from kit.loops import Loop
from kit.outbox import Relay


class Carrier(Protocol):
    """At least once, and soon after the publisher's commit."""

    def loops(
        self,
        service: str,
        database: Database,
        *,
        publishes: bool,
        subscriptions: Subscriptions | None,
    ) -> list[Loop]:
        """What the service must run to take part, as publisher and as subscriber."""


class Streams:
    """Over Valkey: a stream per publisher, a consumer group per subscriber."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def loops(
        self,
        service: str,
        database: Database,
        *,
        publishes: bool,
        subscriptions: Subscriptions | None,
    ) -> list[Loop]:
        loops: list[Loop] = []
        if publishes:
            loops.append(Relay(database, self._bus, service).loop())
        if subscriptions:
            loops.append(Consumer(database, self._bus, service, subscriptions).loop())
        return loops
