"""The mails that a save causes: what they say, to whom, and that the other foyer stays unnamed."""

from datetime import date, datetime

import pytest
from django.core import mail
from django_tasks_db.models import DBTaskResult

from enfance import tasks
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Inscription
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
Etat = Inscription.Etat


@pytest.fixture
def famille(time_machine):
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()
    camille = ResponsableFactory(user__first_name="Camille")
    return camille, make_enfant(camille, prenom="Léa"), make_enfant(camille, prenom="Tom")


def save(acteur, *changements):
    return enregistrer(changements, acteur, now=NOW).enregistrement


def text_of(message):
    return message.body.replace("\u00a0", " ").replace("\u202f", " ")


def test_confirmation_says_each_change_once_with_its_reference(famille):  # LEG-04
    camille, lea, tom = famille
    enregistrement = save(
        Acteur.parent(camille),
        Changement(Cle(lea.pk, date(2026, 12, 8), "soir"), Etat.INSCRIT),
        Changement(Cle(lea.pk, date(2026, 12, 11), "soir"), Etat.INSCRIT),
        Changement(Cle(tom.pk, date(2026, 12, 8), "midi"), Etat.INSCRIT),
    )
    tasks.send_confirmation.func(enregistrement.pk, camille.user_id)
    [message] = mail.outbox
    assert message.subject.replace("\u00a0", " ") == "Garderie : 3 changements enregistrés pour Léa et Tom"
    assert message.to == [camille.user.email]
    assert text_of(message).splitlines()[:12] == [
        "Bonjour Camille,",
        "",
        "C’est enregistré, le jeudi 3 décembre à 20 h 41.",
        f"Référence {enregistrement.pk}.",
        "",
        "LÉA",
        "+ mardi 8 décembre, soir (16 h 30 – 18 h 30)",
        "+ vendredi 11 décembre, soir (16 h 30 – 18 h 30)",
        "",
        "TOM",
        "+ mardi 8 décembre, midi (pause méridienne)",
        "",
    ]
    assert "Vous pouvez modifier mardi 8 jusqu’au lundi 7 décembre, 12 h :" in " ".join(text_of(message).split())
    assert max(len(line) for line in message.body.splitlines() if "http" not in line) <= 76


def test_confirmation_names_neither_family_nor_class(famille):
    camille, lea, _ = famille
    enregistrement = save(Acteur.parent(camille), Changement(Cle(lea.pk, date(2026, 12, 8), "soir"), Etat.INSCRIT))
    tasks.send_confirmation.func(enregistrement.pk, camille.user_id)
    [message] = mail.outbox
    everything = message.subject + message.body + message.alternatives[0].content
    assert [word for word in ("Morel", "CE1", "PAI") if word in everything] == []


def test_change_by_the_town_hall_is_told_once_an_address_to_who_may_see_the_child(famille):
    camille, lea, _ = famille
    meme_adresse = ResponsableFactory(user__email=camille.user.email.upper(), foyer=camille.foyer)
    autre_foyer = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    suspendu = ResponsableFactory()
    ResponsableFactory(foyer=camille.foyer)  # a step-parent: no responsabilité
    for adulte in (meme_adresse, autre_foyer):
        lea.responsabilites.create(responsable=adulte)
    lea.responsabilites.create(responsable=suspendu, suspendue=True)
    mairie = Acteur.mairie(StaffFactory().pk, "Appel de la famille")
    enregistrement = save(mairie, Changement(Cle(lea.pk, date(2026, 12, 4), "soir"), Etat.INSCRIT))
    tasks.tell_family.func(enregistrement.pk)
    told = [r.args_kwargs["args"][1] for r in DBTaskResult.objects.filter(task_path__endswith="send_confirmation")]
    assert sorted(told) == sorted([camille.user_id, autre_foyer.user_id])
    tasks.send_confirmation.func(enregistrement.pk, autre_foyer.user_id)
    assert "La mairie a changé le planning" in mail.outbox[0].body


def test_confirmation_without_address_sends_nothing(famille):
    camille, lea, _ = famille
    camille.user.email = ""
    camille.user.save()
    enregistrement = save(Acteur.parent(camille), Changement(Cle(lea.pk, date(2026, 12, 8), "soir"), Etat.INSCRIT))
    tasks.send_confirmation.func(enregistrement.pk, camille.user_id)
    assert mail.outbox == []
