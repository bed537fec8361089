"""A mail names the school beside each child, where a family has several, and only there."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core import mail
from django_tasks_db.models import DBTaskResult

from enfance.courriels import rappel
from enfance.famille.absences.tasks import send_absences
from enfance.famille.ecoles import ecoles_of
from enfance.inscriptions import Changement, enregistrer, servir_creneau
from enfance.mairie.fermetures.ecriture import Portee, fermer
from enfance.models import Absence, Creneau, Ecole, Inscription, Scolarite
from enfance.planning.ecriture import enregistrer_famille
from enfance.planning.semaines import remplir
from enfance.regles import Acteur, Cle
from enfance.semaine_modele import Modele
from portail.dates import PARIS
from tests.enfance.villes import Ville, limit, make_ville
from tests.reading import html_of, plain

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 18, 41, tzinfo=PARIS)
LUNDI_7, MARDI_8 = date(2026, 12, 7), date(2026, 12, 8)
INSCRIT = Inscription.Etat.INSCRIT


@pytest.fixture
def ville(time_machine) -> Ville:
    time_machine.move_to(NOW, tick=False)
    return make_ville()


def changes(ville, jour=MARDI_8):
    return [
        Changement(Cle(ville.lea.pk, jour, "soir"), INSCRIT),
        Changement(Cle(ville.tom.pk, jour, "midi-hameau"), INSCRIT),
    ]


def sent() -> str:
    """The mails that wait, sent; the text of the only one."""
    while rows := list(DBTaskResult.objects.filter(status="READY")):
        for row in rows:
            DBTaskResult.objects.filter(pk=row.pk).update(status="SUCCESSFUL")
            row.task.func(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
    [message] = mail.outbox
    return plain(message.body)


def test_confirmation_names_the_school_of_each_child(ville):
    enregistrer(changes(ville), Acteur.parent(ville.camille), now=NOW)

    texte = sent()

    assert "LÉA, ÉCOLE DU BOURG\n+ mardi 8 décembre, soir (16 h 30 – 18 h 30)" in texte
    assert "TOM, ÉCOLE DU HAMEAU\n+ mardi 8 décembre, midi (pause méridienne)" in texte
    assert "Pensez à commander le repas de Tom" in texte


def test_confirmation_names_no_school_where_there_is_one(ville):
    Scolarite.objects.update(ecole=ville.bourg)
    enregistrer(changes(ville)[:1], Acteur.parent(ville.camille), now=NOW)

    assert "LÉA\n" in sent()


def test_filled_year_names_the_school_of_each_child(ville):
    modeles = [
        Modele(ville.lea.pk, frozenset({(0, "soir")}), LUNDI_7, date(2027, 7, 2)),
        Modele(ville.tom.pk, frozenset({(0, "soir-hameau")}), LUNDI_7, date(2027, 7, 2)),
    ]
    remplir(modeles, Acteur.semaine_type(ville.camille), now=NOW)

    texte = sent()

    assert "LÉA, ÉCOLE DU BOURG\n23 soirs ajoutés" in texte
    assert "TOM, ÉCOLE DU HAMEAU\n23 soirs ajoutés" in texte


def test_strike_at_one_school_is_mailed_to_its_families_with_its_name(ville):
    enregistrer(changes(ville), Acteur.parent(ville.camille), now=NOW)
    DBTaskResult.objects.all().delete()

    fermer(Portee(MARDI_8, MARDI_8, "grève", ecoles=(ville.bourg,)), now=NOW)

    texte = sent()
    assert "LÉA, ÉCOLE DU BOURG\n− mardi 8 décembre : soir" in texte
    assert "TOM" not in texte
    assert set(Inscription.objects.values_list("creneau__code", "etat")) == {
        ("soir", "annulee"),
        ("midi-hameau", "inscrit"),
    }


def test_receipt_keeps_the_school_of_each_child(ville, client):
    client.force_login(ville.camille.user)
    fait = enregistrer_famille(changes(ville), Acteur.parent(ville.camille), now=NOW)

    page = html_of(client.get(f"/historique/{fait.enregistrement.pk}/"))

    assert "<p>Léa : École du Bourg, Tom : École du Hameau.</p>" in page


def test_reminder_names_the_school_of_each_child(ville):
    enregistrer(changes(ville, LUNDI_7), Acteur.parent(ville.camille), now=NOW)

    [jour] = rappel.build_rappel(ville.camille, [LUNDI_7], now=NOW)

    assert [plain(ligne) for ligne in jour.lignes] == [
        "Léa, École du Bourg : soir",
        "Tom, École du Hameau : midi",
    ]


def test_reminder_waits_for_the_limit_of_the_familys_own_school(ville):
    """The other school's limit calls the day sooner: nothing is said of it to who is not concerned."""
    for code in ("matin", "midi", "soir"):
        limit(code, genre="jours", nombre=0, heure=time(7))
    Scolarite.objects.update(ecole=ville.bourg)

    jours = rappel.jours_a_rappeler(now=NOW)

    assert LUNDI_7 in jours  # the Hameau's, until Friday noon
    vendredi_4 = date(2026, 12, 4)
    assert [jour.jour for jour in rappel.build_rappel(ville.camille, jours, now=NOW)] == [vendredi_4]
    dimanche = NOW + timedelta(days=3)
    assert [jour.jour for jour in rappel.build_rappel(ville.camille, [LUNDI_7], now=dimanche)] == [LUNDI_7]


def test_place_given_names_the_school(ville):
    Creneau.objects.filter(code="soir-hameau").update(places=0)
    attente = Changement(Cle(ville.tom.pk, MARDI_8, "soir-hameau"), Inscription.Etat.ATTENTE)
    enregistrer([attente], Acteur.parent(ville.camille), now=NOW)
    DBTaskResult.objects.all().delete()
    Creneau.objects.filter(code="soir-hameau").update(places=1)

    servir_creneau(Creneau.objects.get(code="soir-hameau"), now=NOW)

    assert "TOM, ÉCOLE DU HAMEAU\n+ mardi 8 décembre, soir" in sent()


def test_absence_names_each_school_and_its_telephone(ville, settings):
    settings.GARDERIE_TELEPHONE = "04 65 71 00 39"
    Ecole.objects.filter(pk=ville.hameau.pk).update(telephone="04 65 71 00 53")
    user = ville.camille.user
    absences = [Absence.objects.create(enfant=e, jour=MARDI_8, signalee_par=user) for e in (ville.lea, ville.tom)]

    send_absences.func([absence.pk for absence in absences], user.pk, False)

    [message] = mail.outbox
    texte = " ".join(plain(message.body).split())
    assert "l’absence de Léa (École du Bourg) et de Tom (École du Hameau), mardi 8 décembre" in texte
    assert "04 65 71 00 39 (École du Bourg), 04 65 71 00 53 (École du Hameau)" in texte
    assert "tel:+33465710053" in str(message.alternatives[0][0])


def test_school_is_the_one_of_today(ville):
    place = ville.tom.scolarites.get()
    Scolarite.objects.filter(pk=place.pk).update(depart=LUNDI_7)
    Scolarite.objects.create(enfant=ville.tom, annee=place.annee, niveau="CP", ecole=ville.bourg, debut=LUNDI_7)

    assert ecoles_of(ville.camille.user, NOW.date())[ville.tom.pk] == "École du Hameau"
    assert ecoles_of(ville.camille.user, LUNDI_7) == {}
