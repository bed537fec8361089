"""« Changer d’école », on the page of a child where the commune has several: shown first, then written."""

from datetime import date, time

import pytest
from django_tasks_db.models import DBTaskResult

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Ecole, Inscription, Scolarite, load_calendrier
from enfance.regles import Acteur, Cle
from portail.dates import jour_long
from tests.enfance.mairie.conftest import JEUDI_SOIR, LUNDI
from tests.enfance.mairie.enfants.fiche import change, confirm, page_of, sujet_of
from tests.factories import CreneauFactory, EcoleFactory
from tests.reading import messages_of, plain


@pytest.fixture
def hameau(lea, creneaux):
    """Without an evening: that of Léa is the first school's."""
    creneaux["soir"].ecoles.set([Ecole.objects.get()])
    cle = Cle(lea.pk, LUNDI, "soir")
    enregistrer([Changement(cle, "inscrit")], Acteur.parent(lea.responsables.get()), now=JEUDI_SOIR)
    DBTaskResult.objects.all().delete()
    return EcoleFactory()


def ask(client, lea, ecole, jour="2026-12-07"):
    return change(client, lea, "ecole", ecole=ecole.pk, jour=jour)


def places():
    return [(s.ecole.code, s.debut, s.depart) for s in Scolarite.objects.order_by("pk").select_related("ecole")]


def test_change_of_school_is_shown_and_nothing_is_written(mairie, lea, hameau):
    apercu = ask(mairie, lea, hameau).context["apercu"]

    assert plain(apercu.phrase) == "Ceci annule 1 inscription."
    [perdues] = apercu.tableaux
    assert [[plain(cellule) for cellule in ligne] for ligne in perdues.lignes] == [
        ["soir (16 h 30 – 18 h 30)", "lundi 7"]
    ]
    assert places() == [("ecole", None, None)]
    assert Inscription.objects.get().etat == "inscrit"
    assert not DBTaskResult.objects.exists()


def test_change_of_school_says_the_hours_of_what_it_moves(mairie, lea, hameau, creneaux):
    """« Pause méridienne » would be both, where the hours differ."""
    creneaux["midi"].ecoles.set([Ecole.objects.exclude(pk=hameau.pk).get()])
    ailleurs = CreneauFactory(
        code="midi-hameau", moment="midi", nom="Pause méridienne", nom_court="midi", debut=time(12), fin=time(13, 45)
    )
    ailleurs.ecoles.set([hameau])
    midi = Changement(Cle(lea.pk, LUNDI, "midi"), "inscrit")
    enregistrer([midi], Acteur.parent(lea.responsables.get()), now=JEUDI_SOIR)

    apercu = ask(mairie, lea, hameau).context["apercu"]

    moments = [ligne[0] for tableau in apercu.tableaux for ligne in tableau.lignes]
    assert [plain(dit) for dit in moments if "midi" in dit] == ["midi (12 h – 13 h 45)"]


def test_days_of_a_moment_are_one_line_of_the_preview(mairie, lea, hameau, creneaux):
    ouverts = load_calendrier().jours_ecole(LUNDI, date(2027, 6, 30))
    semaines = [jour for jour in ouverts if jour.weekday() == 0]
    cles = [Cle(lea.pk, jour, code) for jour in semaines for code in ("matin", "soir")]
    enregistrer([Changement(cle, "inscrit") for cle in cles], Acteur.parent(lea.responsables.get()), now=JEUDI_SOIR)
    creneaux["matin"].ecoles.set([Ecole.objects.get(code="ecole")])

    [perdues] = ask(mairie, lea, hameau).context["apercu"].tableaux

    jours = plain(f"{len(semaines)} jours du lundi 7 décembre au {jour_long(semaines[-1])}")
    assert [(moment.split(" (")[0], plain(dits)) for moment, dits in perdues.lignes] == [
        ("matin", jours),
        ("soir", jours),
    ]


def test_school_that_does_not_take_the_level_is_told(mairie, lea, hameau):
    assert "CE1" not in ask(mairie, lea, hameau).context["apercu"].precision

    hameau.dernier_niveau = "GS"
    hameau.save()

    assert plain(ask(mairie, lea, hameau).context["apercu"].precision).startswith(
        "CE1 n’est pas un niveau de cette école : École du Hameau, est-ce bien elle ?"
    )


def test_change_of_school_confirmed_is_written_and_told(mairie, lea, hameau):
    response = confirm(mairie, ask(mairie, lea, hameau))

    assert places() == [("ecole", None, LUNDI), ("hameau", LUNDI, None)]
    assert Inscription.objects.get().etat == "annulee"
    assert [task.task_path for task in DBTaskResult.objects.all()] == ["enfance.courriels.tasks.tell_ecole"]
    assert any("Inscriptions annulées" in texte for texte in messages_of(response))
    assert "École du Hameau depuis le 7\u00a0décembre 2026" in mairie.get(page_of(lea)).text
    assert "aucun prévu" in mairie.get(page_of(lea)).text  # nobody leaves


def test_change_of_school_wants_a_day_of_the_year_and_a_school(mairie, lea, hameau):
    form = ask(mairie, lea, hameau, jour="2027-08-01").context["form"]
    assert [plain(phrase) for phrase in form.errors["jour"]] == [
        "Indiquez un jour du 1er septembre 2026 au 2 juillet 2027."
    ]
    assert set(change(mairie, lea, "ecole", jour="2026-12-07").context["form"].errors) == {"ecole"}


def test_departure_is_of_the_last_school(mairie, lea, hameau):
    confirm(mairie, ask(mairie, lea, hameau))

    form = change(mairie, lea, "classe", depart="2026-12-07").context["form"]
    assert "change d’école le 7\u00a0décembre 2026" in form.errors["depart"][0]
    response = change(mairie, lea, "classe", depart="2026-12-08")

    assert "apercu" not in (response.context or {}) or confirm(mairie, response)
    assert places() == [("ecole", None, LUNDI), ("hameau", LUNDI, date(2026, 12, 8))]


def test_only_school_shows_no_word_of_it(mairie, lea):
    page = mairie.get(page_of(lea)).text

    assert "Changer d’école" not in page
    assert "École" not in page.split("t-classe")[1].split("</section>")[0]
    assert mairie.get(sujet_of(lea, "ecole")).context["form"] is None
