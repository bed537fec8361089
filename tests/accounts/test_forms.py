"""What every form of accounts owes to somebody who does not see it, or has no script (RGAA 11)."""

from html.parser import HTMLParser

import pytest
from django.test import Client

from tests.accounts.conftest import log_in, send_value
from tests.reading import plain

TYPED = ["input", "select", "textarea"]
VOID = ["br", "hr", "img", "input", "link", "meta"]


class Page(HTMLParser):
    """The elements of a page with their attributes, and the text of its title and first-level headings. What stands
    in something hidden is hidden."""

    def __init__(self, response):
        super().__init__()
        self.elements, self.open, self.texts, self.hidden = [], [], {"title": [], "h1": []}, 0
        self.feed(response.text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs) | ({"hidden": None} if self.hidden else {})
        self.elements.append((tag, attrs))
        self.hidden += "hidden" in attrs and tag not in VOID
        if tag in self.texts:
            self.open.append(tag)
            self.texts[tag].append("")

    def handle_endtag(self, tag):
        self.hidden -= bool(self.hidden)
        if tag in self.open:
            self.open.remove(tag)

    def handle_data(self, data):
        for tag in self.open:
            self.texts[tag][-1] += plain(data)

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]

    @property
    def ids(self):
        return [attrs["id"] for _, attrs in self.elements if "id" in attrs]

    @property
    def fields(self):
        """What somebody fills in: neither hidden nor kept for password managers."""
        return [
            attrs
            for tag, attrs in self.elements
            if tag in TYPED and attrs.get("type") != "hidden" and attrs.get("aria-hidden") != "true"
        ]


@pytest.fixture
def visit(parent):
    """Open a page as who may, then post to it what is given."""

    def visit(path, fields=None):
        client = Client()
        if path == "/mot-de-passe/nouveau/":
            log_in(client, password=send_value(parent, force=True))
        elif path == "/compte/":
            log_in(client)
        return Page(client.get(path) if fields is None else client.post(path, fields))

    return visit


EMPTY = [
    ("/connexion/", 2),
    ("/mot-de-passe-oublie/", 1),
    ("/identifiant-oublie/", 1),
    ("/mot-de-passe/nouveau/", 2),
    ("/compte/", 3),
]
REFUSED = [
    ("/connexion/", {"identifiant": "3816238", "password": "faux"}),
    ("/identifiant-oublie/", {"email": "camille"}),
    ("/mot-de-passe/nouveau/", {"new_password1": "Azerty123", "new_password2": "x"}),
    ("/compte/", {"password": "faux", "new_password1": "x", "new_password2": "y"}),
]


@pytest.mark.parametrize("path", [path for path, _ in EMPTY])
def test_page_has_its_landmarks_and_one_title(visit, path):
    page = visit(path)  # RGA-06

    assert page.all("html") == [{"lang": "fr"}]
    assert (len(page.texts["title"]), len(page.texts["h1"])) == (1, 1)
    assert [len(page.all(tag)) for tag in ["header", "main", "footer"]] == [1, 1, 1]
    assert {"class": "evitement", "href": "#contenu"} in page.all("a")
    assert len(page.ids) == len(set(page.ids))


@pytest.mark.parametrize("path", [path for path, _ in EMPTY])
def test_every_field_has_its_label_and_existing_descriptions(visit, path):
    page = visit(path)  # RGA-07

    labels = {attrs.get("for") for attrs in page.all("label")}
    for field in page.fields:
        assert field.get("id") in labels or field["name"] == "souvenir"  # inside its label
        assert set(field.get("aria-describedby", "").split()) <= set(page.ids)
        assert "required" in field or field["name"] == "souvenir"


@pytest.mark.parametrize(("path", "count"), EMPTY)
def test_errors_are_announced_named_and_linked(visit, path, count):
    page = visit(path, {"x": "1"})  # RGA-06, RGA-07, RGA-11

    wrong = [field for field in page.fields if field.get("aria-invalid") == "true"]
    links = [attrs["href"] for attrs in page.all("a")]
    assert page.texts["title"][0].startswith("Erreur : ")
    alerts = [attrs for _, attrs in page.elements if attrs.get("role") == "alert" and "hidden" not in attrs]
    assert [attrs.get("id") for attrs in alerts] == ["resume-erreurs"]
    assert len(wrong) == count
    for field in wrong:
        assert f"#{field['id']}" in links
        assert f"{field['id']}_error" in field["aria-describedby"].split()
        assert set(field["aria-describedby"].split()) <= set(page.ids)


@pytest.mark.parametrize(("path", "fields"), REFUSED)
def test_refusals_point_to_existing_places(visit, path, fields):
    page = visit(path, fields)  # RGA-07

    described = {name for field in page.fields for name in field.get("aria-describedby", "").split()}
    targets = {attrs["href"][1:] for attrs in page.all("a") if attrs["href"].startswith("#i")}
    assert described | targets <= set(page.ids)
    assert targets
    assert page.texts["title"][0].startswith("Erreur : ")


@pytest.mark.parametrize("path", [path for path, _ in EMPTY])
def test_page_needs_no_script_nor_picture_to_read(visit, path):
    """No captcha; what only a script can do is hidden until the script is there."""
    page = visit(path)  # RGA-09, RGA-14

    assert all(attrs.get("hidden", "no") is None for attrs in page.all("button") if attrs.get("type") == "button")
    assert (page.all("img"), page.all("iframe"), page.all("canvas")) == ([], [], [])
    assert all(attrs.get("type") == "module" for attrs in page.all("script"))
