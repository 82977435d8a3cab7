import io
from pathlib import Path

import pytest
from rich.console import Console

from tests.synthetic import THREE_ARMS, write_run
from twinbench.analysis.comparison import compare
from twinbench.report.figures import draw_comparison
from twinbench.report.style import arm_colours
from twinbench.report.terminal import print_comparison, print_endpoints
from twinbench.report.words import amount
from twinbench.results.store import Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write_run(tmp_path_factory.mktemp("results"), void=frozenset({3}))


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write_run(tmp_path_factory.mktemp("three"), arms=THREE_ARMS, factor=1.3)


def printed(run: Run, *, width: int = 80) -> str:
    output = io.StringIO()
    print_comparison(Console(file=output, width=width), run, compare(run))
    return output.getvalue()


def test_the_table_holds_what_a_reader_needs(run: Run) -> None:
    text = printed(run)
    for wanted in (
        "At 20 journeys per second", "At 40 journeys per second", "monolith", "microservices",
        "interval", "browse", "p95", "CPU-ms", "MB", "higher", "all together",
        "Framework and architecture differ", "1 of 16 trials voided", "requests left late",
    ):  # fmt: skip
        assert wanted in text
    assert max(map(len, text.splitlines())) <= 80


def test_three_arms_have_a_line_each_and_a_cause(three: Run) -> None:
    text = printed(three)
    for wanted in ("modulith", "Cause, at 40 journeys per second", "framework", "distribution"):
        assert wanted in text
    assert "Framework and architecture differ" not in text
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_single_requests_have_tables_of_their_own(three: Run) -> None:
    output = io.StringIO()
    print_endpoints(Console(file=output, width=80), three, compare(three))
    assert "  all " in output.getvalue()
    assert "…" not in output.getvalue()


def test_three_arms_have_three_colours(three: Run, tmp_path: Path) -> None:
    picture = tmp_path / "three.svg"
    draw_comparison(three, compare(three), [picture])
    drawn = picture.read_text("utf-8").lower()
    for colour in arm_colours(THREE_ARMS).values():
        assert colour.lower() in drawn


def test_an_arm_keeps_its_colour() -> None:
    pair, three = arm_colours(("monolith", "microservices")), arm_colours(THREE_ARMS)
    assert all(three[arm] == colour for arm, colour in pair.items())
    assert len(set(arm_colours((*THREE_ARMS, "yours", "theirs")).values())) == 5


def test_nothing_is_cut_off_at_eighty_columns(run: Run) -> None:
    assert "…" not in printed(run)


def test_a_void_run_says_so(tmp_path: Path) -> None:
    text = printed(write_run(tmp_path, rates=(20.0,), void=frozenset({1, 3, 5, 7})))
    assert "support no verdict" in text
    assert "void" in text
    assert "higher" not in text.replace("lower or higher", "")


def test_the_picture_comes_in_both_formats_and_does_not_change(run: Run, tmp_path: Path) -> None:
    one, two = tmp_path / "one.svg", tmp_path / "two.svg"
    draw_comparison(run, compare(run), [one, tmp_path / "one.png"])
    draw_comparison(run, compare(run), [two])
    assert one.read_bytes() == two.read_bytes()
    assert (tmp_path / "one.png").read_bytes().startswith(b"\x89PNG")
    for wanted in ("monolith", "microservices", "browse", "CPU-ms per transaction"):
        assert wanted in one.read_text("utf-8")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.123, "0.12"), (1.5, "1.50"), (18.23, "18.2"), (29.0, "29.0"), (1234.5, "1,234")],
)
def test_amounts_have_three_digits(value: float, text: str) -> None:
    assert amount(value) == text


def test_what_never_ended_has_no_amount() -> None:
    assert amount(float("inf")) == "never"
