"""The auditor catches arms whose guards have been taken out, and finds sound ones sound.

Each arm runs from a copy of the tree, whose code is changed under it.
"""

import time

import pytest

from tests.kills.copies import Copied
from tests.kills.mutants import MUTANTS
from twinbench.experiments.auditing import Auditor

NAMES = sorted({name for mutants in MUTANTS.values() for name in mutants})
CAUGHT_WITHIN = 40.0
# What is wrong now and still is after so long is no effect that is under way.
LASTING = 2.5


@pytest.mark.parametrize("name", NAMES)
def test_a_mutant_is_caught(copied: Copied, name: str) -> None:
    mutant = MUTANTS[copied.arm][name]
    shop = copied.opened()
    with copied.changed(mutant):
        auditor = Auditor(copied.engine)
        auditor.begin(copied.arm)
        mutant.drive(shop, copied.engine, copied.broker)
        assert caught(auditor, copied.arm, mutant.told)


def test_a_sound_copy_is_not(copied: Copied) -> None:
    """So that it is the change that is caught above, neither the copy nor what is done to it."""
    shop = copied.opened()
    auditor = Auditor(copied.engine)
    auditor.begin(copied.arm)
    for mutant in MUTANTS[copied.arm].values():
        mutant.drive(shop, copied.engine, copied.broker)
    audited = auditor.audit(copied.arm, trial=1, events_too=True)
    assert audited.row.findings == ()
    assert audited.row.orders > len(MUTANTS)
    assert [tally for tally in audited.tallies() if tally.lost or tally.doubled] == []


def caught(auditor: Auditor, arm: str, told: str) -> bool:
    deadline = time.monotonic() + CAUGHT_WITHIN
    since: float | None = None
    while time.monotonic() < deadline:
        if not any(told in line for line in auditor.look(arm)):
            since = None
        elif since is None:
            since = time.monotonic()
        elif time.monotonic() - since > LASTING:
            return True
        time.sleep(0.2)  # paces the looking
    return False
