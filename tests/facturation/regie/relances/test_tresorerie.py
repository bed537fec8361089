"""The list for the treasury: a page and a file, handed over once, kept; or the titles of a month."""

import csv
import io
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook

from enfance.models import Creneau
from facturation.models import Prestation, Relance
from facturation.regie.encaissements import encaisser
from facturation.regie.relances.bases import bases_of
from facturation.regie.relances.lecture import load_retards
from facturation.regie.relances.tresorerie import load_remises
from tests.facturation.caisse import JEUDI, make_compte, make_facture, make_mois
from tests.reading import plain

pytestmark = pytest.mark.django_db
PAGE = "/admin/regie/relances/"
REMETTRE = f"{PAGE}remettre/"
LISTE = f"{PAGE}tresorerie/"
TODAY = JEUDI.date()


def unpaid(nom, total=2920, *, compte=None, **fields):
    """An invoice that two reminders left unpaid."""
    payeur = {"payeur": {"nom": f"Jeanne {nom}", "adresse": ["4 rue du Four", "38160 Saint-Sauveur"]}}
    known = {"echeance": TODAY - timedelta(days=60), "entete": payeur, "mois": make_mois()}
    facture = make_facture(compte or make_compte(nom), total, **known | fields)
    for genre, jours in (("premier", 37), ("deuxieme", 17)):
        Relance.objects.create(facture=facture, genre=genre, faite_le=JEUDI - timedelta(days=jours))
    return facture


def read(client, **query):
    """The list as its CSV file gives it."""
    texte = client.get(LISTE, {"format": "csv"} | query).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(texte), delimiter=";"))


def hand_over(client, *factures):
    """Note that these were handed over, from the page of confirmation."""
    page = client.post(REMETTRE, {"factures": [facture.numero for facture in factures]})
    data = {"factures": [facture.numero for facture in factures], "empreinte": page.context["apercu"].empreinte}
    return client.post(REMETTRE, data | {"confirmer": "1"}, follow=True)


def test_list_is_a_page_and_a_file(regie):
    unpaid("Delmas")

    page = regie.get(PAGE)
    (ligne,) = read(regie)

    assert "Pour la trésorerie (1)\u00a0: 29,20\u202f€" in page.text
    assert "4 rue du Four, 38160 Saint-Sauveur" in page.text
    assert (ligne["Payeur"], ligne["Objet"], ligne["À réclamer"]) == (
        "Jeanne Delmas",
        "Garderie de novembre 2026",
        "29,20",
    )
    assert ligne["Rappels"] == "27\u00a0octobre, 16\u00a0novembre"


def test_handing_over_says_first_what_will_happen(regie):
    facture, autre = unpaid("Delmas"), unpaid("Roche", 1800)

    page = regie.post(REMETTRE, {"factures": [facture.numero, autre.numero]})

    assert page.context["apercu"].phrase == "2\u00a0factures, 47,20\u202f€, 2\u00a0payeurs."
    assert "Plus aucun ne part pour ces factures" in page.text
    assert "Cela ne se reprend pas" in page.text
    assert not Relance.objects.filter(genre="tresorerie").exists()
    assert regie.get(REMETTRE, follow=True).redirect_chain == [(PAGE, 302)]


