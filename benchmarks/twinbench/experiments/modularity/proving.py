"""That a change request is what it says: its test fails before its code is there, and passes after.

Applied to a scratch checkout, and taken back again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from twinbench.experiments.modularity.requests import Change, Scratch
from twinbench.experiments.modularity.testing import Outcome, outcome_of


@dataclass(frozen=True, slots=True)
class Proof:
    """The request's own test, with only the patch's tests applied and with all of it."""

    before: Outcome
    after: Outcome

    @property
    def holds(self) -> bool:
        return self.before.failed and self.after.passed

    def __str__(self) -> str:
        if not self.before.failed:
            return f"its test does not fail before (exit status {self.before.status})"
        return f"its test does not pass after:\n{self.after.output}"


def proved(change: Change, scratch: Scratch, servers: Mapping[str, str]) -> Proof:
    """Raises ChangeError for a patch that does not fit, SuiteError where tests cannot be run."""
    scratch.apply_tests(change.patch)
    before = outcome_of(scratch.folder, change.project, servers, change.test)
    scratch.apply_rest(change.patch)
    after = outcome_of(scratch.folder, change.project, servers, change.test)
    scratch.take_back(change.patch)
    return Proof(before, after)
