"""Each rule of regles_pages.py sees the fault that it is there for, and nothing in what is right."""

from __future__ import annotations

import pytest

from tests.navigateur.regles_pages import broken_page_rules
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur

HEAD = '<!doctype html><html lang="fr"><head><title>Compte</title></head><body>'
SKIP = '<a href="#contenu">Aller au contenu</a>'
FRAME = f'{SKIP}<header></header><main id="contenu"><h1>Compte</h1>{{}}</main><footer></footer>'
RIGHT = """<form><p id="tous">Les deux champs sont obligatoires.</p>
<label for="a">Identifiant</label><input id="a" required aria-describedby="tous">
<label for="b">Mot de passe</label><input id="b" type="password" required aria-describedby="tous"></form>
<form><label for="c">Nom</label><input id="c" required>
<label for="d">Lien (facultatif)</label><input id="d"><input type="checkbox" aria-label="Aussi à Tom">
<fieldset><legend>Jours</legend><label>Moment <select><option value="1">Matin</option></select></label></fieldset>
</form>
<div lang="ar" dir="rtl"><b lang="fr" dir="ltr">Connexion</b></div>"""
TWO = "<form><label>Nom <input required></label><label>Lien <input{}></label></form>"
FAULTS = {
    "8.4": HEAD.replace('"fr"', '"en"') + FRAME.format(""),
    "8.5": HEAD.replace("Compte", "– Mairie, Saint-Sauveur") + FRAME.format(""),
    "8.10": HEAD + FRAME.format('<div lang="ar">x</div>'),
    "9.1": HEAD + FRAME.format("<h1>Encore</h1><h2></h2>"),
    "9.2": HEAD + FRAME.format("").replace("<header></header>", ""),
    "10.1": HEAD + FRAME.format('<center>x</center><p align="right">x</p><table width="9"></table>'),
    "11.1": HEAD + FRAME.format("<input>"),
    "11.6": HEAD + FRAME.format("<fieldset><p>x</p></fieldset>"),
    "11.10": HEAD + FRAME.format(TWO.format("") + TWO.format(" required")),
    "12.7": HEAD + FRAME.format("").replace(SKIP, ""),
    "12.8": HEAD + FRAME.format('<p tabindex="2">x</p>'),
    "12.10": HEAD + FRAME.format('<button accesskey="s">Enregistrer</button>'),
    "13.1": HEAD.replace("<title>", '<meta http-equiv="Refresh" content="9999"><title>') + FRAME.format(""),
}


def test_each_fault_is_seen(site: Site):
    page = site.open()
    seen = {}

    for criterion, html in FAULTS.items():
        page.set_content(html)
        seen[criterion] = {problem.split(":")[0] for problem in broken_page_rules(page)}

    assert seen == {criterion: {criterion} for criterion in FAULTS}


def test_what_is_right_is_left_alone(site: Site):
    page = site.open()
    page.set_content(HEAD + FRAME.format(RIGHT))

    assert broken_page_rules(page) == []
