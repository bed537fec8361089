"""The waiting list: a place that comes free goes to the first in rank for whom every rule still holds."""

from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django_tasks_db.models import DBTaskResult

from enfance.courriels import tasks
from enfance.inscriptions import Changement, enregistrer, servir_creneau
from enfance.models import Enregistrement, Fermeture, Inscription, Responsabilite
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.enfance.mairie.fermetures.ecriture.conftest import run_tasks
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.reading import body_of, plain

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 40, tzinfo=PARIS)
JOUR = date(2026, 12, 10)
Etat = Inscription.Etat


@pytest.fixture
def soir(time_machine):
    """An evening of one place, taken by the first child; the two others wait, in order."""
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    creneau = make_creneaux()["soir"]
    creneau.places = 1
    creneau.save()
    return creneau


def register(prenom, minutes, voulu=Etat.ATTENTE):
    parent = ResponsableFactory()
    enfant = make_enfant(parent, prenom=prenom)
    change(parent, enfant, voulu, now=NOW + timedelta(minutes=minutes))
    return parent, enfant


def change(parent, enfant, voulu, *, now=NOW + timedelta(hours=1), jour=JOUR):
    return enregistrer([Changement(Cle(enfant.pk, jour, "soir"), voulu)], Acteur.parent(parent), now=now)


def etats():
    return dict(Inscription.objects.order_by("enfant").values_list("enfant__prenom", "etat"))


def test_place_freed_goes_to_the_first_in_rank_with_a_mail(soir):
    parent, premier = register("Léa", 0, Etat.INSCRIT)
    attend, tom = register("Tom", 1)
    register("Noé", 2)
    change(parent, premier, Etat.ANNULEE)
    assert etats() == {"Léa": "annulee", "Tom": "inscrit", "Noé": "attente"}
    assert list(Inscription.objects.filter(etat="attente").with_rang().values_list("rang", flat=True)) == [1]
    promotion = Enregistrement.objects.get(porte="systeme")
    assert promotion.evenements.get().enfant == tom
    assert Inscription.objects.get(enfant=tom).origine == "liste_attente"
    assert DBTaskResult.objects.filter(task_path__endswith="tell_family").count() == 1
    tasks.send_confirmation.func(promotion.pk, attend.user_id)
    assert plain(mail.outbox[0].subject) == "Bonne nouvelle : une place pour Tom, jeudi 10 décembre, soir"


def test_places_of_one_event_are_one_mail_to_each_adult(soir, mailoutbox):
    """With who still waits on those days, and the rank; nothing of the other families."""
    parent, premier = register("Léa", 0, Etat.INSCRIT)
    jours = [JOUR, date(2026, 12, 11), date(2026, 12, 14)]
    for jour in jours[1:]:
        change(parent, premier, Etat.INSCRIT, now=NOW, jour=jour)
    attend, autre = ResponsableFactory(), ResponsableFactory(user__first_name="Sacha", foyer=FoyerFactory())
    tom, zoe = (make_enfant(attend, prenom=prenom) for prenom in ("Tom", "Zoé"))
    Responsabilite.objects.create(enfant=tom, responsable=autre)
    Responsabilite.objects.create(enfant=zoe, responsable=autre, suspendue=True)
    for minutes, (enfant, jour) in enumerate([(tom, jours[0]), (zoe, jours[1]), (zoe, jours[0])], 1):
        change(attend, enfant, Etat.ATTENTE, now=NOW + timedelta(minutes=minutes), jour=jour)
    voisin = ResponsableFactory()
    noe = make_enfant(voisin, prenom="Noé")
    change(voisin, noe, Etat.ATTENTE, now=NOW + timedelta(minutes=9), jour=jours[2])
    run_tasks()
    mailoutbox.clear()

    changements = [Changement(Cle(premier.pk, jour, "soir"), Etat.ANNULEE) for jour in jours]
    enregistrer(changements, Acteur.parent(parent), now=NOW + timedelta(hours=1))
    run_tasks()

    assert Enregistrement.objects.filter(porte="systeme").count() == 1
    dits = {mail.to[0]: (plain(mail.subject), body_of(mail)) for mail in mailoutbox if "Bonne" in mail.subject}
    assert {adresse: sujet for adresse, (sujet, _) in dits.items()} == {
        attend.user.email: "Bonne nouvelle : 2 places pour Tom et Zoé, du 10 au 11 décembre",
        autre.user.email: "Bonne nouvelle : une place pour Tom, jeudi 10 décembre, soir",
        voisin.user.email: "Bonne nouvelle : une place pour Noé, lundi 14 décembre, soir",
    }
    assert len([mail for mail in mailoutbox if "Bonne" in mail.subject]) == 3
    assert "TOM + jeudi 10 décembre, soir (16 h 30 – 18 h 30)" in dits[attend.user.email][1]
    assert "ZOÉ + vendredi 11 décembre, soir" in dits[attend.user.email][1]
    assert "TOUJOURS EN ATTENTE Zoé, jeudi 10 décembre, soir : n° 1" in dits[attend.user.email][1]
    assert [nom for nom in ("Zoé", "ATTENTE") if nom in dits[autre.user.email][1]] == []
    assert [nom for nom in ("Tom", "Zoé", "Léa", "ATTENTE") if nom in dits[voisin.user.email][1]] == []


