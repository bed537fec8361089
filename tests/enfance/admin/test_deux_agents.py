"""Two agents, or two tabs, on one page of the town hall: the second to save writes nothing over the first."""

import re

import pytest
from django.forms import modelform_factory
from django.urls import reverse

from accounts.site import CHANGED_MEANWHILE, fingerprint
from enfance.models import Creneau, Enfant, Foyer, Garde, Responsable
from tests.enfance.admin.test_garde import alternee, choose, etats
from tests.enfance.admin.test_personnes import form_of, texts


def page_of(obj) -> str:
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])


def opened(client, page) -> dict[str, str]:
    """What a browser holds of this page, and would post unchanged."""
    data = {name: value for name, value in form_of(client, page).items() if value is not False}
    return data | {"_fingerprint": token_of(client.get(page))}


def token_of(response) -> str:
    return re.search(r'name="_fingerprint" value="([0-9a-f]{64})"', response.content.decode())[1]


@pytest.mark.parametrize(
    ("model", "first", "second"),
    [
        (Enfant, {"consigne": "Pas d’arachide"}, {"nom_usage": "Sorbier"}),
        (Responsable, {"telephone": "06 12 34 56 78"}, {"telephone_travail": "0450000000"}),
        (Foyer, {"adresse": "3 rue du Lac"}, {"commune": "Saint-Sauveur-le-Haut"}),
        (Creneau, {"nom_court": "Soirée"}, {"ordre": "9"}),
    ],
)
def test_second_tab_does_not_bring_back_what_the_first_changed(mairie, lea, creneaux, model, first, second):
    obj = model.objects.all()[:1].get()
    page = page_of(obj)
    tab = opened(mairie, page)
    mairie.post(page, opened(mairie, page) | first, follow=True)
    held = model.objects.filter(pk=obj.pk).values().get()

    response = mairie.post(page, tab | second)

    assert list(map(str, response.context["fautes"])) == [CHANGED_MEANWHILE]
    assert model.objects.filter(pk=obj.pk).values().get() == held
    assert {str(held[name]) for name in first} == set(first.values())
    form = response.context["adminform"].form
    assert {name: form[name].value() for name in second} == second  # what was typed is still there
    assert token_of(response) == tab["_fingerprint"]  # sent again as it is, it is refused again


def test_second_tab_does_not_bring_back_a_linked_row(mairie, lea):
    page = page_of(lea)
    tab = opened(mairie, page)
    mairie.post(page, opened(mairie, page) | {"responsabilites-0-suspendue": "on"}, follow=True)

    response = mairie.post(page, tab | {"nom_usage": "Sorbier"})

    assert list(map(str, response.context["fautes"])) == [CHANGED_MEANWHILE]
    assert (lea.responsabilites.get().suspendue, Enfant.objects.get().nom_usage) == (True, "")


def test_page_that_did_not_change_is_saved_and_saved_on(mairie, lea):
    page = page_of(lea)

    response = mairie.post(page, opened(mairie, page) | {"nom_usage": "Sorbier", "_continue": "1"}, follow=True)
    again = opened(mairie, page) | {"_fingerprint": token_of(response), "consigne": "Pas d’arachide"}
    mairie.post(page, again, follow=True)

    enfant = Enfant.objects.get()
    assert (enfant.nom_usage, enfant.consigne) == ("Sorbier", "Pas d’arachide")


def test_form_with_an_error_keeps_what_it_showed_at_first(mairie, lea):
    page = page_of(lea)
    tab = opened(mairie, page)

    response = mairie.post(page, tab | {"nom": ""})

    assert token_of(response) == tab["_fingerprint"]
    mairie.post(page, tab | {"nom_usage": "Sorbier"}, follow=True)
    assert Enfant.objects.get().nom_usage == "Sorbier"


def test_question_asked_carries_what_the_page_showed(mairie, lea, semaines, ailleurs):
    page = page_of(lea)
    asked = mairie.post(page, opened(mairie, page) | alternee(ailleurs.foyer))
    assert "_fingerprint" in dict(asked.context["champs"])

    Enfant.objects.update(consigne="Pas d’arachide")
    refused = choose(mairie, asked, "annuler")

    assert list(map(str, refused.context["fautes"])) == [CHANGED_MEANWHILE]
    assert (Garde.objects.count(), {etat for *_, etat in etats()}) == (1, {"inscrit"})

    Enfant.objects.update(consigne="")
    assert "Inscriptions annulées par le changement de garde\u00a0: 1." in texts(choose(mairie, asked, "annuler"))


def test_fingerprint_tells_nothing_of_health(lea, settings):
    """Keyed: whoever holds one cannot find the words by trying some."""
    form = modelform_factory(Enfant, fields=["pai", "consigne"])(instance=lea)
    ours = fingerprint(form, [])

    settings.SECRET_KEY = "the key of another town"

    assert fingerprint(form, []) != ours


def test_health_is_no_part_of_what_an_agent_without_the_right_sees(agent_with, lea):
    page, secretary = page_of(lea), agent_with("view_enfant", "change_enfant")
    before = token_of(secretary.get(page))

    Enfant.objects.update(consigne="Pas d’arachide", pai=True)

    assert token_of(secretary.get(page)) == before
