"""Each rule of regles_rgaa.py sees the fault that it is there for, and nothing in what is right."""

from __future__ import annotations

import pytest

from tests.navigateur.regles_rgaa import broken_rules
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur

FAULTS = {
    "1.1": '<svg width="9" height="9"></svg><img src="data:,"><object></object>',
    "1.2": '<svg aria-hidden="true"><title>Décor</title></svg>',
    "1.3": '<img src="data:," alt="True">',
    "2.1": '<iframe src="about:blank"></iframe>',
    "3.3": '<input aria-label="Nom" style="border: 1px solid #ddd; background: #fff">',
    "4.1": "<video></video>",
    "5.1": """<table><thead><tr><td rowspan="2"></td><th scope="col" colspan="2">Léa</th></tr>
        <tr><th scope="col">Matin</th><th scope="col">Soir</th></tr></thead></table>""",
    "5.4": '<table aria-labelledby="absent"><tr><th>Nom</th></tr></table>',
    "5.6": "<table><tr><td>Nom</td></tr></table>",
    "5.7": """<table><thead><tr><td></td><th scope="col">Matin</th></tr></thead>
        <tr><th>Léa</th><td>oui</td></tr><tr><th scope="rowgroup" colspan="2">Tom</th></tr></table>""",
    "5.8": '<table role="presentation"><tr><th>Nom</th></tr></table>',
    "6.1": '<a href="/" aria-label="Ouvrir la fiche">Modifier</a>',
    "6.2": '<a href="/" title="Trier"></a>',
    "10.3": '<p><b style="margin-right: 1em">2</b><small>0 par jour</small></p>',
    "7.1": '<button><span aria-hidden="true">lun. 7</span><span class="vh">lundi 7</span></button>',
}
RIGHT = """<svg aria-hidden="true" width="9" height="9"></svg><svg role="img" aria-label="Inscrits par mois"></svg>
<img src="data:," alt=""><input aria-label="Nom" style="border: 1px solid #767676"><input type="checkbox">
<table><caption>Planning</caption><thead><tr><td></td><th scope="col" aria-label="lundi 7"><button>lun. 7</button></th>
</tr></thead><tr><td colspan="2">Léa</td></tr><tr><th scope="row">Léa, matin</th><td>oui</td></tr></table>
<a href="/" aria-label="Modifier le lundi 7">Modifier</a>
<a href="/"><span class="avatar" aria-hidden="true">L</span>Léa</a>
<p>le 1<sup>er</sup> <b style="margin-right: 1em">2</b> <small>places</small><span class="vh">, soir</span></p>
<button aria-label="Un de plus">+</button><table role="presentation"><tr><td>Nom</td></tr></table>"""


def test_each_fault_is_seen(site: Site):
    page = site.open()
    seen = {}

    for criterion, html in FAULTS.items():
        page.set_content(f"<main>{html}</main>")
        seen[criterion] = {problem.split(":")[0].split(" ")[0] for problem in broken_rules(page)}

    assert seen == {criterion: {criterion} for criterion in FAULTS}


def test_what_is_right_is_left_alone(site: Site):
    page = site.open()
    page.set_content(f"<style>.vh {{position: absolute}}</style><main>{RIGHT}</main>")

    assert broken_rules(page) == []
