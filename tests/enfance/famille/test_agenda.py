"""The calendar feed, read back by an iCalendar library as a phone would: hours, time zone, updates, and its secret."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.urls import reverse
from icalendar import Calendar

from enfance.famille import agenda
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Garde, Inscription
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from portail.traces import SecretFormatter
from tests.enfance.villes import make_ville
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.reading import plain

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
Etat = Inscription.Etat


@pytest.fixture
def camille(time_machine):
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()
    camille = ResponsableFactory(user__first_name="Camille")
    agenda.renouveler(camille)
    return camille


@pytest.fixture
def lea(camille):
    return make_enfant(camille, prenom="Léa")


def save(responsable, enfant, jour, creneau="soir", voulu=Etat.INSCRIT, now=NOW):
    resultat = enregistrer([Changement(Cle(enfant.pk, jour, creneau), voulu)], Acteur.parent(responsable), now=now)
    assert resultat.refus == ()


def address_of(responsable):
    return reverse("enfance:agenda", args=[responsable.agenda_secret])


def read(client, responsable):
    response = client.get(address_of(responsable))
    assert response.status_code == 200
    return Calendar.from_ical(response.content)


def events_of(calendar):
    return [(plain(event["summary"]), event.start.isoformat(), event.end.isoformat()) for event in calendar.events]


def test_feed_says_first_names_and_creneaux_in_paris_time(client, camille, lea):
    save(camille, lea, date(2026, 12, 8))
    save(camille, lea, date(2027, 6, 15), "matin")
    calendar = read(client, camille)
    assert events_of(calendar) == [
        ("Garderie du soir : Léa", "2026-12-08T16:30:00+01:00", "2026-12-08T18:30:00+01:00"),
        ("Garderie du matin : Léa", "2027-06-15T07:30:00+02:00", "2027-06-15T08:30:00+02:00"),
    ]
    assert {str(event["dtstart"].params["TZID"]) for event in calendar.events} == {"Europe/Paris"}
    assert [str(zone["tzid"]) for zone in calendar.timezones] == ["Europe/Paris"]
    assert calendar.calendar_name == "Garderie de Saint-Sauveur"


def test_time_zone_of_the_feed_is_that_of_paris():
    """Every hour of three years, the changes of the clocks included."""
    zone = agenda.paris().to_tz()
    hours = [datetime(2026, 1, 1) + timedelta(hours=n) for n in range(3 * 365 * 24)]
    wrong = [hour for hour in hours if hour.replace(tzinfo=zone).utcoffset() != hour.replace(tzinfo=PARIS).utcoffset()]
    # In the hours that come twice or not at all, readers may differ from the clock: never school hours.
    assert {(hour.weekday(), hour.hour) for hour in wrong} <= {(6, 2)}


def test_feed_says_nothing_else(client, camille, lea):
    lea.pai, lea.consigne = True, "Arachide"
    lea.save()
    save(camille, lea, date(2026, 12, 8))
    text = client.get(address_of(camille)).text
    said = ["Morel", "Camille", "CE1", "Sorbier", "Arachide", "Tilleuls", camille.user.email, camille.agenda_secret]
    assert [word for word in said if word in text] == []


def test_update_is_the_same_event_with_a_later_sequence(client, camille, lea):
    save(camille, lea, date(2026, 12, 8))
    [before] = read(client, camille).events
    save(camille, lea, date(2026, 12, 8), voulu=Etat.ANNULEE, now=NOW + timedelta(hours=1))
    assert read(client, camille).events == []
    save(camille, lea, date(2026, 12, 8), now=NOW + timedelta(hours=2))
    Creneau.objects.filter(code="soir").update(fin="19:00")
    [after] = read(client, camille).events
    assert (after["uid"], after.end.hour) == (before["uid"], 19)
    assert (before["sequence"], after["sequence"]) == (1, 3)
    assert after["dtstamp"].dt == (NOW + timedelta(hours=2)).astimezone(UTC)


def test_moment_of_several_children_is_one_event(client, camille, lea):
    zoe = make_enfant(camille, prenom="Zoé")
    for enfant, creneau in [(zoe, "soir"), (lea, "soir"), (zoe, "midi")]:
        save(camille, enfant, date(2026, 12, 8), creneau)
    midi, soir = read(client, camille).events
    assert [plain(event["summary"]) for event in (midi, soir)] == ["Midi : Zoé", "Garderie du soir : Léa, Zoé"]
    assert len({event["uid"] for event in (midi, soir)}) == 2


def test_event_is_the_same_when_a_child_comes_or_goes(client, camille, lea):
    """Whichever was there first: a telephone changes what it has, and counts on a greater sequence."""
    zoe, jour = make_enfant(camille, prenom="Zoé"), date(2026, 12, 8)
    vus = []
    for heure, (enfant, voulu) in enumerate(
        [(lea, Etat.INSCRIT), (zoe, Etat.INSCRIT), (lea, Etat.ANNULEE), (zoe, Etat.ANNULEE), (lea, Etat.INSCRIT)]
    ):
        save(camille, enfant, jour, voulu=voulu, now=NOW + timedelta(hours=heure))
        vus.append([(plain(e["summary"]), e["sequence"], str(e["uid"])) for e in read(client, camille).events])
    ((_, _, uid),) = vus[0]
    assert vus == [
        [("Garderie du soir : Léa", 1, uid)],
        [("Garderie du soir : Léa, Zoé", 2, uid)],
        [("Garderie du soir : Zoé", 3, uid)],
        [],
        [("Garderie du soir : Léa", 5, uid)],
    ]


def test_waiting_is_said(client, camille, lea):
    zoe = make_enfant(camille, prenom="Zoé")
    Creneau.objects.filter(code="soir").update(places=1)
    save(camille, lea, date(2026, 12, 8))
    save(camille, zoe, date(2026, 12, 8), voulu=Etat.ATTENTE)
    Creneau.objects.filter(code="matin").update(places=0)
    save(camille, zoe, date(2026, 12, 8), "matin", voulu=Etat.ATTENTE)
    assert [(plain(event["summary"]), event["status"]) for event in read(client, camille).events] == [
        ("Garderie du matin : Zoé (en attente)", "TENTATIVE"),
        ("Garderie du soir : Léa, Zoé (en attente)", "CONFIRMED"),
    ]


def test_old_days_are_not_in_the_feed(client, camille, lea, time_machine):
    save(camille, lea, date(2026, 12, 8))
    time_machine.move_to(NOW + timedelta(days=60), tick=False)
    assert read(client, camille).events == []


def test_child_at_the_other_parents_is_not_in_the_event_of_the_others(client, camille):  # ACC-03
    dominique = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    jules, tom = make_enfant(camille, dominique, prenom="Jules"), make_enfant(camille, prenom="Tom")
    for responsable, depuis in ((camille, date(2026, 12, 14)), (dominique, date(2026, 12, 7))):
        jules.gardes.filter(foyer=responsable.foyer).update(rythme="alternee", depuis=depuis)
    save(dominique, jules, date(2026, 12, 8))
    save(camille, tom, date(2026, 12, 8))
    [event] = read(client, camille).events
    assert (plain(event["summary"]), event["sequence"]) == ("Garderie du soir : Tom", 1)


def test_feed_of_separated_parents_has_their_own_days(client, camille):  # ACC-03
    dominique = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    agenda.renouveler(dominique)
    jules = make_enfant(camille, dominique, prenom="Jules")
    for responsable, depuis in ((camille, date(2026, 12, 7)), (dominique, date(2026, 12, 14))):
        Garde.objects.filter(foyer=responsable.foyer).update(rythme="alternee", depuis=depuis)
    save(camille, jules, date(2026, 12, 8))
    save(dominique, jules, date(2026, 12, 15))
    days = [[event.start.day for event in read(client, responsable).events] for responsable in (camille, dominique)]
    assert days == [[8], [15]]


def test_feed_loses_a_child_whose_responsabilite_is_suspended(client, camille, lea):  # ACC-06
    save(camille, lea, date(2026, 12, 8))
    lea.responsabilites.update(suspendue=True)
    assert read(client, camille).events == []


def test_renewed_address_replaces_the_former_one(client, camille, lea):
    former = address_of(camille)
    agenda.renouveler(camille)
    assert client.get(former).status_code == 404
    assert client.get(address_of(camille)).status_code == 200
    renewed = address_of(camille)
    agenda.supprimer(camille)
    assert client.get(renewed).status_code == 404


def test_feed_of_a_closed_account_answers_nothing(client, camille):
    camille.user.is_active = False
    camille.user.save()
    assert client.get(address_of(camille)).status_code == 404


@pytest.mark.parametrize("secret", ["court", "x" * 42, "x" * 44, "é" * 43, "../" * 14 + "x"])
def test_what_is_no_secret_is_no_address(client, db, secret):
    assert client.get(f"/agenda/{secret}.ics").status_code == 404


def test_reader_that_has_it_already_is_told_so_in_five_queries(client, camille, lea, django_assert_max_num_queries):
    save(camille, lea, date(2026, 12, 8))
    address = address_of(camille)
    first = client.get(address)
    with django_assert_max_num_queries(6):  # the adult, the counter, and the four of the feed
        second = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (second.status_code, second.content, second["ETag"]) == (304, b"", first["ETag"])
    save(camille, lea, date(2026, 12, 11))
    third = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (third.status_code, third["ETag"] != first["ETag"]) == (200, True)


def test_same_feed_is_written_the_same(client, camille, lea):
    save(camille, lea, date(2026, 12, 8))
    address = address_of(camille)
    assert client.get(address).content == client.get(address).content


def test_feed_needs_no_session_and_makes_none(client, camille):
    response = client.get(address_of(camille))
    assert (dict(response.cookies), response["Content-Type"]) == ({}, "text/calendar; charset=utf-8")
    assert response["Cache-Control"] == "private, no-cache"
    assert Session.objects.count() == 0


def test_feed_is_compressed_for_who_reads_it_so(client, camille, lea):
    for jour in range(7, 12):
        if jour != 9:
            save(camille, lea, date(2026, 12, jour))
    address = address_of(camille)
    response = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    again = client.get(address, headers={"Accept-Encoding": "gzip", "If-None-Match": response["ETag"]})
    assert again.status_code == 304


def test_reader_that_asks_without_end_is_told_to_wait(client, camille):
    statuses = [client.get(address_of(camille)).status_code for _ in range(61)]
    assert statuses == [200] * 60 + [429]
    last = client.get(address_of(camille))
    assert 0 < int(last["Retry-After"]) <= 3600
    caches["limites"].clear()


def test_guessing_secrets_is_told_to_wait(client, db):
    statuses = [client.get(f"/agenda/{n:043}.ics").status_code for n in range(61)]
    assert statuses == [404] * 60 + [429]
    caches["limites"].clear()


def test_secret_is_in_no_trace(client, camille, caplog, capsys):
    for _ in range(61):
        client.get(address_of(camille))
    assert "Too Many Requests" in caplog.text
    written = [SecretFormatter("%(message)s").format(record) for record in caplog.records]
    assert [line for line in written if camille.agenda_secret in line] == []
    assert camille.agenda_secret not in capsys.readouterr().out
    caches["limites"].clear()


def test_feed_says_where_to_go_where_the_family_has_two_schools(client, time_machine):
    time_machine.move_to(NOW, tick=False)
    ville = make_ville()
    agenda.renouveler(ville.camille)
    save(ville.camille, ville.lea, date(2026, 12, 8))
    [seul] = read(client, ville.camille).events
    save(ville.camille, ville.tom, date(2026, 12, 8), "soir-hameau")

    lieux = [(plain(event["summary"]), event["location"]) for event in read(client, ville.camille).events]

    assert "location" not in seul
    assert lieux == [("Garderie du soir : Léa", "École du Bourg"), ("Garderie du soir : Tom", "École du Hameau")]
