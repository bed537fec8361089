"""A browser that a test gives back is used again: nothing of that test is left in it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur

FILL = """async () => {
  document.cookie = 'c=1';
  localStorage.setItem('l', '1');
  sessionStorage.setItem('s', '1');
  await (await caches.open('cache')).put('/absente/', new Response('1'));
  await new Promise(resolve => { indexedDB.open('base', 1).onsuccess = resolve; });
  await navigator.serviceWorker.register('/service-worker.js');
  await navigator.serviceWorker.ready;
}"""
HELD = """async () => ({
  cookies: document.cookie,
  local: localStorage.length,
  session: sessionStorage.length,
  caches: await caches.keys(),
  bases: (await indexedDB.databases()).map(base => base.name),
  workers: (await navigator.serviceWorker.getRegistrations()).length,
  worked: !!navigator.serviceWorker.controller,
  history: history.length,
  clipboard: (await navigator.permissions.query({name: 'clipboard-read'})).state,
})"""
OPEN = "/hors-ligne/"
READ = "Aucune case n’attend sur cet appareil."  # said once its script has opened a base of its own, and read it


def held(page: Page) -> dict[str, object]:
    page.goto(OPEN)
    page.get_by_text(READ).wait_for()
    return page.evaluate(HELD)


def test_nothing_passes_to_the_next_test(site: Site):
    site.profils.close()  # those that other tests gave back would be taken first
    first = site.open()
    before = held(first)
    first.context.grant_permissions(["clipboard-read"])
    first.evaluate(FILL)
    filled = held(first)
    site.close()

    second = site.open()

    assert second.context == first.context
    assert {name for name in before if filled[name] != before[name]} == {*before} - {"history"}
    assert held(second) == before


def test_a_browser_whose_clock_was_ours_is_not_used_again(site: Site):
    first = site.open(OPEN)
    first.clock.install()
    site.close()

    assert site.open(OPEN).context != first.context


def test_two_browsers_at_once_are_two(site: Site):
    assert site.open().context != site.open().context


def test_a_browser_behind_another_way_to_the_server_is_not_used_again(site: Site):
    base = site.url.replace("127.0.0.1", "localhost")
    first = site.open(base=base)
    site.close()

    assert site.open(base=base).context != first.context
