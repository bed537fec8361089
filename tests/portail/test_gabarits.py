"""Templates are drawn without their indents and their lines of tags, and nothing else of them changes."""

import re

from django.template import Origin, engines
from django.template.loader import get_template

from portail.gabarits import Loader, lighten
from tests.sources import ROOT, TEMPLATES

KEPT = re.compile(r"<(?:pre|textarea)\b|\bwhite-space:\s*(?:pre|break)")
VALUE = re.compile(r"=\"[^\"<>]*\n|='[^'<>]*\n")


def test_a_line_loses_its_indent_alone():
    assert lighten("<ul>\n    <li>Léa </li>\n\t\n</ul> \n") == "<ul>\n<li>Léa </li>\n\n</ul> \n"


def test_a_line_of_tags_alone_leaves_no_line_behind():
    template = (
        "<p>\n  {% if a %}{% for b in c %}\n    {{ b }}\n  {% endfor %}{% endif %}\n</p>\n"
        "{% if a %}{% include b %}{% endif %}\n"
    )
    drawn = (
        "<p>\n{% if a %}{% for b in c %}{{ b }}\n{% endfor %}{% endif %}</p>\n{% if a %}{% include b %}{% endif %}\n"
    )

    assert lighten(template) == drawn


def test_a_template_keeps_its_first_and_last_ends_of_line():
    assert lighten("{% if a %}\na\n{% else %}\nb\n{% endif %}\n") == "{% if a %}\na\n{% else %}b\n{% endif %}\n"


def test_a_page_is_drawn_without_indents():
    drawn = get_template("_liens_pied.html").render({"accessibilite_etat": "non conforme"})

    assert (re.findall(r"(?m)^[ \t]+", drawn), drawn.count("\n<li>")) == ([], 4)


def test_the_text_of_a_mail_is_drawn_as_written():
    loader = Loader(engines["django"].engine)
    [path] = [path for path in TEMPLATES if path.name == "base.html" and path.parent == ROOT / "templates"]

    def contents(name):
        return loader.get_contents(Origin(str(name)))

    assert contents(path) == lighten(path.read_text())
    for text in (ROOT / "templates").rglob("*.txt"):
        assert contents(text) == text.read_text()


def test_no_text_of_a_template_keeps_its_blanks():
    assert [path for path in TEMPLATES if KEPT.search(path.read_text())] == []


def test_no_value_goes_from_a_line_to_the_next():
    assert [path for path in TEMPLATES if VALUE.search(path.read_text())] == []
