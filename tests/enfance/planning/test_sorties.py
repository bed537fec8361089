"""A trip as parents see it: who leaves, when, why; the garderie is closed to nobody else."""

from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.fermetures.ecriture import Portee, fermer
from enfance.models import Creneau, Fermeture, Scolarite
from enfance.natures import NatureFermeture
from enfance.planning.annonces import annonces, titre_limites
from enfance.planning.apercu import build_apercu
from enfance.planning.bilan import fermes_phrases
from enfance.planning.cases import build_case
from enfance.planning.mois import build_mois
from enfance.planning.papier import build_papier
from enfance.regles import Acteur, Cle
from enfance.semaine_modele import Modele
from enfance.situation import load_situation
from portail.dates import PARIS
from tests.factories import ResponsableFactory, make_creneaux, make_enfant
from tests.reading import html_of, plain

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 3, 20, 40, tzinfo=PARIS)
MARDI_8, DECEMBRE = date(2026, 12, 8), date(2026, 12, 1)


@pytest.fixture
def camille(time_machine):
    """Anna is in CM1, Tom in CP; both at noon and in the evening of the Tuesday."""
    time_machine.move_to(NOW, tick=False)
    make_creneaux()
    camille = ResponsableFactory()
    for prenom, niveau in (("Anna", "CM1"), ("Tom", "CP")):
        enfant = make_enfant(camille, prenom=prenom, date_naissance=date(2017 if niveau == "CM1" else 2020, 1, 1))
        Scolarite.objects.filter(enfant=enfant).update(niveau=niveau)
        changements = [Changement(Cle(enfant.pk, MARDI_8, moment), "inscrit") for moment in ("midi", "soir")]
        assert enregistrer(changements, Acteur.parent(camille), now=NOW).refus == ()
    return camille


def leave(*moments, nature=NatureFermeture.SORTIE, motif="musée", **champs):
    creneaux = tuple(Creneau.objects.filter(code__in=moments or ("midi", "soir")))
    portee = Portee(MARDI_8, MARDI_8, motif, creneaux, nature=nature, niveaux=("CM1",), **champs)
    return fermer(portee, now=NOW).fermeture


def situation_of(camille):
    return load_situation(Acteur.parent(camille), date(2026, 12, 7), date(2026, 12, 11), now=NOW)


def week_of(camille):
    """The week of the trip, on the month's page."""
    mois = build_mois(load_situation(Acteur.parent(camille), DECEMBRE, date(2026, 12, 31), now=NOW), DECEMBRE)
    return next(semaine for semaine in mois.semaines if semaine.lundi == date(2026, 12, 7))


def enfant(camille, prenom):
    return camille.enfants.get(prenom=prenom)


def test_a_trip_is_announced_in_its_words_for_who_leaves(camille):
    leave()

    (annonce,) = annonces(situation_of(camille))

    assert plain(annonce.phrase) == "mardi 8 décembre, midi et soir, en sortie (musée), pour Anna"
    assert plain(annonce.ligne) == "Sortie mardi 8 décembre, midi et soir, pour Anna : musée"
    assert plain(titre_limites([annonce], [])) == "Sortie mardi 8 décembre, midi et soir, pour Anna"


def test_a_teacher_away_is_announced_in_its_words(camille):
    leave(nature=NatureFermeture.ENSEIGNANT, motif="formation")

    (annonce,) = annonces(situation_of(camille))

    assert plain(annonce.ligne) == "Enseignant absent mardi 8 décembre, midi et soir, pour Anna : formation"


def test_a_child_who_stays_is_told_nothing(camille):
    leave(restent=(enfant(camille, "Anna"),))

    assert annonces(situation_of(camille)) == []


