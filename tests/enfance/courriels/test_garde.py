"""The mail of a change of garde: each home reads its own days, from when, once, and nothing of the other home."""

from datetime import date, datetime

import pytest
from django.core import mail
from django_tasks_db.models import DBTaskResult

from enfance.courriels.garde import garde_context, recipients
from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.enfants.hors_garde import annuler_hors_garde, load_avant, prevenir
from enfance.mairie.familles.separation import Depart, Sort, SuiteSeparation, changer_de_foyer
from enfance.models import Foyer, Garde, Responsable
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.enfance.mairie.fermetures.ecriture.conftest import run_tasks
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, UserFactory, make_creneaux, make_enfant
from tests.reading import body_of, plain

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
LUNDI_14, LUNDI_11_JANVIER = date(2026, 12, 14), date(2027, 1, 11)
SECRETS = ["Lagrange", "rue du Lac", "sacha@courriel.example", "Tilleuls", "camille@courriel.example"]


@pytest.fixture
def camille(time_machine) -> Responsable:
    time_machine.move_to(NOW, tick=False)
    make_creneaux()
    return ResponsableFactory(user__email="camille@courriel.example")


@pytest.fixture
def sacha(camille) -> Responsable:
    return ResponsableFactory(
        foyer=FoyerFactory(adresse="3 rue du Lac"),
        user__first_name="Sacha",
        user__last_name="Lagrange",
        user__email="sacha@courriel.example",
    )


@pytest.fixture
def lea(camille, sacha):
    """Léa lives with Camille; Sacha, elsewhere, answers for her too."""
    lea = make_enfant(camille)
    lea.responsabilites.create(responsable=sacha)
    return lea


def share(lea, camille, sacha):
    """From 11 January on, a week each, Camille first."""
    lea.gardes.update(fin=date(2027, 1, 10))
    for foyer, depuis in ((camille.foyer, LUNDI_11_JANVIER), (sacha.foyer, date(2027, 1, 18))):
        lea.gardes.create(foyer=foyer, debut=LUNDI_11_JANVIER, rythme=Garde.Rythme.ALTERNEE, depuis=depuis)


def change(enfant, write, *, annuler=False):
    """As the town hall's page does it, then as the worker does; the mails by address."""
    DBTaskResult.objects.all().delete()
    avant = load_avant([enfant.pk], now=NOW)
    write()
    lignes = avant.laissees(now=NOW) if annuler else []
    prevenir(avant, annuler_hors_garde(lignes, StaffFactory().pk, now=NOW).enregistrement, now=NOW)
    return sent()


def sent():
    run_tasks()
    return {courriel.to[0]: courriel for courriel in mail.outbox}


def test_each_home_reads_its_own_days_and_from_when(camille, sacha, lea):
    courriels = change(lea, lambda: share(lea, camille, sacha))

    assert sorted(courriels) == ["camille@courriel.example", "sacha@courriel.example"]
    ici, ailleurs = courriels["camille@courriel.example"], courriels["sacha@courriel.example"]
    assert plain(ici.subject) == "Garde de Léa : ce qui change"
    assert (
        "LÉA Jusqu’au dimanche 10 janvier, Léa est chez vous tous les jours. "
        "À partir du lundi 11 janvier, Léa est chez vous une semaine sur deux, "
        "dont celle du lundi 11 janvier, changement le lundi matin. "
    ) in body_of(ici)
    assert (
        "LÉA Jusqu’au dimanche 10 janvier, Léa est chez l’autre parent. "
        "À partir du lundi 11 janvier, Léa est chez vous une semaine sur deux, "
        "dont celle du lundi 18 janvier, changement le lundi matin. "
    ) in body_of(ailleurs)


def test_no_home_reads_the_name_or_the_address_of_the_other(camille, sacha, lea):
    courriels = change(lea, lambda: share(lea, camille, sacha))

    for courriel in courriels.values():
        pieces = [courriel.subject, courriel.body, *(piece.content for piece in courriel.alternatives)]
        assert [secret for secret in SECRETS for piece in pieces if secret in piece] == []


def test_inscriptions_cancelled_with_the_change_are_in_the_same_mail(camille, sacha, lea):
    enregistrer([Changement(Cle(lea.pk, LUNDI_14, "soir"), "inscrit")], Acteur.parent(camille), now=NOW)

    def leave():
        lea.gardes.update(foyer=sacha.foyer)

    courriels = change(lea, leave, annuler=True)

    assert (len(mail.outbox), sorted(courriels)) == (2, ["camille@courriel.example", "sacha@courriel.example"])
    texte = body_of(courriels["camille@courriel.example"])
    assert (
        "Dès maintenant, Léa est chez l’autre parent. Inscriptions annulées par ce changement, sans être facturées : "
        "− lundi 14 décembre : soir "
    ) in texte