def test_places_of_more_places_are_one_mail(soir, mailoutbox):
    register("Léa", 0, Etat.INSCRIT)
    parent, tom = register("Tom", 1)
    zoe = make_enfant(parent, prenom="Zoé")
    change(parent, zoe, Etat.ATTENTE, now=NOW + timedelta(minutes=2))
    run_tasks()
    mailoutbox.clear()

    soir.places = 3
    soir.save()
    assert len(servir_creneau(soir, now=NOW + timedelta(hours=1))) == 2
    run_tasks()

    assert [plain(mail.subject) for mail in mailoutbox] == [
        "Bonne nouvelle : 2 places pour Tom et Zoé, jeudi 10 décembre"
    ]


def test_place_freed_after_the_limit_stays_free(soir):
    parent, premier = register("Léa", 0, Etat.INSCRIT)
    register("Tom", 1)
    mairie = Acteur.mairie(parent.user_id, "Appel de la famille")
    trop_tard = datetime(2026, 12, 9, 12, 0, tzinfo=PARIS)
    enregistrer([Changement(Cle(premier.pk, JOUR, "soir"), Etat.ANNULEE)], mairie, now=trop_tard)
    assert etats() == {"Léa": "annulee", "Tom": "attente"}


def test_place_freed_passes_over_a_child_for_whom_a_rule_no_longer_holds(soir):
    parent, premier = register("Léa", 0, Etat.INSCRIT)
    _, parti = register("Tom", 1)
    register("Noé", 2)
    parti.scolarites.update(depart=date(2026, 12, 4))
    change(parent, premier, Etat.ANNULEE)
    assert etats() == {"Léa": "annulee", "Tom": "attente", "Noé": "inscrit"}


def test_place_freed_on_a_closed_day_serves_nobody(soir):
    parent, premier = register("Léa", 0, Etat.INSCRIT)
    register("Tom", 1)
    Fermeture.objects.create(debut=JOUR, fin=JOUR, motif="grève")
    resultat = change(parent, premier, Etat.ANNULEE)
    assert [refus.obstacles[0].code for refus in resultat.refus] == ["fermeture"]
    assert etats() == {"Léa": "inscrit", "Tom": "attente"}


def test_rank_may_be_given_up_on_a_closed_day_by_the_home_of_that_day_alone(soir):
    register("Léa", 0, Etat.INSCRIT)
    parent, tom = register("Tom", 1)
    autre = ResponsableFactory()
    Responsabilite.objects.create(enfant=tom, responsable=autre)
    Fermeture.objects.create(debut=JOUR, fin=JOUR, motif="grève")
    refuse = change(autre, tom, Etat.ANNULEE)
    assert [refus.obstacles[0].code for refus in refuse.refus] == ["garde"]
    assert etats() == {"Léa": "inscrit", "Tom": "attente"}
    assert not change(parent, tom, Etat.ANNULEE, now=NOW + timedelta(hours=2)).refus
    assert etats() == {"Léa": "inscrit", "Tom": "annulee"}


def test_swap_between_siblings_does_not_pass_over_the_list(soir):
    parent = ResponsableFactory()
    lea, tom = make_enfant(parent, prenom="Léa"), make_enfant(parent, prenom="Tom")
    change(parent, lea, Etat.INSCRIT)
    register("Noé", 2)
    changements = [
        Changement(Cle(lea.pk, JOUR, "soir"), Etat.ANNULEE),
        Changement(Cle(tom.pk, JOUR, "soir"), Etat.INSCRIT),
    ]
    resultat = enregistrer(changements, Acteur.parent(parent), now=NOW + timedelta(hours=1))
    assert [refus.obstacles[0].code for refus in resultat.refus] == ["complet"]
    assert etats() == {"Léa": "annulee", "Noé": "inscrit"}


def test_brother_first_on_the_list_gets_the_place_and_keeps_it(soir):
    parent = ResponsableFactory()
    lea, tom = make_enfant(parent, prenom="Léa"), make_enfant(parent, prenom="Tom")
    change(parent, lea, Etat.INSCRIT)
    change(parent, tom, Etat.ATTENTE)
    changements = [
        Changement(Cle(lea.pk, JOUR, "soir"), Etat.ANNULEE),
        Changement(Cle(tom.pk, JOUR, "soir"), Etat.INSCRIT),
    ]
    resultat = enregistrer(changements, Acteur.parent(parent), now=NOW + timedelta(hours=1))
    assert resultat.refus == ()
    assert etats() == {"Léa": "annulee", "Tom": "inscrit"}
