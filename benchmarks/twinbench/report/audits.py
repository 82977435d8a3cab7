"""The auditor's findings, in words."""

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from twinbench.analysis.audits import Audits

_SHOWN: Final = 5


def print_audits(console: Console, found: Sequence[Audits]) -> None:
    """A line for each arm; what is wrong loudly, one line for each invariant."""
    for one in found:
        if not one.checked:
            line = f"- {one.arm}: its books were not audited, for it is not known where they are"
            console.print(Text(line, style="yellow"))
            continue
        wrong = len(one.findings)
        verdict = ("all in order", "green") if not wrong else (f"{wrong} findings", "bold red")
        line = f"- {one.arm}: books audited after {one.checked} trials, "
        console.print(Text.assemble(line, verdict))
        for trial, finding in one.findings[:_SHOWN]:
            console.print(Text(f"  trial {trial}: {finding}", style="bold red"))