@pytest.mark.parametrize(
    ("nature", "texte"), [(NatureFermeture.SORTIE, "Sortie"), (NatureFermeture.ENSEIGNANT, "Pas de classe")]
)
def test_the_box_of_who_leaves_says_so_and_the_others_stay_open(camille, nature, texte):
    leave(nature=nature)
    situation = situation_of(camille)

    cases = {
        (prenom, moment): build_case(situation, Cle(enfant(camille, prenom).pk, MARDI_8, moment), prenom)
        for prenom in ("Anna", "Tom")
        for moment in ("matin", "soir")
    }

    assert (cases["Anna", "soir"].genre, cases["Anna", "soir"].texte) == ("ferme", texte)
    assert [cases[cle].genre for cle in (("Anna", "matin"), ("Tom", "soir"))] == ["libre", "libre"]


def test_the_week_says_who_is_on_the_trip_and_its_day_is_not_closed(camille):
    leave("matin", "midi", "soir")

    semaine = week_of(camille)

    assert "Anna, mardi 8 : en sortie (musée)" in [plain(info.texte) for info in semaine.infos]
    assert plain(semaine.jours[1].long) == "mardi 8 décembre"


def test_a_day_closed_to_all_is_still_said_closed(camille):
    fermer(Portee(MARDI_8, MARDI_8, "grève"), now=NOW)

    semaine = week_of(camille)

    assert plain(semaine.jours[1].long) == "mardi 8 décembre, garderie fermée"


@pytest.mark.parametrize("page", ["/", "/planning/2026-12/", "/jour/2026-12-08/"])
def test_no_page_of_the_family_says_that_the_garderie_is_closed(client, camille, page):
    leave()
    client.force_login(camille.user)

    html = plain(html_of(client.get(page, follow=True)))

    assert "Garderie fermée</h2>" not in html
    assert "garderie fermée (" not in html
    assert "sortie" in html.lower()


def test_the_home_tells_a_closure_and_a_trip_under_their_own_titles(client, camille):
    leave()
    fermer(Portee(date(2026, 12, 10), date(2026, 12, 10), "grève"), now=NOW)
    client.force_login(camille.user)

    html = plain(html_of(client.get("/")))

    assert html.index("<h2>Sortie</h2>") < html.index("musée") < html.index("<h2>Garderie fermée</h2>")


def test_the_history_says_that_a_trip_did_it(client, camille):
    leave()
    client.force_login(camille.user)

    html = plain(html_of(client.get("/historique/")))

    assert "musée" in html


def test_the_history_and_the_agenda_keep_who_stays(client, camille):
    leave(restent=(enfant(camille, "Anna"),))
    client.force_login(camille.user)

    assert "musée" not in plain(html_of(client.get("/historique/")))


def test_the_paper_and_the_weekly_pattern_say_it(camille):
    leave("matin", "midi", "soir")
    situation = load_situation(Acteur.parent(camille), DECEMBRE, date(2026, 12, 31), now=NOW, modeles=True)
    anna = enfant(camille, "Anna").pk
    modele = Modele(anna, frozenset({(1, "matin")}), date(2026, 12, 7), date(2026, 12, 11))

    papier = build_papier(situation, DECEMBRE)
    assert papier is not None
    assert "sortie" in str(papier)
    assert "fermée" not in str(papier).lower()
    assert [plain(phrase) for phrase in fermes_phrases(build_apercu(situation, [modele]))] == [
        "mardi 8 décembre, matin, midi et soir (en sortie : musée)"
    ]


def test_a_trip_costs_no_query_more_on_the_planning(client, camille, django_assert_num_queries):
    client.force_login(camille.user)
    client.get("/planning/2026-12/")
    with CaptureQueriesContext(connection) as sans:
        client.get("/planning/2026-12/")
    sortie = Fermeture.objects.create(debut=MARDI_8, fin=MARDI_8, motif="musée", nature="sortie", niveaux="CM1")
    sortie.restent.set(camille.enfants.all())

    with django_assert_num_queries(len(sans)):
        client.get("/planning/2026-12/")
