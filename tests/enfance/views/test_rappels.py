"""« Rappelez-moi »: asked on the child's file, dealt with by the town hall, read by who asked; no word of health."""

from datetime import date, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.db.models import CharField, JSONField, TextField
from django.utils import timezone

from enfance.models import DemandeRappel
from portail.bureau import choses_of
from portail.extensions import Extension
from portail.groupes import SECRETARIAT, droits
from tests.clients import Client
from tests.enfance.views.conftest import NOW
from tests.factories import EcoleFactory, ResponsableFactory, StaffFactory
from tests.reading import html_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/enfance/enfant/rappels/"
LENDEMAIN = NOW.replace(day=4, hour=9, minute=0)


def ask(client, child, quoi="demander"):
    return html_of(client.post(f"/enfants/{child.pk}/", {"rappel": quoi}, follow=True))


@pytest.fixture
def mairie(camille, clock) -> Client:
    """The browser of the secretary, on Friday morning."""
    clock.move_to(LENDEMAIN, tick=False)
    client = Client()
    client.force_login(StaffFactory(first_name="Michèle", last_name="Secrétaire"))
    return client


@pytest.fixture
def demande(camille, lea) -> DemandeRappel:
    return DemandeRappel.objects.create(enfant=lea, demandee_par=camille.user, demandee_le=NOW)


# --- The parent -------------------------------------------------------------------------------------------------------


def test_file_says_what_to_do_and_whom_to_call(connected, camille, lea):
    camille.telephone = "06 39 98 00 12"
    camille.save()
    page = html_of(connected.get(f"/enfants/{lea.pk}/"))
    assert "Allergie ou traitement ?" in page
    assert page.count('href="tel:+33465710036"') == 1  # the school
    assert 'href="tel:+33465710038"' in page  # the town hall
    assert "un PAI : un papier qui dit" in page
    assert "La mairie vous appelle au 06 39 98 00 12." in page


def test_file_without_the_school_s_telephone_names_the_town_hall_alone(connected, lea, settings):
    settings.ECOLE_TELEPHONE = ""
    page = html_of(connected.get(f"/enfants/{lea.pk}/"))
    assert "<li>Appelez la mairie au " in page
    assert "La mairie n’a pas de téléphone pour vous : donnez-le dans" in page


def test_file_of_a_town_of_several_schools_gives_no_telephone_of_one_of_them(connected, lea):
    EcoleFactory()

    page = html_of(connected.get(f"/enfants/{lea.pk}/"))

    assert "<li>Appelez la mairie au " in page
    assert 'href="tel:+33465710036"' not in page


def test_call_is_asked_by_one_button_and_keeps_no_word(connected, camille, lea, journal):  # RGP-05
    page = ask(connected, lea)
    assert "Votre demande est envoyée : la mairie vous rappelle." in page
    assert "Demande envoyée le jeudi 3 décembre à 20 h 41, la mairie vous rappelle." in page
    assert 'value="demander"' not in page
    demande = DemandeRappel.objects.get()
    assert (demande.enfant, demande.demandee_par, demande.demandee_le) == (lea, camille.user, NOW)
    assert [field for field in DemandeRappel._meta.fields if isinstance(field, CharField | TextField | JSONField)] == []
    assert [event["child"] for event in journal.events if event["event"] == "callback_asked"] == [lea.pk]


def test_call_asked_twice_is_once(connected, lea):
    for _ in range(2):
        page = ask(connected, lea)
    assert "la mairie vous rappelle" in page
    assert DemandeRappel.objects.count() == 1


def test_two_calls_never_wait_for_one_parent_and_child(demande):
    with pytest.raises(IntegrityError), transaction.atomic():
        DemandeRappel.objects.create(enfant=demande.enfant, demandee_par=demande.demandee_par)


def test_call_is_taken_back(connected, lea, journal):
    ask(connected, lea)
    page = ask(connected, lea, "retirer")
    assert "Votre demande est retirée" in page
    assert 'value="demander"' in page
    assert DemandeRappel.objects.waiting().count() == 0
    assert "callback_withdrawn" in journal.text
    assert "Il n’y a plus de demande à retirer" in ask(connected, lea, "retirer")
    ask(connected, lea)
    assert DemandeRappel.objects.waiting().count() == 1


@pytest.mark.parametrize("quoi", ["", "x", "x" * 5000])
def test_forged_request_has_its_sentence(connected, lea, quoi):
    assert "Ce choix n’a pas été compris" in ask(connected, lea, quoi)
    assert DemandeRappel.objects.count() == 0


