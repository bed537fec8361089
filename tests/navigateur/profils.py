"""The browsers of the tests, each as one that has just been installed: without cookie, storage or service worker.

A new one starts processes and reads every style sheet and script again, which takes longer than most tests. One that
a test gives back is therefore emptied and used again. It keeps static files, named by their hash; a page is never kept
(SES-05).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

PHONE = (390, 844)
SPARE = 2  # of a kind: those of a test that opens more are closed
# Whether somebody has clicked on the page as it stands: a click of its own scripts does not count.
HEAR_CLICKS = """addEventListener('click', event => {
  if (event.isTrusted) globalThis.__clicked = true;
}, true)"""
CLOCK_IS_OURS = "'__pwClock' in globalThis"  # what `page.clock` leaves in a context for good


@dataclass
class Profil:
    context: BrowserContext
    base: str
    javascript: bool
    # A window that stays, empty: as long as it does, so does the process of the others. What empties goes through it.
    _window: Page = field(init=False)
    _devtools: CDPSession = field(init=False)

    def __post_init__(self) -> None:
        self._window = self.context.new_page()
        self._devtools = self.context.new_cdp_session(self._window)

    def new_page(self, size: tuple[int, int], scheme: str) -> Page:
        page = self.context.new_page()
        if size != PHONE:
            page.set_viewport_size({"width": size[0], "height": size[1]})
        if scheme != "light":
            page.emulate_media(color_scheme=scheme)
        return page

    def empty(self) -> bool:
        """Forget all that a test may have left; whether that is possible."""
        for page in self.context.pages:
            if page != self._window:
                page.close()
        if self.javascript and self._window.evaluate(CLOCK_IS_OURS):
            return False
        self.context.clear_permissions()
        self._devtools.send("Storage.clearDataForOrigin", {"origin": self.base, "storageTypes": "all"})
        self.context.clear_cookies()
        return True


@dataclass
class Profils:
    browser: Browser
    _spare: list[Profil] = field(default_factory=list)

    def take(self, base: str, *, javascript: bool) -> Profil:
        for profil in self._spare:
            if (profil.base, profil.javascript) == (base, javascript):
                self._spare.remove(profil)
                return profil
        width, height = PHONE
        context = self.browser.new_context(
            base_url=base,
            viewport={"width": width, "height": height},
            color_scheme="light",
            java_script_enabled=javascript,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        context.add_init_script(HEAR_CLICKS)
        return Profil(context, base, javascript)

    def give_back(self, profil: Profil, *, again: bool = True) -> None:
        alike = [one for one in self._spare if one.javascript == profil.javascript]
        if again and len(alike) < SPARE and profil.empty():
            self._spare.append(profil)
        else:
            profil.context.close()

    def close(self) -> None:
        for profil in self._spare:
            profil.context.close()
        self._spare.clear()
