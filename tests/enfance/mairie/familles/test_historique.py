"""The history of a family: who changed what, from what to what (ADM-04)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.forms import modelform_factory
from django.urls import reverse
from django.utils import timezone

from accounts import addresses, mailings
from accounts.log import FieldChange, changes_of, read_changes
from accounts.models import Mailing
from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.familles.historique import PAGE, load_traces
from enfance.models import Enfant, Foyer, PersonneAutorisee
from enfance.regles import Acteur, Cle
from tests.enfance.mairie.conftest import LUNDI
from tests.factories import ResponsableFactory, make_enfant
from tests.reading import plain, words_of


def page_of(foyer: Foyer) -> str:
    return reverse("admin:enfance_foyer_historique", args=[foyer.pk])


def change(client, url: str, **fields):
    """Send a page of the admin as it stands, but for these fields."""
    page = client.get(url)
    form = page.context["adminform"].form
    data = {form.add_prefix(name): form[name].value() or "" for name in form.fields}
    for inline in page.context["inline_admin_formsets"]:
        management = inline.formset.management_form
        data |= {management.add_prefix(name): management[name].value() for name in management.fields}
    response = client.post(url, data | fields)
    assert response.status_code == 302, response.context["errors"]


def test_telephone_says_from_what_to_what(mairie, inscription):
    foyer = Foyer.objects.get()
    adresse = foyer.adresse
    change(mairie, reverse("admin:enfance_foyer_change", args=[foyer.pk]), adresse="3 rue du Lac")

    page = plain(mairie.get(page_of(foyer)).text)

    assert f"<del>{adresse}</del> à <ins>3 rue du Lac</ins>" in page
    assert read_changes(LogEntry.objects.get()) == [("", FieldChange("Adresse", adresse, "3 rue du Lac"))]


def test_health_says_that_it_changed_and_never_what(inscription):
    sante = modelform_factory(Enfant, fields=["pai", "consigne"])
    form = sante({"pai": "on", "consigne": "arachide"}, instance=inscription.enfant)
    assert form.is_valid()

    assert [(c.before, c.after) for c in changes_of(form)] == [(None, None), (None, None)]


def test_everything_of_a_family_is_in_one_place_latest_first(mairie, inscription, agente):
    foyer, now = Foyer.objects.get(), timezone.now()
    parent = foyer.responsables.get()
    cle = Cle(inscription.enfant_id, LUNDI, "soir")
    enregistrer([Changement(cle, "annulee")], Acteur.mairie(agente.pk, "appel de la mère"), now=now)
    mailings.open_mailing(Mailing.Mail.CREDENTIALS, [parent.user], recipients="CP", by=agente.pk, now=now)
    PersonneAutorisee.objects.create(
        enfant=inscription.enfant, nom="Rose Martin", lien="voisine", ajoutee_par=parent.user, ajoutee_le=now
    )
    change(mairie, reverse("admin:enfance_foyer_change", args=[foyer.pk]), adresse="3 rue du Lac")

    traces, suite = load_traces(foyer)
    said = plain(" / ".join(ligne for trace in traces for ligne in trace.lignes))

    assert suite is None
    assert [trace.quand for trace in traces] == sorted((trace.quand for trace in traces), reverse=True)
    assert "soir retiré, lundi 7" in said
    assert "Motif : appel de la mère" in said
    assert "Identifiants : CP" in said
    assert "Peut venir chercher Léa : Rose Martin, ajoutée" in said
    assert any(changes for changes in (trace.changements for trace in traces))


def test_another_family_is_not_in_it(mairie, inscription):
    autre = ResponsableFactory().foyer

    traces, _ = load_traces(autre)

    assert traces == []
    assert "Rien n’a encore été fait" in mairie.get(page_of(autre)).text


def test_older_things_are_one_link_further(mairie, inscription, agente):
    foyer = Foyer.objects.get()
    content = {"action_flag": 2, "object_repr": "foyer", "user": agente, "object_id": foyer.pk}
    for minute in range(PAGE + 5):
        LogEntry.objects.create(
            **content,
            content_type=ContentType.objects.get_for_model(foyer),
            change_message=f"Geste {minute}.",
            action_time=timezone.now() + timedelta(minutes=minute + 1),
        )

    first = mairie.get(page_of(foyer))
    older = mairie.get(page_of(foyer), {"avant": first.context["suite"]})

    assert len(first.context["traces"]) == PAGE
    assert "Geste 4." in older.text
    assert "Geste 5." not in older.text


def test_what_was_done_at_one_instant_is_not_cut_between_two_pages(lea, agente):
    foyer = lea.responsables.get().foyer
    content = {"action_flag": 2, "object_repr": "foyer", "user": agente, "object_id": foyer.pk}
    now, kind = timezone.now(), ContentType.objects.get_for_model(foyer)
    for rang in range(PAGE + 4):
        minute = max(rang, 6)  # the seven oldest at one instant, which the end of the page would cut
        LogEntry.objects.create(
            **content, content_type=kind, change_message=f"Geste {rang}.", action_time=now + timedelta(minutes=minute)
        )

    page, suite = load_traces(foyer)
    reste, fin = load_traces(foyer, avant=suite)

    assert (len(page), len(reste), fin) == (PAGE - 3, 7, None)
    assert len({ligne for trace in [*page, *reste] for ligne in trace.lignes}) == PAGE + 4


def test_more_at_one_instant_than_a_page_holds_goes_on(lea, agente):
    foyer = lea.responsables.get().foyer
    content = {"action_flag": 2, "object_repr": "foyer", "user": agente, "object_id": foyer.pk}
    now, kind = timezone.now(), ContentType.objects.get_for_model(foyer)
    for _ in range(PAGE + 3):
        LogEntry.objects.create(**content, content_type=kind, change_message="Geste.", action_time=now)

    _, suite = load_traces(foyer)

    assert load_traces(foyer, avant=suite) == ([], None)


def test_long_series_of_days_opens_on_its_days(mairie, lea, creneaux, agente):
    lundis = [LUNDI + timedelta(weeks=n) for n in range(30)]
    cles = [Cle(lea.pk, jour, "soir") for jour in lundis]
    acteur = Acteur.mairie(agente.pk, "appel")
    enregistrer([Changement(cle, "inscrit") for cle in cles], acteur, now=timezone.now())

    page = words_of(mairie.get(page_of(lea.responsables.get().foyer)))

    assert re.search(r"Léa : soir ajouté, \d+ jours du lundi 7 décembre au \S+ \d+ \S+ lundis 7 et 14 décembre", page)


def test_link_further_leads_to_what_is_older_of_every_source(inscription, agente):
    enfant, foyer, now = inscription.enfant, Foyer.objects.get(), timezone.now()
    parent = foyer.responsables.get()
    for quand, mot in [(now - timedelta(days=1), "avant"), (now, "après")]:
        etat = "annulee" if mot == "avant" else "inscrit"
        enregistrer([Changement(Cle(enfant.pk, LUNDI, "soir"), etat)], Acteur.mairie(agente.pk, mot), now=quand)
        mailings.open_mailing(Mailing.Mail.CREDENTIALS, [parent.user], recipients=mot, by=agente.pk, now=quand)
        addresses.ask(parent.user, f"{mot.replace('è', 'e')}@courriel.example", now=quand)
        enfant.personnes_autorisees.create(nom=f"Rose {mot}", ajoutee_par=parent.user, ajoutee_le=quand)

    traces, _ = load_traces(foyer, avant=now)

    said = [str((trace.lignes, trace.changements)) for trace in traces]
    assert len(said) == 4
    assert not [trace for trace in traces if trace.quand == now]


def test_persons_that_the_town_hall_noted_are_in_its_own_entries_alone(lea, agente):
    lea.personnes_autorisees.create(nom="Rose Martin", ajoutee_par=agente, ajoutee_le=timezone.now())

    assert load_traces(Foyer.objects.get()) == ([], None)


def test_save_of_several_families_tells_each_of_its_own_children(lea, creneaux, agente):
    tom = make_enfant(ResponsableFactory(foyer__adresse="3 rue du Lac"), prenom="Tom")
    cles = [Cle(enfant.pk, LUNDI, "soir") for enfant in (lea, tom)]
    enregistrer([Changement(cle, "inscrit") for cle in cles], Acteur.mairie(agente.pk, "sortie"), now=timezone.now())

    [trace], _ = load_traces(lea.responsables.get().foyer)

    assert [plain(ligne) for ligne in trace.lignes] == ["Léa : soir ajouté, lundi 7", "Motif : sortie"]


@pytest.mark.parametrize("avant", ["hier", "2026-13-01T00:00:00Z", "2026-12-01T00:00:00"])
def test_address_that_is_no_instant_is_not_found(mairie, inscription, avant):
    assert mairie.get(page_of(Foyer.objects.get()), {"avant": avant}).status_code == 404


def test_rights_of_the_page_are_three(agent_with, inscription):
    client = agent_with("view_foyer", "view_evenement")

    assert client.get(page_of(Foyer.objects.get())).status_code == 403
