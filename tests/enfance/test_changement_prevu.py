"""A change of school on a day to come: until then each page says the school of the day that it shows, and one child is
one child.
"""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.db import transaction

from enfance.calendrier import bornes
from enfance.cantine.changements import load_changements
from enfance.changement_ecole import changer_place, suivre
from enfance.courriels.fermeture import cantine_context, reouverture_context
from enfance.famille.decomptes import compter
from enfance.famille.ecoles import ecoles_of
from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.bureau import sans_classe
from enfance.mairie.destinataires import Public
from enfance.mairie.envois.sans_courriel import load_sans_courriel
from enfance.mairie.fermetures.ecriture import Portee, fermer, rouvrir
from enfance.models import AnneeScolaire, Decompte, Enregistrement, Scolarite
from enfance.planning.journee import build_jour
from enfance.planning.mois import build_mois
from enfance.planning.papier import build_papier
from enfance.regles import Acteur, Cle
from enfance.situation import load_situation
from portail.dates import PARIS
from tests.clients import Client
from tests.enfance.villes import Ville, make_ville
from tests.factories import ClasseFactory, StaffFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
TODAY, LUNDI_7, LUNDI_14, MARDI_15 = NOW.date(), date(2026, 12, 7), date(2026, 12, 14), date(2026, 12, 15)
DECEMBRE, JANVIER = date(2026, 12, 1), date(2027, 1, 1)


@pytest.fixture
def ville(time_machine) -> Ville:
    time_machine.move_to(NOW, tick=False)
    return make_ville()


@pytest.fixture
def prevu(ville) -> Ville:
    """Tom leaves the Hameau's for the Bourg's on Monday 14."""
    changer_place(ville.tom.scolarites.get(), ville.bourg, LUNDI_14)
    return ville


def situation_of(ville, mois=DECEMBRE):
    return load_situation(Acteur.parent(ville.camille), *bornes(mois), now=NOW)


def book(ville, jour, code):
    enregistrer([Changement(Cle(ville.tom.pk, jour, code), "inscrit")], Acteur.parent(ville.camille), now=NOW)


def test_nearest_place_is_one_a_child(prevu):
    def ecoles(today):
        return list(Scolarite.objects.nearest(today).filter(enfant=prevu.tom).values_list("ecole__code", flat=True))

    assert [ecoles(jour) for jour in (date(2026, 7, 10), TODAY, LUNDI_14)] == [["hameau"], ["hameau"], ["bourg"]]
    assert Scolarite.objects.nearest(TODAY).count() == 2


def test_month_names_the_school_of_each_week(prevu):
    semaines = [s for s in build_mois(situation_of(prevu), DECEMBRE).semaines if s.lundi in (LUNDI_7, LUNDI_14)]

    assert [[vu.enfant.classe for vu in semaine.enfants] for semaine in semaines] == [
        ["CE1, École du Bourg", "CP, École du Hameau"],
        ["CE1, École du Bourg", "CP, École du Bourg"],
    ]
    assert [[ligne.creneau.code for ligne in semaine.enfants[1].lignes] for semaine in semaines] == [
        ["matin", "midi-hameau", "soir-hameau"],
        ["matin", "midi", "soir"],
    ]


@pytest.mark.parametrize(("jour", "ecole"), [(LUNDI_7, "Hameau"), (MARDI_15, "Bourg")])
def test_day_names_the_school_of_that_day(prevu, jour, ecole):
    tom = build_jour(situation_of(prevu), jour).enfants[1]

    assert tom.enfant.classe == f"CP, École du {ecole}"


def test_paper_names_the_school_as_the_month_begins(prevu):
    tom, _ = build_papier(situation_of(prevu), DECEMBRE).enfants[1]
    apres, _ = build_papier(situation_of(prevu, JANVIER), JANVIER).enfants[1]

    assert (tom.ecole, apres.ecole) == ("École du Hameau", "École du Bourg")


def test_child_page_says_where_it_is_today(prevu, client: Client):
    client.force_login(prevu.camille.user)

    html = client.get(f"/enfants/{prevu.tom.pk}/").text

    assert "École du Hameau, année 2026-2027" in html
    assert "École du Bourg" not in html


