"""A vote that was entered by mistake is deleted once that is confirmed, with a trace; one that was used stays."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.admin.models import DELETION, LogEntry

from facturation.models import Deliberation, LigneTarif, Prestation, Supplement, Tarif
from tests.clients import Client
from tests.factories import StaffFactory, make_creneaux
from tests.facturation.factures_emises import une_facture
from tests.facturation.grille import make_deliberation, make_tarif, make_tarifs
from tests.reading import html_of

JANVIER = date(2027, 1, 4)


def page_of(vote) -> str:
    return f"/admin/facturation/{vote._meta.model_name}/{vote.pk}/change/"


def delete(client, vote):
    """Press the button, then confirm."""
    return client.agree(page_of(vote), {"geste": "supprimer"})


def press(client, vote):
    """Press a button that another agent's page no longer has."""
    return client.post(page_of(vote), {"geste": "supprimer"}, follow=True)


@pytest.fixture
def tarifs(db) -> dict[str, Tarif]:
    make_creneaux()
    return make_tarifs()


def test_tariff_that_was_never_used_is_deleted_once_confirmed(mairie, tarifs):
    neuf = make_tarif("soir", debut=JANVIER, nom="Soir 2027")
    html = html_of(mairie.get(page_of(neuf)))
    assert '<button class="btn btn--3" name="geste" value="supprimer">Supprimer ce tarif</button>' in html

    asked = html_of(mairie.post(page_of(neuf), {"geste": "supprimer"}))

    assert "Ceci supprime : Soir 2027, à partir du 4 janvier 2027, soir (toutes les écoles), 24 prix." in asked
    assert "Rien n’est encore enregistré. Aucune facture ne s’en est servi." in asked
    assert "plus de tarif" not in asked  # the one before it goes on
    assert Tarif.objects.filter(pk=neuf.pk).exists()
    said = html_of(delete(mairie, neuf))
    assert "Soir 2027, à partir du 4 janvier 2027 : supprimé." in said
    assert set(Tarif.objects.all()) == set(tarifs.values())
    assert LigneTarif.objects.count() == 3 * 24
    trace = LogEntry.objects.get()
    assert (trace.action_flag, trace.object_repr, trace.change_message) == (
        DELETION,
        "Soir 2027, à partir du 4\u00a0janvier 2027",
        "Supprimé sans avoir servi.",
    )


def test_créneau_that_has_no_other_tariff_is_said_before(mairie, tarifs):
    asked = html_of(mairie.post(page_of(tarifs["soir"]), {"geste": "supprimer"}))

    assert "Soir (toutes les écoles) n’aura plus de tarif : aucun mois où un enfant y vient ne pourra être" in asked


def test_tariff_that_an_invoice_used_stays(mairie, lea):
    make_creneaux()
    une_facture(lea)
    used = Tarif.objects.get()
    assert "Supprimer ce tarif" not in html_of(mairie.get(page_of(used)))

    said = html_of(press(mairie, used))

    assert "il a servi à une facture, il ne se supprime pas. Un nouveau le suit." in said
    assert (Tarif.objects.get(), LogEntry.objects.count()) == (used, 0)


def test_supplement_is_deleted_or_stays(mairie, tarifs, lea):
    libre, used = Supplement.objects.order_by("pk")
    une_facture(lea)
    Prestation.objects.update(supplement=used)
    assert "Supprimer ce supplément" in html_of(mairie.get(page_of(libre)))
    assert "Supprimer ce supplément" not in html_of(mairie.get(page_of(used)))

    assert "Supplément, retard : supprimé." in html_of(delete(mairie, libre))
    assert "il a servi à une facture, il ne se supprime pas" in html_of(press(mairie, used))

    assert list(Supplement.objects.all()) == [used]
    assert LogEntry.objects.get().action_flag == DELETION


def test_vote_that_no_price_cites_is_deleted(mairie, tarifs):
    libre, cited = make_deliberation("2027-12"), make_deliberation()
    assert "Supprimer cette délibération" in html_of(mairie.get(page_of(libre)))
    html = html_of(mairie.get(page_of(cited)))
    assert "Supprimer cette délibération" not in html
    assert "Soir, à partir du 1er septembre 2026</a> (Soir (toutes les écoles))" in html

    assert "Délibération n° 2027-12 : supprimée." in html_of(delete(mairie, libre))
    assert "des prix la citent, elle ne se supprime pas" in html_of(press(mairie, cited))

    assert list(Deliberation.objects.all()) == [cited]


def test_vote_is_corrected_until_an_invoice_cites_it(mairie, tarifs, lea):
    cited = make_deliberation()
    data = {"numero": "2026-42", "votee_le": "2026-06-25", "applicable_le": "2026-09-01", "objet": "Garderie"}
    assert "Elle a un prix dès le mardi 1er septembre 2026, avant ce jour." in html_of(
        mairie.post(page_of(cited), data | {"applicable_le": "2026-09-02"})
    )

    assert "Délibération n° 2026-42 : enregistrée." in html_of(mairie.post(page_of(cited), data, follow=True))
    une_facture(lea)
    assert "Une facture la cite : elle ne se change plus." in html_of(mairie.get(page_of(cited)))
    said = html_of(mairie.post(page_of(cited), data | {"numero": "autre"}, follow=True))

    assert "une facture la cite, elle ne se change plus." in said
    cited.refresh_from_db()
    assert (cited.numero, cited.objet) == ("2026-42", "Garderie")


def test_agent_without_the_right_deletes_nothing(tarifs):
    client = Client()
    agent = StaffFactory(is_superuser=False)
    agent.user_permissions.add(*perms("view_tarif", "change_tarif"))
    client.force_login(agent)
    vote = tarifs["soir"]
    assert "Supprimer ce tarif" not in html_of(client.get(page_of(vote)))

    assert client.post(page_of(vote), {"geste": "supprimer"}).status_code == 403

    assert Tarif.objects.count() == 3


def perms(*names):
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(content_type__app_label="facturation", codename__in=names)
