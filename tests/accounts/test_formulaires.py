"""Every page of one row, as the town hall's forms draw it: one way to write a label, to ask a day, to act, to leave."""

from __future__ import annotations

import re

import pytest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.models import UndeliveredMail, User
from enfance.models import Actualite, AnneeScolaire, Conge, Creneau
from tests.ecole import concrete, make_ecole
from tests.factories import StaffFactory
from tests.matrice import dossiers

ADD, CHANGE = "add", "change"


@pytest.fixture
def lea(db):
    return make_ecole(timezone.now())


@pytest.fixture
def mairie(client, lea):
    client.force_login(StaffFactory())
    return client


def pages_of(lea):
    """The pages to add and to change a row that answer with Django's form, by model."""
    for model in dossiers().values():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        for what in (ADD, CHANGE):
            try:
                address = reverse(f"{name}_{what}", args=["<pk>"] if what == CHANGE else [])
            except NoReverseMatch:
                address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/<pk>/change/"
            yield concrete(address.replace("%3Cpk%3E", "<pk>"), lea)


@pytest.fixture
def pages(mairie, lea):
    answers = {address: mairie.get(address) for address in pages_of(lea)}
    return {address: page.text for address, page in answers.items() if page.status_code == 200}


def test_no_page_of_a_row_asks_a_day_with_a_script(pages):
    assert len(pages) > 40
    assert [
        a for a, page in pages.items() if "calendar.js" in page or "vDateField" in page or "vTimeField" in page
    ] == []


def test_no_page_of_a_row_has_a_list_of_actions_to_run(pages):
    assert [a for a, page in pages.items() if "Exécuter" in page or 'name="CHANGE_FORM-action"><' in page] == []


def test_no_page_of_a_row_has_a_picture_without_its_word(pages):
    pictures = {a: re.findall(r'<img [^>]*alt="([^"]*)"[^>]*>\s*(\w*)', page) for a, page in pages.items()}
    assert [(a, found) for a, all_ in pictures.items() for found in all_ if not any(found)] == []


def test_no_label_ends_with_a_colon(pages):
    labels = {a: re.findall(r"<(?:label|legend)[^>]*>([^<]*)</", page) for a, page in pages.items()}
    assert [(a, label) for a, all_ in labels.items() for label in all_ if label.rstrip().endswith(":")] == []


def test_page_of_a_row_has_one_way_to_save_and_one_way_out(pages):
    several = {a: re.findall(r'<input type="submit"[^>]*name="(\w+)"', page) for a, page in pages.items()}
    several = {a: names for a, names in several.items() if len(names) > 1}
    assert several == {"/admin/enfance/inscription/add/": ["_save", "_addanother"]}
    assert all(page.count('class="closelink"') <= 1 for page in pages.values())


def test_day_and_hour_sent_by_a_browser_are_kept(mairie):
    creneau = Creneau.objects.get(code="soir")
    address = reverse("admin:enfance_creneau_change", args=[creneau.pk])
    page = mairie.get(address)
    assert 'type="time" name="debut" value="16:30"' in page.text
    form = page.context["adminform"].form
    data = {name: "" if value is None else value for name, value in form.initial.items() if value is not False}

    mairie.agree(address, {**data, "debut": "16:45", "fin": "18:30"})

    assert Creneau.objects.get(code="soir").debut.isoformat() == "16:45:00"


def test_holiday_is_added_without_script(mairie):
    annee = AnneeScolaire.objects.get()
    Conge.objects.all().delete()

    page = mairie.get(reverse("admin:enfance_anneescolaire_change", args=[annee.pk])).text

    assert 'name="conges-0-debut"' in page
    assert 'type="date"' in re.search(r'<input[^>]*name="conges-0-debut"[^>]*>', page)[0]


def test_action_of_a_row_is_a_button_of_its_own_form(mairie, lea):
    parent = lea.responsables.get().user

    page = mairie.get(reverse("admin:accounts_user_change", args=[parent.pk]))

    assert page.context["actes"] == [
        ("send_temporary_password", "Envoyer un mot de passe temporaire"),
        ("close_sessions", "Fermer les sessions"),
    ]
    form = re.search(r'<form method="post">(?:(?!</form>).)*value="close_sessions"', page.text, re.S)
    assert form is not None
    assert "first_name" not in form[0]


def test_action_that_would_change_nothing_is_not_offered(mairie, lea):
    mail = UndeliveredMail.objects.get()
    address = reverse("admin:accounts_undeliveredmail_change", args=[mail.pk])
    assert mairie.get(address).context["actes"] == [("settle", "Marquer comme réglé")]

    UndeliveredMail.objects.update(settled_at=timezone.now())
    User.objects.filter(pk=mail.user_id).update(email_refused_at=timezone.now(), email_refused="unknown_address")

    assert [nom for nom, _ in mairie.get(address).context["actes"]] == ["write_again"]


def test_news_taken_off_is_not_taken_off_again(mairie):
    address = reverse("admin:enfance_actualite_change", args=[Actualite.objects.get().pk])
    assert [nom for nom, _ in mairie.get(address).context["actes"]] == ["withdraw"]

    mairie.post(address, {"CHANGE_FORM-action": "withdraw", "_selected_action": Actualite.objects.get().pk})

    assert mairie.get(address).context["actes"] == []