def test_other_parent_neither_sees_nor_takes_back_the_request(client, sacha, demande):  # ACC-03
    client.force_login(sacha.user)
    page = html_of(client.get(f"/enfants/{demande.enfant_id}/"))
    assert "Demande envoyée" not in page
    assert "Il n’y a plus de demande à retirer" in ask(client, demande.enfant, "retirer")
    assert DemandeRappel.objects.waiting().count() == 1


def test_child_of_another_family_is_an_unknown_page(client, lea):  # ACC-02
    client.force_login(ResponsableFactory().user)
    assert client.post(f"/enfants/{lea.pk}/", {"rappel": "demander"}).status_code == 404
    assert DemandeRappel.objects.count() == 0


# --- The town hall ----------------------------------------------------------------------------------------------------


def test_request_is_among_what_there_is_to_deal_with(mairie, demande):
    page = html_of(mairie.get("/admin/"))
    assert 'href="/admin/enfance/enfant/rappels/"' in page
    assert "parent à rappeler" in page
    request = mairie.get(PAGE).wsgi_request
    rubriques = Extension.installed().a_traiter
    [chose] = [chose for chose in choses_of(request, rubriques, now=timezone.now()) if "rappeler" in chose.mots]
    assert (chose.nombre, chose.detail) == (1, "Léa")
    page = html_of(mairie.get(PAGE))
    assert f'<h2 id="t-{demande.pk}">Camille Morel</h2>' in page
    assert "allergie" not in page.lower()


def test_call_is_noted_in_one_click_traced_and_read_by_who_asked(mairie, client, camille, demande):
    page = html_of(mairie.post(PAGE, {"demande": demande.pk, "jour": "", "aujourdhui": "1"}, follow=True))
    assert "Camille Morel, rappelé le vendredi 4 décembre." in page
    assert "Aucun parent à rappeler." in page
    demande.refresh_from_db()
    assert (demande.rappele_le, demande.repondue_par.first_name) == (date(2026, 12, 4), "Michèle")
    entry = LogEntry.objects.get()
    assert entry.object_id == str(demande.enfant_id)
    assert "Demande de rappel" in entry.get_change_message()
    client.force_login(camille.user)
    page = html_of(client.get(f"/enfants/{demande.enfant_id}/"))
    assert "La mairie vous a rappelé le vendredi 4 décembre." in page
    assert "Rappelez-moi encore" in page
    assert "Michèle" not in page


def test_call_is_noted_on_another_day(mairie, demande):
    mairie.post(PAGE, {"demande": demande.pk, "jour": "2026-12-03"})
    demande.refresh_from_db()
    assert demande.rappele_le == date(2026, 12, 3)


@pytest.mark.parametrize("data", [{}, {"jour": ""}, {"jour": "x"}, {"jour": "2026-12-05"}, {"jour": "2026-12-02"}])
def test_day_that_cannot_be_changes_nothing(mairie, demande, data):
    page = html_of(mairie.post(PAGE, {"demande": demande.pk, **data}, follow=True))
    assert "rien n’a changé" in page
    demande.refresh_from_db()
    assert demande.rappele_le is None
    assert LogEntry.objects.count() == 0


def test_answer_given_twice_or_after_it_was_taken_back_is_no_answer(mairie, demande):
    for _ in range(2):
        page = html_of(mairie.post(PAGE, {"demande": demande.pk, "jour": "", "aujourdhui": "1"}, follow=True))
    assert "Cette demande a déjà sa réponse" in page
    assert LogEntry.objects.count() == 1
    retiree = DemandeRappel.objects.create(
        enfant=demande.enfant, demandee_par=demande.demandee_par, retiree_le=NOW + timedelta(hours=1)
    )
    assert "le parent l’a retirée" in html_of(
        mairie.post(PAGE, {"demande": retiree.pk, "jour": "", "aujourdhui": "1"}, follow=True)
    )
    retiree.refresh_from_db()
    assert retiree.rappele_le is None


def test_secretary_alone_answers(camille, demande, clock):
    assert {"enfance.view_demanderappel", "enfance.change_demanderappel"} <= droits(SECRETARIAT)
    clock.move_to(datetime.combine(date(2026, 12, 4), LENDEMAIN.timetz()), tick=False)
    agent = Client()
    agent.force_login(StaffFactory(is_superuser=False))
    assert agent.get(PAGE).status_code == 403
    assert agent.post(PAGE, {"demande": demande.pk, "jour": "", "aujourdhui": "1"}).status_code == 403
