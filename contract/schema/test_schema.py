"""Zero server errors and zero violations of openapi.yaml, as a customer and as staff."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from driver.arms import Arm, credentials
from driver.http import API
from driver.openapi import DOCUMENT
from driver.shop import Shop

HERE: Final = Path(__file__).parent


@pytest.mark.parametrize("role", ["customer", "staff"])
def test_schemathesis(
    arm: Arm, role: str, pytestconfig: pytest.Config, summaries: list[str]
) -> None:
    shop = Shop(arm, credentials(pytestconfig))
    try:
        product = shop.add_product(stock=1_000_000_000)
        caller = shop.staff if role == "staff" else shop.register().caller
        environment = {
            "ARM_URL": arm.url,
            "ACCESS_TOKEN": caller.token or "",
            "PROBE_CATEGORY": shop.categories[0],
            "PROBE_PRODUCT": str(product["id"]),
        }
    finally:
        shop.close()
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--no-color"),
        *("--config-file", str(HERE / "schemathesis.toml"), "run", str(DOCUMENT)),
        *("--url", f"{arm.url}{API}", "--checks", "all"),
        *("--max-examples", str(pytestconfig.getoption("--cases"))),
        *("--seed", str(pytestconfig.getoption("--seed"))),
    ]
    finished = subprocess.run(  # noqa: S603 - a command of our own
        command,
        cwd=HERE.parent,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    counts = re.search(r"Test cases:\n\s*(.+)", finished.stdout)
    summaries.append(f"{arm.name} as {role}: {counts[1] if counts else 'nothing was generated'}")
    assert counts is not None, finished.stdout
    assert finished.returncode == 0, f"schemathesis found failures:\n{finished.stdout}"
