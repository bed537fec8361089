"""A child's file: an absence told once the limit has passed."""

import re
from datetime import date, datetime, timedelta

import pytest
from django_tasks_db.models import DBTaskResult

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Absence, Fermeture, Garde, Inscription, ListeRepas, Repas
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.enfance.views.conftest import NOW
from tests.factories import ResponsableFactory
from tests.reading import html_of

pytestmark = pytest.mark.django_db
VENDREDI, LUNDI = date(2026, 12, 4), date(2026, 12, 7)
INSCRIT = Inscription.Etat.INSCRIT


def book(responsable, enfant, *jours, creneau="soir"):
    changements = [Changement(Cle(enfant.pk, jour, creneau), INSCRIT) for jour in jours]
    assert enregistrer(changements, Acteur.parent(responsable), now=NOW - timedelta(days=20)).refus == ()
    DBTaskResult.objects.all().delete()


def tell(client, enfant, jour="2026-12-04", creneau="soir"):
    sent = {"absent": enfant.pk, "moment": f"{enfant.pk}:{creneau}", "jusqua": ""}
    return client.post(f"/jour/{jour}/absences/", sent, follow=True)


def test_absence_is_told_for_a_day_that_can_no_more_be_cancelled(connected, camille, lea, journal):
    book(camille, lea, VENDREDI, LUNDI)
    page = html_of(connected.get(f"/enfants/{lea.pk}/"))
    assert f'href="/jour/2026-12-04/absences/?enfant={lea.pk}">Signaler une absence' in page
    assert "/jour/2026-12-07/absences/" not in page
    assert "Absence de Léa vendredi 4 décembre, soir" in html_of(tell(connected, lea))
    page = html_of(connected.get(f"/enfants/{lea.pk}/"))
    assert "Vendredi 4 décembre : absence signalée." in page
    assert "Aucun autre jour à signaler" in page
    absence = Absence.objects.get()
    assert (absence.enfant, absence.jour, absence.signalee_par) == (lea, VENDREDI, camille.user)
    assert [event["child"] for event in journal.events if event["event"] == "absence_told"] == [lea.pk]


def test_absence_is_told_from_the_page_of_the_day_and_seen_there(connected, camille, lea):
    book(camille, lea, VENDREDI, LUNDI)
    page = html_of(connected.get("/jour/2026-12-04/"))
    assert re.search(r'href="/jour/2026-12-04/absences/">\s*Signaler une absence', page)
    assert "Signaler une absence" not in html_of(connected.get("/jour/2026-12-07/"))  # it may still be unticked
    assert "Rien à signaler ce jour-là" in html_of(connected.get("/jour/2026-12-07/absences/"))
    tell(connected, lea)
    page = html_of(connected.get("/jour/2026-12-04/"))
    assert "<b>Absence signalée</b> : l’équipe le sait." in page
    assert "<dt>Léa <small>absence signalée</small></dt>" in html_of(connected.get("/"))
    assert "Signaler une absence" not in page
    assert "Absence de Léa : qui le sait" in page


def test_absence_is_not_offered_of_who_is_not_awaited(connected, lea):
    page = html_of(connected.get("/jour/2026-12-04/"))
    assert "Un imprévu ?" in page
    assert "absence" not in page


def test_past_day_offers_no_call(connected, camille, lea):
    book(camille, lea, date(2026, 11, 24))
    page = html_of(connected.get("/jour/2026-11-24/"))
    assert "Trop tard pour changer ici" in page
    assert "Un imprévu ?" not in page


def test_absence_cancels_nothing(connected, camille, lea):
    book(camille, lea, VENDREDI)
    tell(connected, lea)
    assert Inscription.objects.get().etat == INSCRIT


def test_absence_told_twice_is_once(connected, camille, lea):
    book(camille, lea, VENDREDI)
    for _ in range(2):
        tell(connected, lea)
    assert Absence.objects.count() == 1


def test_absence_of_a_child_who_eats_is_told_too(connected, camille, lea):
    book(camille, lea, VENDREDI, creneau="midi")
    Repas.objects.create(enfant=lea, jour=VENDREDI, liste=ListeRepas.objects.create(debut=VENDREDI, fin=VENDREDI))
    tell(connected, lea, creneau="midi")
    assert Absence.objects.count() == 1


def test_absence_of_today_is_told_until_its_last_moment_has_begun(client, camille, lea, time_machine):
    book(camille, lea, VENDREDI)
    seen = []
    for hour in (7, 16, 17):
        time_machine.move_to(datetime(2026, 12, 4, hour, tzinfo=PARIS), tick=False)
        client.logout()  # the session of the morning is over
        client.force_login(camille.user)
        seen.append("/jour/2026-12-04/absences/" in html_of(client.get(f"/enfants/{lea.pk}/")))
    assert seen == [True, True, False]


def closed(camille, lea):
    Fermeture.objects.create(debut=VENDREDI, fin=VENDREDI, motif="grève")


def at_the_other_parent_s(camille, lea):
    Garde.objects.filter(foyer=camille.foyer).update(rythme="alternee", depuis=date(2026, 12, 7))


def waiting(camille, lea):
    Inscription.objects.update(etat="attente", attente_depuis=NOW)


@pytest.mark.parametrize("arrange", [closed, at_the_other_parent_s, waiting])
def test_absence_is_told_where_the_child_is_awaited_only(connected, camille, lea, arrange):
    book(camille, lea, VENDREDI)
    arrange(camille, lea)
    page = html_of(tell(connected, lea))
    assert "Cette absence ne peut pas être signalée ici. Appelez la garderie." in page
    assert Absence.objects.count() == 0


@pytest.mark.parametrize("jour", ["2026-12-07", "2026-12-03", "2026-12-05"])
def test_absence_of_another_day_has_its_sentence(connected, camille, lea, jour):
    book(camille, lea, LUNDI)
    page = html_of(tell(connected, lea, jour))
    assert "Cette absence ne peut pas être signalée ici." in page
    assert Absence.objects.count() == 0


def test_absence_of_another_family_is_an_unknown_page(client, lea):  # ACC-02
    client.force_login(ResponsableFactory().user)
    assert tell(client, lea).status_code == 404
