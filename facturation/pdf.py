"""A paper as PDF/UA, where WeasyPrint is installed: an extra that the install page names. Elsewhere a browser prints.

WeasyPrint reads our own stylesheets and fonts, from this machine alone: it asks nothing of the network.
"""

from __future__ import annotations

import logging
import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

from portail.feuilles import SHEETS, join_sheets

FONTS = re.compile(r"url\(\"?\.\./(polices/[^\")]+)\"?\)")


def is_available() -> bool:
    """Whether this machine can make PDF files (WeasyPrint is installed); a browser prints the papers anyway."""
    return find_spec("weasyprint") is not None


def render_pdf(html: str) -> bytes:
    """This whole HTML page, which names no file, as a tagged PDF (PDF/UA-1). It takes half a second; only where
    `is_available`.
    """
    weasyprint, polices, adresses = map(import_module, ("weasyprint", "weasyprint.text.fonts", "weasyprint.urls"))
    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)  # it says of each rule for screens that it leaves it out
    local, fonts = adresses.URLFetcher(allowed_protocols=["file"]), polices.FontConfiguration()
    page = weasyprint.HTML(string=html, url_fetcher=local, base_url=settings.BASE_DIR.as_uri())
    sheet = weasyprint.CSS(string=sheets(), url_fetcher=local, font_config=fonts)
    pdf: bytes = page.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1")
    return pdf


def sheets() -> str:
    """The CSS rules of a paper as one text, with the addresses of the fonts on this machine."""
    papier = Path(str(finders.find("css/papier.css"))).read_text("utf-8")
    rules = "\n".join([*(join_sheets(served) for served in SHEETS), papier])
    return FONTS.sub(lambda found: f'url("{Path(str(finders.find(found[1]))).as_uri()}")', rules)