def test_list_that_was_handed_over_is_still_there_as_it_was(regie, time_machine):
    facture, autre = unpaid("Delmas"), unpaid("Roche", 1800)
    encaisser(facture.compte, "cheque", 920, par=None, now=JEUDI)

    page = hand_over(regie, facture)

    assert "1\u00a0facture remise à la trésorerie" in page.text
    time_machine.move_to(JEUDI + timedelta(minutes=5), tick=False)
    hand_over(regie, autre)
    encaisser(facture.compte, "cheque", 2000, par=None, now=JEUDI + timedelta(minutes=9))
    seconde, premiere = regie.get(PAGE).context["remises"]
    assert [(une.remis, une.reste) for une in (premiere, seconde)] == [(2000, 0), (1800, 1800)]
    assert premiere.le == "jeudi 3\u00a0décembre 2026"
    (ligne,) = read(regie, remise=premiere.cle)
    assert (ligne["Facture"], ligne["Payé ou déduit"], ligne["À réclamer"]) == (facture.numero, "9,20", "20,00")
    fichier = regie.get(LISTE, {"remise": seconde.cle, "format": "xlsx"})
    assert "tresorerie-2026-12-03.xlsx" in fichier["Content-Disposition"]
    rangees = list(load_workbook(io.BytesIO(fichier.content)).active.values)
    assert [rangee[0] for rangee in rangees[1:]] == [autre.numero]
    texte = regie.get(PAGE).text
    assert "payé ici depuis\u00a0: prévenez la trésorerie" in texte
    assert read(regie) == []
    for cle in ("0", "x", "9" * 30):
        assert regie.get(LISTE, {"remise": cle}).status_code == 404


def test_what_the_treasury_would_not_collect_is_said_and_not_ticked(regie):
    petite, grande = unpaid("Delmas", 105), unpaid("Roche", 1500)
    compte = make_compte("Vial")
    deux = [unpaid("Vial", 800, compte=compte), unpaid("Vial", 700, compte=compte, mois=None)]

    page = regie.get(PAGE)

    assert [(ligne.numero, ligne.sous_seuil) for ligne in page.context["lignes"]] == [
        (petite.numero, True),
        *((facture.numero, False) for facture in (grande, *deux)),
    ]
    assert "ne recouvre rien sous 15,00\u202f€ par payeur" in page.text
    assert f'value="{petite.numero}">' in page.text
    assert f'value="{grande.numero}" checked>' in page.text
    assert [ligne["Facture"] for ligne in read(regie)] == [grande.numero, *(facture.numero for facture in deux)]
    hand_over(regie, petite)
    assert [due.numero for due in load_retards(TODAY).tresorerie] == [grande.numero, *(une.numero for une in deux)]


@pytest.mark.ci
def test_nothing_ticked_hands_nothing_over(regie):
    facture = unpaid("Delmas")
    hand_over(regie, facture)
    for choisies in ([], [facture.numero], ["F-2026-9999"]):
        assert "Rien n’est remis" in regie.post(REMETTRE, {"factures": choisies}, follow=True).text
    assert Relance.objects.filter(genre="tresorerie").count() == 1


def test_lists_are_read_in_one_query_whatever_their_number(regie, django_assert_num_queries):
    for nombre in (1, 2, 3):
        hand_over(regie, unpaid("Delmas"))
        if nombre != 2:
            with django_assert_num_queries(1):
                load_remises()


def line(nature, code, quantite, prix, unite="seance", **fields):
    creneau = Creneau(code=code, nom_court=code, ordre={"matin": 1, "midi": 2, "soir": 3}[code])
    dit = {"unite": unite, "minutes": 30 if unite == "tranche" else None, "tarif": code}
    entier = quantite * prix
    known = {"entier": entier, "montant": entier, "jour": date(2026, 11, 2), "cle_enfant": 1, "prix_dit": dit}
    return Prestation(nature=nature, creneau=creneau, quantite=quantite, prix=prix, **(known | fields))


def test_bases_say_what_the_sum_is_made_of():
    lignes = [
        line("seance", "soir", 3, 65, "tranche"),
        line("seance", "soir", 2, 65, "tranche"),
        *(line("seance", "matin", 1, 120) for _ in range(13)),
        line("seance", "midi", 1, 100, part=50, montant=50),
        line("seance", "midi", 1, 0, montant=0),  # excused
        line("retard", "soir", 1, 500),
        line("retard", "soir", 1, 500),
        line("correction", "soir", 1, -65, montant=-65, jour=date(2026, 10, 12)),
    ]
    assert plain(bases_of(lignes)) == (
        "13 matins × 1,20 €, 1 midi × 1,00 €, part de 50 %, 5 demi-heures (soir) × 0,65 €, "
        "2 retards le soir × 5,00 €, correction, soir du 12 octobre : −0,65 €"
    )
