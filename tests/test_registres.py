"""An app above the others adds its own to each registry and is seen on each page, named by none.

How an app does so: docs/decisions/2026-11-27-application-au-dessus.md.
"""

from __future__ import annotations

from datetime import date, datetime

import pytest

from enfance.famille import partie, suites_absence
from enfance.famille.effacement import apercu_famille
from enfance.inscriptions import Changement, enregistrer
from enfance.mairie import partis
from enfance.models import Creneau, Enregistrement, Inscription
from enfance.planning.apercu import build_apercu
from enfance.planning.bilan import blocs
from enfance.planning.cases import build_case
from enfance.regles import Acteur, Cle
from enfance.regles import obstacles as regles
from enfance.semaine_modele import Modele
from enfance.situation import load_situation
from portail import accueil, bureau, durees, effacements, fusions, menu, vie_privee
from portail.dates import PARIS
from tests import jetable, matrice
from tests.clients import Client
from tests.factories import (
    PASSWORD,
    AnneeFactory,
    ClasseFactory,
    FoyerFactory,
    ResponsableFactory,
    ScolariteFactory,
    StaffFactory,
    make_creneaux,
    make_enfant,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
# What an app fills when it starts: the module that keeps it, the name under which it does.
REGISTRES = [
    (accueil, "_lectures"),
    (bureau, "_pieces"),
    (effacements, "_regles"),
    (durees, "_ailleurs"),
    (durees, "_durees"),
    (fusions, "_transferts"),
    (fusions, "_verrous"),
    (menu, "_chiffres"),
    (menu, "_entrees"),
    (menu, "_liens_famille"),
    (menu, "_onglets"),
    (partie, "_ailleurs"),
    (partie, "_parties"),
    (partis, "_retenues"),
    (regles, "_regles"),
    (suites_absence, "_suites"),
    (vie_privee, "_mentions"),
]


@pytest.fixture(params=[True, False], ids=["with the app", "without it"])
def venue(request, monkeypatch) -> bool:
    """Whether the app has come: registered for this test alone."""
    for module, nom in REGISTRES:
        contenu = getattr(module, nom)
        copie = (
            {cle: dict(valeur) if isinstance(valeur, dict) else valeur for cle, valeur in contenu.items()}
            if isinstance(contenu, dict)
            else list(contenu)
        )
        monkeypatch.setattr(module, nom, copie)
    if request.param:
        jetable.JetableConfig("tests.jetable", jetable).ready()
    return request.param


@pytest.fixture
def camille(time_machine):
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()
    camille = ResponsableFactory()
    lea = make_enfant(camille)
    lea.inscriptions.create(jour=date(2026, 12, 4), creneau=Creneau.objects.get(code="soir"))
    lea.absences.create(jour=date(2026, 12, 4))
    return camille


def page(user, address: str) -> str:
    client = Client()
    client.force_login(user)
    return client.get(address).content.decode()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/", ["Un jeton vous attend.", "Le prendre", ">Jetons</a>"]),
        ("/plan-du-site/", ["Jetons\u00a0: les vôtres"]),
        ("/donnees-personnelles/", [f"Un jeton, {chapitre.value}." for chapitre in vie_privee.Chapitre]),
        ("/donnees-personnelles/", ["Jetons\u00a0: un jour."]),
        ("/planning/2026-12/", ["non, jeton manquant"]),
        ("/jour/2026-12-04/absences/dites/", ["Un jeton vous reste."]),
    ],
)
def test_parent_sees_what_an_app_adds(venue, camille, address, words):
    texte = page(camille.user, address)
    assert [word in texte for word in words] == [venue] * len(words)


def test_agent_sees_what_an_app_adds(venue, camille):
    texte = page(StaffFactory(), "/admin/")
    assert ("jetons à compter" in texte, ">Jetons</a>" in texte) == (venue, venue)


def test_agent_sees_what_an_app_adds_to_figures_and_to_a_family(venue, camille):
    agent = StaffFactory()
    chiffres = page(agent, "/admin/enfance/inscription/chiffres/")
    famille = page(agent, f"/admin/enfance/foyer/{camille.foyer.pk}/famille/")
    assert ("Les jetons en chiffres" in chiffres, "Jetons de la famille" in famille) == (venue, venue)


def test_own_data_and_their_register_have_what_an_app_adds(venue, camille):
    client = Client()
    client.force_login(camille.user)
    fichier = client.post("/compte/", {"donnees": "", "password": PASSWORD}).content.decode()
    assert ("jetons" in fichier, "jetable.Sac" in partie.ailleurs()) == (venue, venue)


