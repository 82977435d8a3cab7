"""The page needs nothing but itself, and says what is missing."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.all_runs import MAKERS
from tests.synthetic import THREE_ARMS, write_run
from twinbench.cli import app
from twinbench.report.page import CHAPTERS, write_page


class Outline(HTMLParser):
    """Identifiers, links to them, pictures and headings."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.headings: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        self.ids += [str(own["id"])] if "id" in own else []
        self.links += [str(own["href"])] if tag == "a" else []
        self.pictures += [own] if tag == "img" else []
        self.headings += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    root = tmp_path_factory.mktemp("results")
    run = write_run(root, rates=(10.0, 20.0), arms=THREE_ARMS, blocks=3)
    return write_page(run).read_text("utf-8")


def test_it_needs_no_other_file(page: str) -> None:
    without_pictures = re.sub(r"data:image/svg\+xml;base64,[\w+/=]+", "", page)
    assert not re.findall(r"(?:https?:)?//[\w.]", without_pictures)
    assert "<script" not in page
    assert len(page) < 10_000_000


def test_it_shows_no_code(page: str) -> None:
    assert "import " not in page
    assert "RUN =" not in page


def test_every_chapter_is_in_the_table_of_contents(page: str) -> None:
    outline = Outline()
    outline.feed(page)
    assert len(set(outline.ids)) == len(outline.ids)
    assert {link.removeprefix("#") for link in outline.links} <= set(outline.ids)
    assert len(outline.links) == len(CHAPTERS) + 1
    assert outline.headings[0] == 1
    assert outline.headings.count(1) == 1
    steps = zip(outline.headings, outline.headings[1:], strict=False)
    assert all(after - before <= 1 for before, after in steps)


def test_every_picture_is_told_to_those_who_do_not_see_it(page: str) -> None:
    outline = Outline()
    outline.feed(page)
    assert len(outline.pictures) == 6
    assert all(picture["alt"] for picture in outline.pictures)


def test_what_is_missing_is_said(page: str) -> None:
    assert "no run of capacity here yet: ./twinbench run capacity" in page
    assert "no run of hops here yet" in page
    assert "own accuracy was not checked beside these runs" in page
    assert "holds" in page


def test_a_voided_arm_and_a_single_block_still_give_a_page(tmp_path: Path) -> None:
    run = write_run(tmp_path, rates=(20.0,), blocks=1, void=frozenset({2}))
    text = write_page(run).read_text("utf-8")
    assert "one rate makes no curve" in text
    assert "1 of 2 trials count" in text
    assert "supports no verdict" in text


def test_a_run_of_one_experiment_alone_gives_a_page(tmp_path: Path) -> None:
    text = write_page(MAKERS["resilience"](tmp_path)).read_text("utf-8")
    for other in {"latency", *MAKERS} - {"resilience"}:
        assert f"no run of {other} here yet: ./twinbench run {other}" in text
    assert "no run of resilience here" not in text


def test_a_run_beside_it_that_has_changed_is_told_and_left_alone(tmp_path: Path) -> None:
    broken = MAKERS["scaling"](tmp_path)
    torn = broken.folder / "climbs.parquet"
    torn.chmod(0o644)
    torn.write_bytes(torn.read_bytes()[:-100])
    before = torn.read_bytes()
    text = write_page(write_run(tmp_path, rates=(20.0,), blocks=1)).read_text("utf-8")
    assert "climbs.parquet has changed since the run ended" in text
    assert torn.read_bytes() == before
    assert not (broken.folder / "report.html").exists()


def test_report_writes_it_and_the_pictures(tmp_path: Path) -> None:
    run = write_run(tmp_path, rates=(20.0,))
    shown = CliRunner().invoke(app, ("report", str(run.folder)))
    assert shown.exit_code == 0
    assert shown.stdout.rstrip().endswith(f"report  {run.folder / 'report.html'}")
    drawn = CliRunner().invoke(app, ("report", "--figures", str(run.folder)))
    assert drawn.exit_code == 0
    assert str(run.folder / "figures" / "components.svg") in drawn.stdout
    assert "not drawn: attribution" in drawn.stderr
