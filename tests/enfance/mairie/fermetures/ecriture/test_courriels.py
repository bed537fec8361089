"""The mails of a closure: each family once, the association, nothing of another home."""

from datetime import date

import pytest
from django.core import mail
from django_tasks_db.models import DBTaskResult

from accounts import emails
from accounts.emails import NotDelivered
from accounts.models import UndeliveredMail, User
from accounts.outbox import RETRY_AFTER
from enfance.courriels import tasks
from enfance.courriels.fermeture import cantine_context, mail_of, recipients
from enfance.mairie.fermetures.ecriture import Portee, fermer, rouvrir
from enfance.models import Enregistrement, Fermeture, Garde, Scolarite
from tests.enfance.mairie.fermetures.ecriture.conftest import JEUDI_17, MARDI_15, NOW, close, run_tasks, save
from tests.factories import (
    EcoleFactory,
    FoyerFactory,
    ResponsableFactory,
    UserFactory,
    make_enfant,
)
from tests.reading import plain

pytestmark = pytest.mark.django_db


def test_each_family_is_told_once(camille, lea):
    tom = make_enfant(camille, prenom="Tom")
    for enfant in (lea, tom):
        save(camille, enfant, "matin", "midi")
    DBTaskResult.objects.all().delete()

    close()
    run_tasks()

    (courriel,) = mail.outbox
    assert (courriel.to, courriel.subject) == ([camille.user.email], "Garderie fermée mardi 15\u00a0décembre")
    texte = plain(courriel.body)
    assert "La garderie sera fermée mardi 15 décembre (formation de l’équipe)." in texte
    assert "LÉA\n− mardi 15 décembre : matin et midi" in texte
    assert "Pour le repas de midi" in texte


def test_mail_leaves_out_the_days_without_garderie(camille, lea):
    save(camille, lea, "soir", jour=date(2026, 12, 18))
    DBTaskResult.objects.all().delete()

    close(date(2026, 12, 18), date(2027, 1, 6))
    run_tasks()

    (courriel,) = mail.outbox
    assert plain(courriel.subject) == ("Garderie fermée vendredi 18 décembre, du lundi 4 janvier au mardi 5 janvier")


def test_two_homes_are_told_and_never_named_to_each_other(camille, lea):
    ailleurs = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"), user__first_name="Sacha")
    lea.responsabilites.create(responsable=ailleurs)
    Garde.objects.create(enfant=lea, foyer=ailleurs.foyer)
    save(camille, lea, "soir")
    DBTaskResult.objects.all().delete()

    close()
    run_tasks()

    assert sorted(m.to[0] for m in mail.outbox) == sorted([camille.user.email, ailleurs.user.email])
    assert not any("Lac" in m.body or "Tilleuls" in m.body for m in mail.outbox)


def test_an_address_that_two_adults_share_misses_no_child(camille, lea):
    beau_pere = ResponsableFactory(foyer=camille.foyer, user=UserFactory(email=camille.user.email.upper()))
    conjointe = ResponsableFactory(foyer=camille.foyer, user=UserFactory(email=camille.user.email))
    lea.responsabilites.create(responsable=conjointe)
    noe = make_enfant(beau_pere, prenom="Noé")
    save(camille, lea, "soir")
    save(beau_pere, noe, "soir")
    DBTaskResult.objects.all().delete()

    close()
    run_tasks()

    assert sorted(prenom for m in mail.outbox for prenom in ("LÉA", "NOÉ") if prenom in m.body) == ["LÉA", "NOÉ"]


def test_suspended_adult_is_not_told(camille, lea):
    save(camille, lea, "soir")
    lea.responsabilites.update(suspendue=True)
    DBTaskResult.objects.all().delete()

    close()
    run_tasks()

    assert mail.outbox == []


def test_account_closed_or_suspended_beside_another_is_not_told(camille, lea):
    ferme, suspendu = ResponsableFactory(user__is_active=False), ResponsableFactory()
    lea.responsabilites.create(responsable=ferme)
    lea.responsabilites.create(responsable=suspendu, suspendue=True)
    save(camille, lea, "soir")

    close()

    fermeture = Enregistrement.objects.latest("pk")
    assert recipients(fermeture) == [camille.user]
    assert mail_of(fermeture, suspendu.user, now=NOW)[1] is None


def test_family_that_finds_nothing_back_is_told_with_those_who_do(camille, lea):
    autre = ResponsableFactory()
    noe = make_enfant(autre, prenom="Noé")
    for responsable, enfant in ((camille, lea), (autre, noe)):
        save(responsable, enfant, "soir")
    pk = close().fermeture.pk
    Scolarite.objects.filter(enfant=noe).update(depart=MARDI_15)

    rouvrir(pk, now=NOW)

    reouverture = Enregistrement.objects.latest("pk")
    assert set(recipients(reouverture)) == {camille.user, autre.user}
    dits = [mail_of(reouverture, adulte.user, now=NOW)[1] for adulte in (camille, autre)]
    assert [[len(dit["enfants"]), len(dit["perdus"])] for dit in dits] == [[1, 0], [0, 1]]


def test_association_reads_its_children_day_by_day_in_their_order(camille, lea):
    abel = make_enfant(camille, nom="Abadie", prenom="Abel")
    for enfant, jour in ((lea, JEUDI_17), (lea, MARDI_15), (abel, JEUDI_17)):
        save(camille, enfant, "midi", jour=jour)
    close(fin=JEUDI_17)

    jours = cantine_context(Enregistrement.objects.latest("pk"))["jours"]

    assert [[nom.split(",")[0] for nom in noms] for _, noms in jours] == [["Léa Morel"], ["Abel Abadie", "Léa Morel"]]


