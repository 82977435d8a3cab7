"""The page in a real browser, where Debian's is installed: nothing asked for, nothing cut off."""

import shutil
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from tests.all_runs import all_others
from tests.report.browser import Tab, tab
from tests.synthetic import THREE_ARMS, write_run
from twinbench.report.page import write_page

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here")

PICTURES = "[...document.images]"
SEEN = "i => i.complete && i.naturalWidth > 100 && i.getBoundingClientRect().height > 100"
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("results")
    all_others(root)
    return write_page(write_run(root, rates=(10.0, 20.0), arms=THREE_ARMS, blocks=3))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with tab(str(CHROMIUM), tmp_path_factory.mktemp("profile")) as one:
        yield one


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_fits_and_all_its_pictures_are_seen(browser: Tab, page: Path, width: int) -> None:
    browser.show(page, width=width)
    assert browser.value("innerWidth") == width
    assert not browser.value(TOO_WIDE)
    assert browser.value(f"{PICTURES}.length") == 22
    assert browser.value(f"{PICTURES}.every({SEEN})")
    assert not browser.trouble
    assert [url for url in browser.requests if not url.startswith("data:")] == [page.as_uri()]


def test_prints_are_dark_enough(browser: Tab, page: Path) -> None:
    """At least 4.5 to 1 against what is behind, as WCAG 2 asks of small print."""
    browser.show(page, width=1440)
    assert browser.value(_CONTRAST) >= 4.5


@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_nothing_serious(browser: Tab, page: Path, width: int) -> None:
    browser.show(page, width=width)
    browser.value((resources.files("axe_core_python") / "axe.min.js").read_text("utf-8"))
    assert browser.value(_SERIOUS) == []


_SERIOUS = """
axe.run().then(found => found.violations
  .filter(one => ['serious', 'critical'].includes(one.impact))
  .map(one => `${one.id}: ${one.nodes.map(node => node.html).join(' ')}`))
"""
_CONTRAST = """
(() => {
  const light = text => {
    const part = text.match(/[\\d.]+/g).map(Number).slice(0, 3).map(c => {
      const s = c / 255; return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
  };
  const behind = e => {
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (!colour.endsWith(', 0)')) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const prints = document.querySelectorAll('p, li, a, td, th, caption, h1, h2, h3, code');
  return Math.min(...[...prints].map(e => {
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }));
})()
"""