def test_home_whose_days_stay_the_same_is_not_written_to(camille, sacha, lea):
    share(lea, camille, sacha)

    courriels = change(lea, lambda: lea.gardes.filter(foyer=sacha.foyer).update(passage=Garde.Passage.VENDREDI))

    assert list(courriels) == ["sacha@courriel.example"]


def test_nothing_is_told_of_a_garde_written_as_it_was(camille, sacha, lea):
    assert change(lea, lambda: lea.gardes.update(debut=date(2020, 9, 1))) == {}


def test_suspended_adult_is_not_told(camille, sacha, lea):
    lea.responsabilites.filter(responsable=sacha).update(suspendue=True)

    assert list(change(lea, lambda: share(lea, camille, sacha))) == ["camille@courriel.example"]


def test_right_taken_back_meanwhile_stops_the_mail(camille, sacha, lea):
    DBTaskResult.objects.all().delete()
    avant = load_avant([lea.pk], now=NOW)
    share(lea, camille, sacha)
    assert prevenir(avant, None, now=NOW) == 2
    lea.responsabilites.filter(responsable=sacha).update(suspendue=True)

    assert list(sent()) == ["camille@courriel.example"]


def test_address_that_two_adults_of_a_home_share_gets_one_mail(camille, sacha, lea):
    conjoint = ResponsableFactory(foyer=camille.foyer, user=UserFactory(email="CAMILLE@courriel.example"))
    lea.responsabilites.create(responsable=conjoint)

    change(lea, lambda: share(lea, camille, sacha))

    assert len(mail.outbox) == 2


def test_address_of_two_homes_or_of_two_adults_misses_no_child(camille, sacha, lea):
    conjoint, tom = ResponsableFactory(foyer=camille.foyer), make_enfant(camille)
    for adulte in (sacha, conjoint):
        adulte.user.email = camille.user.email
        adulte.user.save()
    un, deux = [lea.pk], [lea.pk, tom.pk]

    assert recipients({camille.user_id: deux, sacha.user_id: un}) == sorted([camille.user_id, sacha.user_id])
    assert recipients({camille.user_id: deux, conjoint.user_id: un}) == [camille.user_id]
    assert recipients({camille.user_id: un, conjoint.user_id: deux}) == [conjoint.user_id]


def test_each_child_has_its_own_days_that_are_cancelled(camille, sacha, lea):
    tom, zoe = make_enfant(camille, prenom="Tom"), make_enfant(camille, prenom="Zoé")
    cles = [Cle(lea.pk, LUNDI_14, "soir"), Cle(tom.pk, LUNDI_14, "matin"), Cle(zoe.pk, LUNDI_14, "midi")]
    fait = enregistrer([Changement(cle, "inscrit") for cle in cles], Acteur.parent(camille), now=NOW).enregistrement

    context = garde_context(camille.user, [lea.pk, tom.pk], fait.pk, today=NOW.date())

    annulees = {vu.prenom: [ligne.split(":")[1].strip() for ligne in vu.annulees] for vu in context["enfants"]}
    assert annulees == {"Léa": ["soir"], "Tom": ["matin"]}


def test_adult_who_goes_to_another_home_and_who_stays_are_told_once(camille):
    karim = ResponsableFactory(foyer=camille.foyer, user__email="karim@courriel.example")
    enfants = [make_enfant(camille, karim, prenom=prenom) for prenom in ("Léa", "Tom")]
    DBTaskResult.objects.all().delete()
    depart = Depart(karim.pk, LUNDI_11_JANVIER, dict.fromkeys([e.pk for e in enfants], SuiteSeparation.SUIT))

    vers = Foyer(adresse="3 rue du Lac")
    changer_de_foyer(depart, vers, Sort.LAISSER, StaffFactory().pk, now=NOW)

    courriels = sent()
    assert sorted(courriels) == ["camille@courriel.example", "karim@courriel.example"]
    assert len(mail.outbox) == 2
    for courriel in courriels.values():
        assert plain(courriel.subject) == "Garde de Léa et Tom : ce qui change"
        assert "rue du Lac" not in courriel.body
