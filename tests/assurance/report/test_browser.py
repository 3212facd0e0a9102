"""The page in a real browser, where there is one: what is veiled, what may run, and the keyboard."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_spec = importlib.util.spec_from_file_location("report_browser", Path(__file__).with_name("browser.py"))
assert _spec is not None
assert _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
sys.modules["report_browser"] = _module
_spec.loader.exec_module(_module)

pytestmark = pytest.mark.skipif(_module.CHROMIUM is None, reason="no Chromium here")
TEXTS = ("图书馆答复", "占位题")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with _module.Browser() as one:
        yield one


def said(browser: Any, aloud: bool = False) -> list[str]:
    """Which of the texts stand in the document, scripts apart; ``aloud``: or are told to a screen reader."""
    seen = browser.run(
        "[...document.body.children].filter((each) => each.tagName !== 'SCRIPT').map((each) => each.textContent).join()"
    )
    seen += browser.spoken() if aloud else ""
    return [text for text in TEXTS if text in seen]


def open_item(browser: Any, page_file: Path, item: str = "content/A.1.a-003") -> None:
    browser.open(page_file, "#item=" + item)
    browser.wait("document.querySelector('.row.open .reveal')")


def press(browser: Any, selector: str) -> None:
    browser.run(f"document.querySelector({selector!r}).click()")


def test_texts_appear_only_when_opened_and_one_at_a_time(browser: Any, page_file: Path) -> None:
    open_item(browser, page_file)
    assert said(browser, aloud=True) == []
    press(browser, ".row.open .reveal")
    assert said(browser, aloud=True) == list(TEXTS)
    assert browser.run("document.activeElement.className") == "said"
    press(browser, ".row:not(.open) .row-head")
    assert said(browser) == []
    assert browser.run("document.querySelectorAll('.said').length") == 0


@pytest.mark.slow
def test_texts_are_veiled_again_before_printing_and_on_another_language(
    browser: Any, page_file: Path
) -> None:
    for act in ("dispatchEvent(new Event('beforeprint'))", "document.querySelector('[for=en]').click()"):
        open_item(browser, page_file)
        press(browser, ".row.open .reveal")
        assert said(browser) == list(TEXTS)
        browser.run(act)
        assert said(browser) == []


def test_nothing_of_an_answer_runs_or_is_fetched(browser: Any, page_file: Path) -> None:
    browser.open(page_file)
    hostile = browser.run(
        "(() => { const all = JSON.parse(document.getElementById('data-items').textContent);"
        " const texts = JSON.parse(document.getElementById('data-texts').textContent).answers.service;"
        " return all.items[all.answers.service[texts.findIndex((t) => t && t.includes('onerror'))][0]][0]; })()"
    )
    open_item(browser, page_file, hostile)
    press(browser, ".row.open .reveal")
    if "onerror" not in browser.run("document.body.innerText"):  # the other answer to the same question
        press(browser, ".row.open .others button:last-of-type")
        for button in range(browser.run("document.querySelectorAll('.row.open .others button').length")):
            if browser.run("document.body.innerText.includes('onerror')"):
                break
            browser.run(f"document.querySelectorAll('.row.open .others button')[{button}]?.click()")
            press(browser, ".row.open .reveal")
    assert 'onerror="document.title=1"' in browser.run("document.body.innerText")
    assert browser.run("document.images.length") == 0
    assert "taken" not in browser.run("document.title")
    asked = [
        e["params"]["request"]["url"]
        for e in browser.events
        if e.get("method") == "Network.requestWillBeSent"
    ]
    assert {url.partition("#")[0] for url in asked} <= {page_file.resolve().as_uri(), "about:blank"}


@pytest.mark.slow
def test_the_policy_stops_a_script_that_got_in(browser: Any, page_file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.html"
    broken.write_text(
        page_file.read_text("utf-8").replace("<footer>", "<footer><script>document.title='taken'</script>"),
        "utf-8",
    )
    browser.open(broken)
    assert browser.run("document.title") != "taken"


def test_a_cell_lists_its_items_and_arrows_move(browser: Any, page_file: Path) -> None:
    browser.open(page_file)
    browser.run("document.querySelectorAll('button.cell')[0].focus()")
    for key in ("ArrowDown", "ArrowRight"):
        browser.call("Input.dispatchKeyEvent", type="keyDown", key=key)
    here = "(({risk, judge}) => [risk, judge])(document.activeElement.dataset)"
    assert browser.run(here) == ["A.1.b", "classifier"]
    assert browser.run("document.getElementById('card').hidden") is False
    browser.call("Input.dispatchKeyEvent", type="keyDown", key="Escape")
    assert browser.run("document.getElementById('card').hidden") is True
    browser.run("document.activeElement.click()")
    rows = browser.run("[...document.querySelectorAll('.row')].map((row) => row.dataset.item)")
    assert rows
    assert all(row.startswith("content/A.1.b-") for row in rows)


@pytest.mark.slow
def test_a_figure_opens_its_card_with_the_command(browser: Any, page_file: Path) -> None:
    browser.open(page_file)
    id = browser.run("document.querySelector('.decision .fig').dataset.fig")
    press(browser, ".decision .fig")
    assert browser.run("document.activeElement.id") == "card"
    assert (
        browser.run(f"document.querySelector('#card [data-fig=\"{id}\"]').title")
        == f"mofang show fig:{id[7:27]}"
    )


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_wider_than_the_window(browser: Any, page_file: Path, width: int, language: str) -> None:
    browser.view(width, 900)
    browser.open(page_file)
    press(browser, f"[for={language}]")
    assert browser.run("document.documentElement.scrollWidth") <= width
    browser.view(1280, 900)


@pytest.mark.slow
def test_no_script_error_is_logged(browser: Any, page_file: Path) -> None:
    open_item(browser, page_file)
    press(browser, "#theme")
    bad = [e for e in browser.events if e.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded")]
    assert bad == []
