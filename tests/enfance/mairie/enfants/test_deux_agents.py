"""Two agents, or two tabs, on one page of the town hall: the second to save writes nothing over the first."""

from datetime import date

import pytest
from django.forms import modelform_factory
from django.urls import reverse

from accounts.site import CHANGED_MEANWHILE, editable
from enfance.models import Creneau, Enfant, Foyer, Garde, Responsable
from portail.empreintes import fingerprint_of
from tests.enfance.mairie.admin.formulaires import form_of, token_of
from tests.enfance.mairie.enfants.fiche import change, confirm, sujet_of
from tests.enfance.mairie.enfants.fiche import opened as opened_subject
from tests.enfance.mairie.enfants.gardes import alternee, etats
from tests.reading import messages_of

pytestmark = pytest.mark.ci


def page_of(obj) -> str:
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])


def opened(client, page) -> dict[str, str]:
    """What a browser holds of this page, and would post unchanged."""
    data = {name: value for name, value in form_of(client, page).items() if value is not False}
    return data | {"_fingerprint": token_of(client.get(page))}


@pytest.mark.parametrize(
    ("model", "first", "second"),
    [
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


def posted(client, address, **changes):
    """The subject as a tab that was opened now would send it."""
    return opened_subject(client, address) | changes


@pytest.mark.parametrize(
    ("sujet", "first", "second"),
    [
        ("identite", {"nom_usage": "Durand"}, {"prenom": "Léna"}),
        ("sante", {"consigne": "Pas d’arachide"}, {"pai": "on"}),
        ("classe", {"niveau": "CE2"}, {"niveau": "CM1"}),
        ("responsables", {"acces-{lien}": "suspendu"}, {"acces-{lien}": "retire"}),
        ("garde", {"rythme": "aucun", "debut": "2026-12-12"}, {"rythme": "aucun", "debut": "2026-12-19"}),
    ],
)
def test_second_tab_is_told_that_the_subject_has_changed(mairie, lea, sujet, first, second):
    address, lien = sujet_of(lea, sujet), lea.responsabilites.get().pk
    first, second = ({nom.format(lien=lien): v for nom, v in champs.items()} for champs in (first, second))
    tab = opened_subject(mairie, address)
    done = mairie.post(address, posted(mairie, address, **first), follow=True)
    if "apercu" in done.context:
        confirm(mairie, done)
    held = snapshot(lea)

    response = mairie.post(address, tab | second)

    assert response.context["form"].non_field_errors() == [CHANGED_MEANWHILE]
    assert snapshot(lea) == held
    form = response.context["form"]
    assert {name: form[name].value() for name in second if name != "pai"} == {
        n: v for n, v in second.items() if n != "pai"
    }
    assert response.context["shown"] == tab["_fingerprint"]  # sent again as it is, it is refused again


def snapshot(lea):
    rows = [lea.scolarites, lea.responsabilites, lea.gardes, lea.personnes_autorisees]
    return [list(Enfant.objects.values()), *(list(row.order_by("pk").values()) for row in rows)]


def test_person_that_has_changed_meanwhile_is_told(mairie, lea):
    personne = lea.personnes_autorisees.create(nom="Odile Morel")
    address = sujet_of(lea, "venir", personne=personne.pk)
    tab = opened_subject(mairie, address)
    mairie.post(address, posted(mairie, address, interdite="on"), follow=True)

    response = mairie.post(address, tab | {"lien": "sa tante"})
    withdrawn = mairie.post(address, tab | {"retirer": "1"})

    assert response.context["form"].non_field_errors() == [CHANGED_MEANWHILE]
    assert withdrawn.context["form"].non_field_errors() == [CHANGED_MEANWHILE]
    assert lea.personnes_autorisees.values_list("interdite", "lien").get() == (True, "")


def test_form_without_what_its_page_showed_is_refused(mairie, lea):
    address = sujet_of(lea, "identite")
    data = opened_subject(mairie, address) | {"prenom": "Léna"}
    del data["_fingerprint"]

    assert mairie.post(address, data).context["form"].non_field_errors() == [CHANGED_MEANWHILE]
    assert Enfant.objects.get().prenom == "Léa"


def test_two_agents_on_two_subjects_are_both_kept(mairie, lea):
    identite, sante = sujet_of(lea, "identite"), sujet_of(lea, "sante")
    tab = opened_subject(mairie, identite)
    mairie.post(sante, posted(mairie, sante, consigne="Pas d’arachide"), follow=True)

    mairie.post(identite, tab | {"nom_usage": "Sorbier"}, follow=True)

    assert Enfant.objects.values_list("nom_usage", "consigne").get() == ("Sorbier", "Pas d’arachide")


def test_page_that_did_not_change_is_saved_and_saved_on(mairie, lea):
    page = page_of(lea.responsables.get())

    response = mairie.post(page, opened(mairie, page) | {"telephone": "06 12 34 56 78", "_continue": "1"}, follow=True)
    again = opened(mairie, page) | {"_fingerprint": token_of(response), "telephone_travail": "0450000000"}
    mairie.post(page, again, follow=True)

    adulte = Responsable.objects.get()
    assert (adulte.telephone, adulte.telephone_travail) == ("06 12 34 56 78", "04 50 00 00 00")


def test_form_with_an_error_keeps_what_it_showed_at_first(mairie, lea):
    address = sujet_of(lea, "identite")
    tab = opened_subject(mairie, address)

    response = mairie.post(address, tab | {"nom": ""})

    assert response.context["shown"] == tab["_fingerprint"]
    mairie.post(address, tab | {"nom_usage": "Sorbier"}, follow=True)
    assert Enfant.objects.get().nom_usage == "Sorbier"


def test_question_asked_carries_what_the_page_showed(mairie, lea, semaines, ailleurs):
    asked = change(mairie, lea, "garde", **alternee(ailleurs.foyer))
    assert "_fingerprint" in dict(asked.context["champs"])

    Garde.objects.update(fin=date(2027, 7, 2))
    refused = confirm(mairie, asked, "annuler")

    assert refused.context["form"].non_field_errors() == [CHANGED_MEANWHILE]
    assert (Garde.objects.count(), {etat for *_, etat in etats()}) == (1, {"inscrit"})

    Garde.objects.update(fin=None)
    assert "Inscriptions annulées par le changement de garde : 1." in messages_of(confirm(mairie, asked, "annuler"))


def test_fingerprint_tells_nothing_of_health(lea, settings):
    """Keyed: whoever holds one cannot find the words by trying some."""
    form = modelform_factory(Enfant, fields=["pai", "consigne"])(instance=lea)
    ours = fingerprint_of(editable(form, []))

    settings.SECRET_KEY = "the key of another town"

    assert fingerprint_of(editable(form, [])) != ours


def test_health_is_no_part_of_what_an_agent_without_the_right_sees(agent_with, lea):
    page, secretary = sujet_of(lea, "identite"), agent_with("view_enfant", "change_enfant")
    before = token_of(secretary.get(page))

    Enfant.objects.update(consigne="Pas d’arachide", pai=True)

    assert token_of(secretary.get(page)) == before
