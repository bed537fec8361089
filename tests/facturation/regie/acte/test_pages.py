"""« La régie »: the act and who is named, typed by the secretary, read by the régisseuse."""

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import Group

from accounts import groups
from facturation.models import Nomination, Regie
from portail.groupes import REGIE, SECRETARIAT
from tests.factories import StaffFactory

pytestmark = pytest.mark.django_db
ACTE = "/admin/regie/acte/"


@pytest.fixture
def secretaire(client):
    client.force_login(agent_of(SECRETARIAT))
    return client


def agent_of(groupe):
    groups.sync()
    agent = StaffFactory(is_superuser=False)
    agent.groups.add(Group.objects.get(name=groupe))
    return agent


def test_act_is_typed_in_euros_and_says_nothing_changed_the_second_time(secretaire):
    envoi = {"acte": "Arrêté 2026-12", "acte_du": "2026-01-05", "plafond_especes": "1 000", "frequence": "31"}
    secretaire.post(ACTE, envoi)
    page = secretaire.post(ACTE, envoi, follow=True).content.decode()

    regie = Regie.objects.get()
    assert (regie.acte, regie.acte_du, regie.plafond_especes, regie.avances) == (
        "Arrêté 2026-12",
        date(2026, 1, 5),
        1_000_00,
        False,
    )
    assert "Rien n’a changé." in page


def test_act_of_a_day_to_come_is_refused_with_what_was_typed(secretaire, time_machine):
    time_machine.move_to(datetime(2026, 12, 3, 12, tzinfo=UTC), tick=False)
    envoi = {"acte": "Arrêté 2026-12", "acte_du": "2026-12-04", "plafond_especes": "", "frequence": "31"}

    page = secretaire.post(ACTE, envoi).content.decode()

    assert "Ce jour est à venir\u00a0: écrivez celui de l’acte." in page
    assert 'value="2026-12-04"' in page
    assert not Regie.objects.exists()
    secretaire.post(ACTE, envoi | {"acte_du": "2026-12-03"})
    assert Regie.objects.get().acte_du == date(2026, 12, 3)


def test_two_cannot_sign_on_one_day(secretaire):
    Nomination.objects.create(nom="Hélène Garnier", fonction="titulaire", debut=date(2026, 1, 1))
    envoi = {"nom": "Paul Meunier", "fonction": "titulaire", "debut": "2026-09-01", "fin": "", "compte": ""}

    page = secretaire.post(f"{ACTE}nommer/", envoi).content.decode()

    assert "Hélène Garnier est déjà titulaire à ces dates\u00a0: dites d’abord jusqu’à quand." in page
    assert Nomination.objects.count() == 1
    secretaire.post(f"{ACTE}nommer/", envoi | {"fonction": "suppleant"})
    assert Nomination.objects.count() == 2


def test_nomination_ends_or_is_taken_back(secretaire):
    une = Nomination.objects.create(nom="Hélène Garnier", fonction="titulaire", debut=date(2026, 1, 1))
    envoi = {"nom": une.nom, "fonction": une.fonction, "debut": "2026-01-01", "fin": "2025-12-31", "compte": ""}

    page = secretaire.post(f"{ACTE}nominations/{une.pk}/", envoi).content.decode()
    assert "Une nomination finit après avoir commencé." in page

    secretaire.post(f"{ACTE}nominations/{une.pk}/", envoi | {"fin": "2026-12-31"})
    assert Nomination.objects.get().fin == date(2026, 12, 31)
    secretaire.post(f"{ACTE}nominations/{une.pk}/", {"geste": "retirer"})
    assert not Nomination.objects.exists()


def test_regisseuse_reads_and_does_not_write(client):
    Nomination.objects.create(nom="Hélène Garnier", fonction="titulaire", debut=date(2026, 1, 1))
    client.force_login(agent_of(REGIE))

    page = client.get(ACTE).content.decode()

    assert "Hélène Garnier" in page
    assert "Nommer quelqu’un" not in page
    assert client.post(ACTE, {"acte": "x"}).status_code == 403
    assert client.get(f"{ACTE}nommer/").status_code == 403
