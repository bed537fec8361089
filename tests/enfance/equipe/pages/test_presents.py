"""Who is here now, on paper."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from enfance.equipe.pointages import enregistrer
from enfance.models import Creneau, PersonneAutorisee
from tests.enfance.equipe.pages.conftest import JOUR
from tests.enfance.gate import JEUDI, NOW, at, inscrire, tap
from tests.factories import ClasseFactory, ResponsableFactory, StaffFactory, make_enfant
from tests.temoins import assert_kept, paper_of

PRESENTS = f"{JOUR}presents/?creneau=soir"


def rows(html: str) -> list[list[str]]:
    """The cells of the paper, without its boxes."""
    lines = re.findall(r"<tr><td class=\"n\">.*?</tr>", html)
    return [[re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", line)[1:5]] for line in lines]


@pytest.mark.temoin
def test_paper_has_those_who_are_here_each_with_one_telephone(equipe, lea, journal):
    camille = ResponsableFactory(user__first_name="Camille", telephone="06 39 98 00 12")
    tom, ana = make_enfant(camille, prenom="Tom"), make_enfant(prenom="Ana")
    tom.scolarites.update(niveau="MS")
    PersonneAutorisee.objects.create(enfant=tom, nom="Odile Sorbier", telephone="06 39 98 00 85")
    for enfant in (tom, ana):
        inscrire(enfant)
    gestes = [tap(tom, a=at(16, 32)), tap(lea, a=at(16, 40)), tap(ana), tap(ana, "parti")]
    enregistrer(gestes, JEUDI, "soir", StaffFactory(), now=NOW)
    html = equipe.get(PRESENTS).text
    assert rows(html) == [
        ["MOREL Léa", "CE1", "16\u00a0h\u00a040", ""],
        ["MOREL Tom", "MS", "16\u00a0h\u00a032", "Camille\u00a006\u00a039\u00a098\u00a000\u00a012"],
    ]
    assert_kept(Path(__file__).parent / "temoins" / "presents.txt", paper_of(equipe.get(PRESENTS)))
    assert not re.search("Homonymes|non notée|Odile", html)
    line, _ = [line for line in journal.events if line["event"] == "presents_read"]
    soir = Creneau.objects.get(code="soir")
    assert (line["user"], line["day"], line["slot"], line["count"]) == (equipe.agent.pk, "2026-12-10", soir.pk, 2)


def test_paper_tells_homonyms_apart_and_what_is_not_sure(equipe, lea, time_machine):
    autre = make_enfant()
    autre.scolarites.update(classe=ClasseFactory(nom="CE1 M. Frêne"))
    inscrire(autre)
    enregistrer([tap(lea), tap(autre)], JEUDI, "soir", StaffFactory(), now=NOW + timedelta(days=1))
    lea.pointages.update(arrivee=None)
    html = equipe.get(PRESENTS).text
    assert rows(html)[0] == ["MOREL Léa", "CE1", "non notée", ""]
    assert "jusqu’à réponse\u00a0: Léa Morel (CE1, CE1-CE2 Mme Sorbier)." in html
    assert "Homonymes\u00a0: Léa Morel (CE1, CE1-CE2 Mme Sorbier), Léa Morel (CE1 M. Frêne)." in html


def test_paper_is_of_the_hour_and_says_that_nobody_is_here(equipe, lea):
    assert "Personne n’est noté présent." in equipe.get(f"{JOUR}presents/").text
    assert "Personne n’est noté présent." in equipe.get("/equipe/2026-10-22/presents/").text
    for path in ("2031-12-11/presents/", "2026-12-10/presents/?creneau=nuit"):
        assert equipe.get(f"/equipe/{path}").status_code == 404


@pytest.mark.parametrize("n", [1, 3])
def test_paper_costs_the_same_queries(equipe, django_assert_num_queries, n):
    enfants = [make_enfant(ResponsableFactory(telephone="1"), prenom=f"Prénom {rang}") for rang in range(n)]
    enregistrer([tap(enfant) for enfant in enfants], JEUDI, "soir", StaffFactory(), now=NOW)
    equipe.get(PRESENTS)
    with django_assert_num_queries(11):
        assert len(rows(equipe.get(PRESENTS).text)) == n
