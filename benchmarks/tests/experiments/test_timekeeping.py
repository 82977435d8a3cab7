from twinbench.experiments.timekeeping import Ledger


def test_time_is_booked_by_purpose_over_sessions() -> None:
    now = [100.0]
    ledger = Ledger(already={"measuring": 10.0, "starting": 4.0}, clock=lambda: now[0])
    with ledger.spending("starting"):
        now[0] += 5
    ledger.book("measuring", 8.0)
    ledger.book("warming", 3.0)
    now[0] += 15
    assert ledger.seconds() == {
        "measuring": 18.0, "starting": 9.0, "warming": 3.0, "changing over": 4.0,
    }  # fmt: skip
    assert ledger.elapsed == 34.0
    assert ledger.outside() == 1 - 21 / 34