def test_association_is_told_who_loses_the_lunch_break(settings, camille, lea):
    settings.CANTINE_COURRIEL = "cantine@courriel.example"
    save(camille, lea, "midi", "soir")
    DBTaskResult.objects.all().delete()

    close()
    run_tasks()

    (courriel,) = [m for m in mail.outbox if m.to == ["cantine@courriel.example"]]
    assert courriel.subject == "Pause méridienne annulée mardi 15\u00a0décembre"
    assert "Mardi 15\u00a0décembre\n- Léa Morel, CE1-CE2 Mme Sorbier" in courriel.body
    rouvrir(Fermeture.objects.get().pk, now=NOW)
    run_tasks()
    assert "Pause méridienne rétablie mardi 15\u00a0décembre" in [m.subject for m in mail.outbox]


def test_each_canteen_is_told_of_its_own_children(settings, camille, lea):
    settings.CANTINE_COURRIEL = "cantine@courriel.example"
    hameau = EcoleFactory(cantine_courriel="hameau@courriel.example")
    zoe = make_enfant(camille, prenom="Zoé")
    Scolarite.objects.filter(enfant=zoe).update(ecole=hameau, classe=None)
    save(camille, lea, "midi")
    save(camille, zoe, "midi")
    DBTaskResult.objects.all().delete()

    close()
    run_tasks()

    dits = {m.to[0]: [nom for nom in ("Léa Morel", "Zoé Morel") if nom in m.body] for m in mail.outbox}
    del dits[camille.user.email]
    assert dits == {"cantine@courriel.example": ["Léa Morel"], "hameau@courriel.example": ["Zoé Morel"]}


def test_canteen_of_several_schools_reads_whose_lunch_break_it_is(settings, camille, lea):
    settings.CANTINE_COURRIEL = "cantine@courriel.example"
    Scolarite.objects.filter(enfant=lea).update(ecole=EcoleFactory(), classe=None)
    save(camille, lea, "midi")
    DBTaskResult.objects.all().delete()

    close()
    run_tasks()

    (courriel,) = [m for m in mail.outbox if m.to == ["cantine@courriel.example"]]
    assert courriel.subject == "Pause méridienne annulée mardi 15\u00a0décembre, École du Hameau"


@pytest.mark.parametrize(("adresse", "moment"), [("", "midi"), ("cantine@courriel.example", "soir")])
def test_association_hears_only_of_its_own(settings, camille, lea, adresse, moment):
    settings.CANTINE_COURRIEL = adresse
    save(camille, lea, moment)
    DBTaskResult.objects.all().delete()

    close()
    run_tasks()

    assert [m.to for m in mail.outbox] == [[camille.user.email]]


@pytest.mark.parametrize("ecole_a_part", [False, True])
def test_mail_that_does_not_reach_a_canteen_is_tried_again_then_left_to_who_closed(
    settings, camille, lea, monkeypatch, ecole_a_part
):
    def fail(name, to, context):
        raise NotDelivered(UndeliveredMail.Reason.UNREACHABLE)

    monkeypatch.setattr(emails, "send", fail)
    agente = UserFactory(is_staff=True)
    settings.CANTINE_COURRIEL = "" if ecole_a_part else "cantine@courriel.example"
    if ecole_a_part:
        hameau = EcoleFactory(cantine_courriel="hameau@courriel.example")
        Scolarite.objects.filter(enfant=lea).update(ecole=hameau, classe=None)
    save(camille, lea, "midi")
    fermer(Portee(MARDI_15, MARDI_15, "neige"), agente.pk, now=NOW)
    DBTaskResult.objects.all().delete()

    tasks.tell_cantines(Enregistrement.objects.latest("pk").pk)
    attentes = []
    while row := DBTaskResult.objects.first():
        attentes.append(row.run_after - NOW)
        row.delete()
        row.task.func(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])

    assert attentes[1:] == list(RETRY_AFTER)
    perdu = UndeliveredMail.objects.get()
    assert (perdu.user, perdu.reason) == (agente, UndeliveredMail.Reason.UNREACHABLE)
    assert plain(perdu.mail).startswith("Pause méridienne annulée mardi 15 décembre")


@pytest.mark.parametrize("perdu", [{"is_active": False}, {"email": ""}])
def test_account_that_lost_its_access_meanwhile_is_told_nothing(camille, lea, perdu):
    save(camille, lea, "midi")
    close()
    enregistrement = Enregistrement.objects.latest("pk")
    DBTaskResult.objects.all().delete()
    User.objects.filter(pk=camille.user.pk).update(**perdu)

    for task, args in (
        (tasks.send_confirmation, (enregistrement.pk, camille.user.pk)),
        (tasks.send_enregistrements, (Enregistrement.objects.earliest("pk").pk,)),
        (tasks.send_ecole, (camille.user.pk, enregistrement.pk)),
        (tasks.send_garde, (camille.user.pk, [lea.pk], None)),
        (tasks.send_repas, (camille.user.pk,)),
    ):
        task.func(*args)

    assert (mail.outbox, DBTaskResult.objects.count(), UndeliveredMail.objects.count()) == ([], 0, 0)
