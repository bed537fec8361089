"""An app above the others adds its own to each list of the house and is seen on each page, named by none.

How an app does so: docs/decisions/2026-11-27-application-au-dessus.md.
"""

from __future__ import annotations

from datetime import date, datetime

import pytest

from accounts.models import User
from enfance.extensions import ExtensionEnfance, Partie, SectionAbsence, SuiteAbsence
from enfance.famille.effacement import apercu_famille
from enfance.inscriptions import Changement, enregistrer
from enfance.mairie import partis
from enfance.models import Creneau, Enregistrement, Inscription
from enfance.planning.apercu import build_apercu
from enfance.planning.bilan import blocs
from enfance.planning.cases import build_case
from enfance.regles import Acteur, Cle, Obstacle, Regle
from enfance.semaine_modele import Modele
from enfance.situation import load_situation
from portail import fusions
from portail.accueil import Affaire
from portail.bureau import Compteur, Rubrique, Urgence
from portail.dates import PARIS
from portail.durees import Duree
from portail.effacements import Effacements, reste
from portail.menu import Entree, LienFamille, OngletFamille
from portail.vie_privee import Chapitre, Mention
from tests import matrice
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


class JetonAbsence(SuiteAbsence):
    def lire(self, *args, now):
        return SectionAbsence("", "Jetons", ["Un jeton vous reste."])


JETONS = ExtensionEnfance(
    menu=(Entree("Jetons", "admin:enfance_enfant_changelist", "enfance.view_enfant", avant="admin:facturation_mois"),),
    chiffres=(Entree("Les jetons en chiffres", "admin:index", "enfance.view_enfant"),),
    famille=(LienFamille("Jetons de la famille", "admin:enfance_foyer_famille", "enfance.view_foyer"),),
    menu_famille=(OngletFamille("jetons", "Jetons", "enfance:historique", "Jetons\u00a0: les vôtres", avant="compte"),),
    a_traiter=(
        Rubrique(
            "enfance.view_foyer",
            "jeton à compter,jetons à compter",
            "admin:index",
            Urgence.PRESSE,
            lambda now: Compteur(2),
        ),
    ),
    accueil=(lambda request, now: [Affaire("Un jeton vous attend.", "Le prendre", "/historique/")],),
    vie_privee=tuple(Mention(chapitre, f"Un jeton, {chapitre.value}.") for chapitre in Chapitre),
    durees=(Duree("jetons", "Jetons", lambda: "un jour"),),
    sans_duree={"jetable.Sac": "nul n’y est nommé"},
    effacements=Effacements(
        colonnes={"enfance.Foyer": {"enfance.Enregistrement.foyer": reste("Vos jetons\u00a0: dix ans.")}}
    ),
    fusions={"enfance.Foyer": {"enfance.Actualite.texte": lambda lien: 3}},
    regles=(
        Regle(
            ("jeton",),
            lambda situation, cle, creneau, action: [Obstacle("jeton", "il manque un jeton.", court="jeton manquant")],
            avant="garde",
        ),
    ),
    absences=(JetonAbsence(),),
    donnees=(Partie("jetons", User, lambda personne: [personne.user], {"jeton": "identifiant"}),),
    sans_donnees={"jetable.Sac": "où sont les jetons\u202f; personne n’y est nommé"},
    retenues=(lambda foyers, today: set(foyers),),
)


@pytest.fixture(params=[True, False], ids=["with the app", "without it"])
def venue(request, adds) -> bool:
    """Whether the app has come."""
    if request.param:
        adds("portail", JETONS)
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
    return client.get(address).text


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/", ["Un jeton vous attend.", "Le prendre", ">Jetons</a>"]),
        ("/plan-du-site/", ["Jetons\u00a0: les vôtres"]),
        ("/donnees-personnelles/", [f"Un jeton, {chapitre.value}." for chapitre in Chapitre]),
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
    fichier = client.post("/compte/", {"donnees": "", "password": PASSWORD}).text
    assert ("jetons" in fichier, "jetable.Sac" in ExtensionEnfance.installed().sans_donnees) == (venue, venue)


def test_merge_asks_an_app_what_becomes_of_its_rows(venue, camille):
    double = FoyerFactory(adresse="9 rue du Moulin")
    assert (("actualités", 3) in fusions.bring(camille.foyer, double, ExtensionEnfance.installed().fusions)) is venue


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


def test_counter_marks_a_box_whose_rule_the_town_hall_may_pass_over(camille, adds):
    regle = Regle(("jeton",), lambda *_: [Obstacle("jeton", "non.", True, court="jeton")], avant="garde")
    adds("portail", ExtensionEnfance(regles=(regle,)))
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