def test_mails_name_the_school_of_today(prevu):
    assert ecoles_of(prevu.camille.user, TODAY)[prevu.tom.pk] == "École du Hameau"
    assert ecoles_of(prevu.camille.user, LUNDI_14) == {}


def test_pupil_is_not_without_class_before_it_is_there(prevu):
    assert list(sans_classe(TODAY)) == []
    assert list(sans_classe(LUNDI_14)) == [prevu.tom]


def test_message_to_a_school_goes_to_who_is_there_today(prevu):
    prevu.lea.scolarites.update(depart=TODAY)

    def noms(ecole, today):
        return [adulte.user.first_name for adulte in Public(ecoles=(ecole,)).responsables(today=today)]

    assert (noms(prevu.hameau, TODAY), noms(prevu.bourg, TODAY)) == (["Camille"], [])
    assert (noms(prevu.hameau, LUNDI_14), noms(prevu.bourg, LUNDI_14)) == ([], ["Camille"])


def test_letters_name_the_class_of_today_once(prevu):
    prevu.camille.user.email = ""
    prevu.camille.user.save()

    (sans,) = load_sans_courriel(TODAY)

    classes = [str(Scolarite.objects.get(enfant=enfant, debut=None).classe) for enfant in (prevu.lea, prevu.tom)]
    assert [(enfant, classe) for enfant, classe in sans.enfants] == list(
        zip([prevu.lea, prevu.tom], classes, strict=True)
    )


def test_list_of_children_says_where_the_pupil_goes_next(prevu, client: Client):
    client.force_login(StaffFactory())

    html = client.get("/admin/enfance/enfant/").text

    assert "puis École du Bourg le 14\u00a0décembre 2026" in html
    assert "parti le" not in html


def test_canteen_names_the_place_of_the_days_it_reads(prevu):
    book(prevu, LUNDI_7, "midi-hameau")

    (ligne,) = load_changements(datetime(2026, 12, 1, tzinfo=PARIS), LUNDI_7, date(2026, 12, 11), today=TODAY)

    assert ligne.eleve.classe == "Classe, École du Hameau"


def test_canteen_is_told_of_a_strike_with_the_class_of_that_day(prevu):
    book(prevu, LUNDI_7, "midi-hameau")

    fermeture = fermer(Portee(LUNDI_7, LUNDI_7, "grève"), now=NOW)
    [(_, noms)] = cantine_context(fermeture.enregistrement)["jours"]

    assert noms == ["Tom Morel, Classe, École du Hameau"]


def test_days_that_are_erased_are_counted_in_the_class_of_then(ville):
    place = ville.tom.scolarites.get()
    ancienne = place.classe
    book(ville, LUNDI_7, "midi-hameau")
    book(ville, MARDI_15, "midi-hameau")
    nouvelle = ClasseFactory(nom="CP du Bourg", ecole=ville.bourg, annee=AnneeScolaire.objects.get())
    ici, _ = changer_place(place, ville.bourg, LUNDI_14)
    Scolarite.objects.filter(pk=ici.pk).update(classe=nouvelle)

    with transaction.atomic():
        compter([ville.tom.pk], now=datetime(2026, 12, 20, tzinfo=PARIS))

    comptes = Decompte.objects.order_by("jour").values_list("jour", "classe")
    assert list(comptes) == [(LUNDI_7, ancienne.pk), (MARDI_15, nouvelle.pk)]


def test_mail_of_a_closure_lifted_does_not_say_lost_what_followed(ville):
    book(ville, LUNDI_7, "soir-hameau")
    fermeture = fermer(Portee(LUNDI_7, LUNDI_7, "grève", ecoles=(ville.hameau,)), now=NOW).fermeture
    _, arrivee = changer_place(ville.tom.scolarites.get(), ville.bourg, LUNDI_7)
    suivre([arrivee], Acteur.mairie(StaffFactory().pk, "Changement d’école"), now=NOW)

    rouvrir(fermeture.pk, now=NOW)
    context = reouverture_context(Enregistrement.objects.latest("pk"), ville.camille.user, now=NOW)

    assert context["perdus"] == []
    assert [enfant.prenom for enfant in context["enfants"]] == ["Tom"]
