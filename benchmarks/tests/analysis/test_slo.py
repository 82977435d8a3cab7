from pathlib import Path

import pytest

from tests.synthetic import write_run
from twinbench.analysis.blocks import Stage, stages
from twinbench.analysis.slo import Finding, Slo, SloError, judge, read_slos

WHOLE = """
[[slo]]
arm = "monolith"
rate = 40
journey = "buy"
percentile = 95
limit_ms = 300

[[slo]]
endpoint = "browse 0"
max_error_share = 0.001
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Stage]:
    return stages(write_run(tmp_path_factory.mktemp("results"), factor=1.6))


def read(tmp_path: Path, text: str) -> list[Slo]:
    file = tmp_path / "slo.toml"
    file.write_text(text)
    return read_slos(file)


def test_a_file_is_read_as_it_is_written(tmp_path: Path) -> None:
    assert read(tmp_path, WHOLE) == [
        Slo(arm="monolith", rate=40, journey="buy", percentile=95, limit_ms=300),
        Slo(endpoint="browse 0", max_error_share=0.001),
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", r"thresholds are tables \[\[slo\]\]"),
        ("[[limits]]\na = 1", "not limits"),
        ("slo = 3", "thresholds are tables"),
        ("slo = [3]", "slo 1: thresholds are tables"),
        ("[[slo", "is no TOML"),
        ("[[slo]]\nlimit = 3", "slo 1: unknown limit; known are arm"),
        ("[[slo]]\nlimit_ms = 3", "belong together"),
        ("[[slo]]\npercentile = 95", "belong together"),
        ("[[slo]]\njourney = 'buy'", "limits nothing"),
        ("[[slo]]\npercentile = 90\nlimit_ms = 3", "one of 50, 95, 99, 99.9"),
        ("[[slo]]\npercentile = 95\nlimit_ms = 0", "limit_ms must be above 0"),
        ("[[slo]]\npercentile = 95\nlimit_ms = '3'", "limit_ms must be a number"),
        ("[[slo]]\npercentile = 95\nlimit_ms = true", "limit_ms must be a number"),
        ("[[slo]]\narm = ''\nmax_error_share = 0.1", "arm must be a name"),
        ("[[slo]]\nmax_error_share = 2", "between 0 and 1"),
        ("[[slo]]\nmax_error_share = 0.1\nrate = -1", "rate must be above 0"),
        ("[[slo]]\njourney = 'a'\nendpoint = 'b'\nmax_error_share = 0", "exclude each other"),
    ],
)
def test_mistakes_are_told_in_one_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(SloError, match=complaint) as caught:
        read(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SloError, match="cannot read"):
        read_slos(tmp_path / "none.toml")


def test_each_arm_and_rate_is_judged(found: list[Stage]) -> None:
    findings = judge([Slo(journey="browse", percentile=50, limit_ms=80)], found)
    assert {(each.arm, each.rate, each.outcome) for each in findings} == {
        ("monolith", 20, "kept"), ("monolith", 40, "kept"),
        ("microservices", 20, "breached"), ("microservices", 40, "breached"),
    }  # fmt: skip
    (only,) = judge([Slo("monolith", 40, percentile=95, limit_ms=300)], found)
    assert (only.subject, only.measure, only.outcome) == ("all", "p95", "kept")


def test_what_too_few_samples_cannot_tell_is_unknown(found: list[Stage]) -> None:
    (finding,) = judge([Slo("monolith", 20, "operate", percentile=99, limit_ms=9)], found)
    assert finding == Finding("monolith", 20, "operate", "p99", 9, None, "unknown")


def test_errors_are_counted(found: list[Stage]) -> None:
    findings = judge([Slo(max_error_share=0.001)], found)
    assert {(each.observed, each.outcome) for each in findings} == {(0.0, "kept")}


@pytest.mark.parametrize(
    "slo",
    [
        Slo(arm="mainframe", max_error_share=0),
        Slo(journey="steal", max_error_share=0),
        Slo(endpoint="teapot", percentile=50, limit_ms=1),
        Slo(rate=7, max_error_share=0),
    ],
)
def test_what_the_run_does_not_have_is_refused(found: list[Stage], slo: Slo) -> None:
    with pytest.raises(SloError, match="the run has nothing of"):
        judge([slo], found)
