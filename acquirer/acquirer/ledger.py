"""The books: every reference with its money and its state, durable in an append-only journal.

A reference belongs to one payment for ever. Asking again gives the same answer, and a refund of a
reference never seen leaves a tombstone, so that a request which arrives late cannot take money.
"""

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Self

import orjson


class Status(StrEnum):
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    DECLINED = "declined"
    REFUNDED = "refunded"
    VOIDED = "voided"


class RefusedError(Exception):
    """The reference is in a state that does not allow the operation."""

    def __init__(self, reference: str, status: Status | None) -> None:
        super().__init__(f"{reference} is {status or 'unknown'}")


@dataclass(frozen=True, slots=True)
class Entry:
    reference: str
    amount: int
    currency: str
    token: str
    status: Status


class Ledger:
    def __init__(self, journal: Path) -> None:
        self._entries = _replay(journal)
        journal.parent.mkdir(parents=True, exist_ok=True)
        self._journal: BinaryIO = journal.open("ab", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._journal.close()

    def entries(self) -> list[Entry]:
        return list(self._entries.values())

    def find(self, reference: str) -> Entry | None:
        return self._entries.get(reference)

    def authorize(
        self, *, reference: str, amount: int, currency: str, token: str, approved: bool
    ) -> tuple[Entry, bool]:
        """The entry, and whether this call made it. Raises RefusedError for a voided reference."""
        known = self._entries.get(reference)
        if known is not None:
            if known.status in {Status.VOIDED, Status.REFUNDED}:
                raise RefusedError(reference, known.status)
            return known, False
        status = Status.AUTHORIZED if approved else Status.DECLINED
        entry = Entry(reference, amount, currency, token, status)
        self._record(entry)
        return entry, True

    def capture(self, reference: str) -> Entry:
        entry = self._entries.get(reference)
        if entry is None or entry.status not in {Status.AUTHORIZED, Status.CAPTURED}:
            raise RefusedError(reference, entry.status if entry else None)
        return self._move(entry, Status.CAPTURED)

    def refund(self, reference: str) -> Entry:
        entry = self._entries.get(reference)
        if entry is None:
            entry = Entry(reference, 0, "EUR", "", Status.VOIDED)
            self._record(entry)
            return entry
        if entry.status is Status.AUTHORIZED:
            return self._move(entry, Status.VOIDED)
        if entry.status is Status.CAPTURED:
            return self._move(entry, Status.REFUNDED)
        if entry.status is Status.DECLINED:
            raise RefusedError(reference, entry.status)
        return entry

    def _move(self, entry: Entry, status: Status) -> Entry:
        if entry.status is status:
            return entry
        moved = replace(entry, status=status)
        self._record(moved)
        return moved

    def _record(self, entry: Entry) -> None:
        # One unbuffered write: it is in the kernel's hands before anybody is told.
        self._journal.write(orjson.dumps(asdict(entry)) + b"\n")
        self._entries[entry.reference] = entry


def _replay(journal: Path) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    if not journal.exists():
        return entries
    content = journal.read_bytes()
    whole, _, torn = content.rpartition(b"\n")
    if torn:
        # The process died while writing the last line; nobody was told of it.
        with journal.open("r+b") as handle:
            handle.truncate(len(content) - len(torn))
    for line in whole.splitlines():
        row = orjson.loads(line)
        entries[row["reference"]] = Entry(**{**row, "status": Status(row["status"])})
    return entries