def test_merge_asks_an_app_what_becomes_of_its_rows(venue, camille):
    double = FoyerFactory(adresse="9 rue du Moulin")
    assert (("actualités", 3) in fusions.bring(camille.foyer, double)) is venue


def test_erasure_asks_an_app_what_becomes_of_its_rows(venue, camille):
    Enregistrement.objects.create(foyer=camille.foyer, porte="portail", quand=NOW)
    gardes = apercu_famille(camille.user_id, now=NOW).bilan.gardes
    assert ("Vos jetons\u00a0: dix ans." in gardes) is venue


def test_family_that_left_waits_for_an_app_that_keeps_it(venue, camille):
    annee = AnneeFactory(debut=date(2028, 9, 1), fin=date(2029, 7, 6))
    ScolariteFactory(annee=annee, classe=ClasseFactory(annee=annee))
    lus = partis.load_partis(date(2028, 10, 15))
    assert (len(lus.familles), lus.retenues) == ((0, 1) if venue else (1, 0))


def test_rule_of_an_app_refuses_a_save(venue, camille):
    changement = Changement(Cle(camille.enfants.get().pk, NOW.date().replace(day=10), "soir"), Inscription.Etat.INSCRIT)
    resultat = enregistrer([changement], Acteur.parent(camille), now=NOW)
    assert [obstacle.code for un_refus in resultat.refus for obstacle in un_refus.obstacles] == ["jeton"] * venue


def test_counter_marks_a_box_whose_rule_the_town_hall_may_pass_over(camille, monkeypatch):
    regle = regles.Regle(frozenset({"jeton"}), 15, lambda *_: [regles.Obstacle("jeton", "non.", True, court="jeton")])
    monkeypatch.setattr(regles, "_regles", [*regles._regles, regle])
    cle = Cle(camille.enfants.get().pk, NOW.date().replace(day=10), "soir")
    situation = load_situation(Acteur.guichet(1, camille.foyer), cle.jour, cle.jour, now=NOW)
    case = build_case(situation, cle, "Léa")
    assert (case.genre, case.motif, case.note) == ("libre", True, "jeton")


def test_weekly_pattern_leaves_what_a_rule_of_an_app_forbids(venue, camille):
    debut, fin = NOW.date().replace(day=7), NOW.date().replace(day=11)
    lea = camille.enfants.get().pk
    modele = Modele(lea, frozenset({(3, "soir")}), debut, fin)
    situation = load_situation(Acteur.parent(camille), debut, fin, now=NOW)
    apercu = build_apercu(situation, [modele])
    autres = blocs(apercu)[lea].autres
    assert (len(apercu.ajouts), autres) == ((0, "soir, jeton manquant, jeudi 10\u00a0décembre") if venue else (1, ""))


# --- The access matrix ------------------------------------------------------------------------------------------------


MATRICE = (
    "# {}\n\n### Page par page\n\n| Adresse | anonyme | parent |\n| --- | --- | --- |\n| `{}` | connexion | oui |\n"
)


def test_matrix_has_the_rows_of_each_page_that_documents_an_app(tmp_path):
    (tmp_path / "confiance.md").write_text(MATRICE.format("Confiance", "/"), "utf-8")
    (tmp_path / "jetons.md").write_text(MATRICE.format("Jetons", "/jetons/"), "utf-8")
    (tmp_path / "autre.md").write_text("# Rien de tel\n", "utf-8")
    assert {adresse: row.answers for adresse, row in matrice.read(tmp_path).items()} == {
        adresse: {"anonyme": "connexion", "parent": "oui"} for adresse in ("/", "/jetons/")
    }


def test_matrix_has_an_address_in_one_page_alone(tmp_path):
    for nom in ("confiance", "jetons"):
        (tmp_path / f"{nom}.md").write_text(MATRICE.format(nom, "/"), "utf-8")
    with pytest.raises(AssertionError, match="jetons.md"):
        matrice.read(tmp_path)


def test_second_row_of_an_address_says_who_sends_to_it(tmp_path):
    lignes = (
        MATRICE.format("Confiance", "/") + "| POST `/` | connexion | non |\n| POST `/sortir/` | connexion | oui |\n"
    )
    (tmp_path / "confiance.md").write_text(lignes, "utf-8")
    lues = matrice.read(tmp_path)
    assert lues["/"] == matrice.Row(
        {"anonyme": "connexion", "parent": "oui"}, posts={"anonyme": "connexion", "parent": "non"}
    )
    assert lues["/sortir/"].post_only
