from collections.abc import Iterator
from pathlib import Path

import pytest

from acquirer.ledger import Ledger, RefusedError, Status


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


@pytest.fixture
def ledger(journal: Path) -> Iterator[Ledger]:
    with Ledger(journal) as opened:
        yield opened


def authorize(ledger: Ledger, reference: str = "r1", *, approved: bool = True) -> Status:
    entry, _ = ledger.authorize(
        reference=reference, amount=100, currency="EUR", token="tok_ok", approved=approved
    )
    return entry.status


def test_a_reference_is_authorised_once(ledger: Ledger) -> None:
    assert authorize(ledger) is Status.AUTHORIZED
    _, made = ledger.authorize(
        reference="r1", amount=100, currency="EUR", token="tok_ok", approved=True
    )
    assert not made
    assert len(ledger.entries()) == 1


def test_money_moves_one_way(ledger: Ledger) -> None:
    authorize(ledger)
    assert ledger.capture("r1").status is Status.CAPTURED
    assert ledger.capture("r1").status is Status.CAPTURED
    assert ledger.refund("r1").status is Status.REFUNDED
    assert ledger.refund("r1").status is Status.REFUNDED
    with pytest.raises(RefusedError):
        ledger.capture("r1")


def test_an_authorisation_is_voided_not_refunded(ledger: Ledger) -> None:
    authorize(ledger)
    assert ledger.refund("r1").status is Status.VOIDED
    with pytest.raises(RefusedError):
        ledger.capture("r1")


def test_a_refund_before_the_authorisation_forbids_it(ledger: Ledger) -> None:
    assert ledger.refund("late").status is Status.VOIDED
    with pytest.raises(RefusedError):
        authorize(ledger, "late")


def test_a_declined_reference_holds_no_money(ledger: Ledger) -> None:
    assert authorize(ledger, approved=False) is Status.DECLINED
    for operation in (ledger.capture, ledger.refund):
        with pytest.raises(RefusedError):
            operation("r1")


def test_the_books_survive_a_kill_in_the_middle_of_a_write(ledger: Ledger, journal: Path) -> None:
    authorize(ledger)
    ledger.capture("r1")
    with journal.open("ab") as handle:
        handle.write(b'{"reference":"torn"')
    with Ledger(journal) as reopened:
        assert [entry.status for entry in reopened.entries()] == [Status.CAPTURED]
        reopened.refund("r1")
    with Ledger(journal) as reopened:
        assert [entry.status for entry in reopened.entries()] == [Status.REFUNDED]
