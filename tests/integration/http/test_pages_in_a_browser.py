"""The reference as people see it: a real browser, no internet, the policy of the server in force."""

import pytest

from .browser import Browser, BrowserUnavailable, running_browser
from .served import Served, served, wait_until

LOGO = "cdn.redoc.ly"
"""ReDoc asks for a picture of its maker, and does without."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    try:
        with running_browser(tmp_path_factory.mktemp("browser")) as browser:
            yield browser
    except BrowserUnavailable as reason:
        pytest.skip(f"Chromium cannot run here: {reason}")


@pytest.fixture(scope="module")
def server():
    with served() as server:
        yield server


def opened(browser: Browser, server: Served, page: str) -> None:
    browser.complaints()
    browser.go(f"http://127.0.0.1:{server.port}/schema/{page}")


def test_swagger_ui_shows_every_operation_and_breaks_no_rule(browser, server) -> None:
    opened(browser, server, "swagger-ui")
    browser.until("return document.querySelectorAll('.opblock').length > 20")
    browser.ask("document.querySelector('#operations-jobs-createJob .opblock-summary-control').click()")
    browser.until("return document.querySelector('#operations-jobs-createJob .opblock-body') !== null")

    assert "Runyard" in browser.ask("return document.querySelector('.info .title').textContent")
    assert browser.ask("return getComputedStyle(document.querySelector('.opblock-summary')).display") == "flex"
    assert browser.complaints() == []


def test_swagger_ui_can_call_the_server(browser, server) -> None:
    opened(browser, server, "swagger-ui")
    browser.until("return document.querySelector('#operations-health-livez .opblock-summary-control') !== null")
    for step in (".opblock-summary-control", ".try-out__btn", ".execute"):
        browser.until(f"return document.querySelector('#operations-health-livez {step}') !== null")
        browser.ask(f"document.querySelector('#operations-health-livez {step}').click()")

    browser.until("return (document.querySelector('.live-responses-table')?.textContent || '').includes('alive')")
    assert browser.complaints() == []


def test_redoc_shows_every_operation_styled_and_breaks_no_rule(browser, server) -> None:
    opened(browser, server, "redoc")
    browser.until("return document.querySelectorAll('[data-section-id*=\"operation/\"]').length > 20")

    assert "Runyard" in browser.ask("return document.querySelector('h1').textContent")
    assert browser.ask("return getComputedStyle(document.querySelector('.menu-content')).position") == "sticky"
    assert browser.until("return document.querySelector('[role=search] input') !== null")
    assert [said for said in browser.complaints() if LOGO not in said] == []


def test_the_plain_page_is_styled(browser) -> None:
    with served(assets=None) as server:
        opened(browser, server, "")
        assert browser.ask("return getComputedStyle(document.querySelector('h2')).fontSize") == "17.6px"
        assert browser.complaints() == []


def test_a_script_that_stands_in_a_page_is_not_run(browser, server) -> None:
    opened(browser, server, "redoc")
    browser.ask(
        "const script = document.createElement('script'); script.textContent = 'window.run = true';"
        "document.head.append(script); document.body.innerHTML += '<img src=x onerror=\"window.run = true\">'"
    )

    said: list[str] = []

    def complained() -> bool:
        said.extend(browser.complaints())
        return any("inline event handler" in each for each in said)  # the one that is told last

    wait_until(complained)
    assert any("Content Security Policy" in each for each in said)
    assert browser.ask("return window.run") is None


def test_a_page_of_ours_is_not_shown_inside_another_one(browser, server) -> None:
    opened(browser, server, "redoc")
    framed = browser.ask(
        "const frame = document.createElement('iframe'); frame.src = '/schema/redoc'; document.body.append(frame);"
        "return new Promise(done => { frame.onload = () => done(frame.contentDocument === null); })"
    )

    assert framed
