"""The secretary's page of quotients: typed several at once, refused in words with nothing lost, searched."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from facturation.models import Quotient
from facturation.quotients.ecriture import declarer
from tests.clients import Client
from tests.factories import FoyerFactory, ResponsableFactory, make_enfant
from tests.facturation.mairie.conftest import DECEMBRE, LUNDI, NOVEMBRE
from tests.facturation.mairie.quotients import known
from tests.reading import html_of, plain

PAGE = "/admin/facturation/quotients/"


def lines(client, *responsables, **values):
    """What the table sends: an empty line a foyer, and these values (`qf_morel`…) by the rank of the foyer."""
    data = {"foyer": [str(r.foyer_id) for r in responsables], "depuis": "", "raison": ""}
    for rang, responsable in enumerate(responsables):
        data |= {
            f"{responsable.foyer_id}-qf": values.get(f"qf{rang}", ""),
            f"{responsable.foyer_id}-vu": values.get(f"vu{rang}", "2026-11-30"),
            f"{responsable.foyer_id}-src": values.get(f"src{rang}", "caf"),
        }
    return data | {name: value for name, value in values.items() if name in {"depuis", "raison"}}


def test_page_lists_payers_without_quotient_and_from_when_one_counts(mairie, familles):
    html = html_of(mairie.get(PAGE))

    assert "dès le 1er décembre 2026" in html
    assert "Sans quotient, ou attestation à voir (2)" in html
    for said in ("Morel", "Léa", "Muñoz", "Zoé", "jamais reçu"):
        assert said in html


def test_family_with_nothing_to_pay_is_not_asked_for(mairie, camille, lea):
    assert "Toutes les familles à facturer ont leur quotient" in html_of(mairie.get(PAGE))


def test_several_lines_are_saved_at_once(mairie, familles, secretaire):
    response = mairie.post(PAGE, lines(mairie, *familles.values(), qf0="742", qf1="1 140", src1="msa"), follow=True)

    assert "2 quotients enregistrés, à partir du 1er décembre 2026. Chaque famille voit le sien" in html_of(response)
    assert [(q.valeur, q.source, q.debut, q.vu_par) for q in Quotient.objects.order_by("valeur")] == [
        (742, "caf", DECEMBRE, secretaire),
        (1140, "msa", DECEMBRE, secretaire),
    ]
    assert "Connus (2)" in html_of(response)


def test_history_says_that_a_quotient_was_typed_and_never_which(mairie, familles):
    mairie.post(PAGE, lines(mairie, familles["morel"], qf0="74213"))

    entry = LogEntry.objects.get()
    assert entry.object_id == str(familles["morel"].foyer_id)
    assert "1er décembre 2026" in plain(entry.change_message)
    assert "74213" not in entry.change_message + entry.object_repr


@pytest.mark.ci
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"qf1": "beaucoup"}, "Un quotient est un nombre entier"),
        ({"qf1": "742,50"}, "Un quotient est un nombre entier"),
        ({"qf1": "-1"}, "Un quotient est un nombre entier"),
        ({"qf1": "100000"}, "Un quotient est un nombre entier"),
        ({"qf1": "742", "vu1": ""}, "Dites quel jour vous avez vu l’attestation"),
        ({"qf1": "742", "vu1": "2026-12-01"}, "Une attestation se voit aujourd’hui, ou un jour passé"),
        ({"qf1": "742", "depuis": "2026-11-01"}, "Un mois passé se compte avec une raison"),
        ({"qf1": "742", "raison": "oubli"}, "Choisissez le mois passé dont vous dites la raison"),
    ],
)
def test_bad_line_is_said_and_nothing_is_lost(mairie, familles, wrong, said):
    response = mairie.post(PAGE, lines(mairie, *familles.values(), **{"qf0": "655", **wrong}))

    html = html_of(response)
    assert response.status_code == 200
    assert "Rien n’est encore enregistré" in html
    assert said in html
    assert 'value="655"' in html
    assert not Quotient.objects.exists()


def test_month_gone_by_counts_with_its_reason(mairie, familles):
    envoi = lines(mairie, familles["morel"], qf0="742", depuis="2026-11-01", raison="attestation égarée à la mairie")
    mairie.post(PAGE, envoi)

    [quotient] = Quotient.objects.all()
    assert (quotient.debut, quotient.motif) == (NOVEMBRE, "attestation égarée à la mairie")


def test_what_a_family_said_waits_for_its_attestation(mairie, familles):
    camille = familles["morel"]
    declarer(camille.foyer_id, 742, "caf", DECEMBRE, par=camille.user_id, now=LUNDI)

    html = html_of(mairie.get(PAGE))
    assert "<b>742</b>, dit par la famille le 30 novembre 2026, pour le 1er décembre 2026" in html

    mairie.post(PAGE, lines(mairie, camille, qf0="742"))
    assert Quotient.objects.seen().get().valeur == 742


def test_nothing_typed_changes_nothing(mairie, familles):
    response = mairie.post(PAGE, lines(mairie, *familles.values()), follow=True)

    assert "Aucun quotient n’est saisi" in html_of(response)
    assert not Quotient.objects.exists()


def test_search_narrows_both_tables_and_is_not_in_the_address(mairie, familles):
    known(familles["munoz"])
    response = mairie.post(PAGE, {"cherche": "munoz"}, follow=True)

    html = html_of(response)
    assert "munoz" not in response.request["QUERY_STRING"].lower()
    assert "Aucune famille sans quotient ne correspond" in html
    assert "Connus (1)" in html


def test_those_that_end_soon_are_counted_and_listed(mairie, familles):
    known(familles["morel"])
    Quotient.objects.update(fin="2026-12-31")
    known(familles["munoz"])

    assert "1 quotient finit bientôt" in html_of(mairie.get(PAGE))
    html = html_of(mairie.get(f"{PAGE}?finissent"))
    assert "Finissent bientôt (1)" in html


def test_page_is_for_who_may_see_quotients(familles, camille):

    client = Client()
    client.force_login(camille.user)
    assert client.get(reverse("admin:facturation_quotients")).status_code == 403


@pytest.mark.parametrize("combien", [1, 3])
def test_page_reads_the_same_for_one_payer_and_for_three(mairie, inscrire, django_assert_num_queries, combien):

    for rang in range(combien):
        responsable = ResponsableFactory(foyer=FoyerFactory(adresse=f"{rang} rue du Lac"))
        inscrire(make_enfant(responsable), responsable)
        autre = ResponsableFactory(foyer=FoyerFactory(adresse=f"{rang} rue Haute"))
        inscrire(make_enfant(autre), autre)
        known(autre)
    mairie.get(PAGE)
    with django_assert_num_queries(18):
        mairie.get(PAGE)
