"""The page of one payer, and that of residences: what the town says before a month is priced."""

from __future__ import annotations

from datetime import date

import pytest

from enfance.models import Foyer
from facturation.models import Compte, Partage, Quotient
from facturation.payeurs.comptes import compte_of
from facturation.quotients.ecriture import declarer
from tests.clients import Client
from tests.factories import FoyerFactory, ResponsableFactory
from tests.facturation.factures_emises import emettre, encaisser, make_mois, make_prestation
from tests.facturation.mairie.conftest import DECEMBRE, LUNDI
from tests.facturation.mairie.quotients import known
from tests.facturation.vecu import make_commune
from tests.reading import html_of

RESIDENCES = "/admin/facturation/residences/"


def page_of(responsable):
    return f"/admin/facturation/payeurs/{responsable.foyer_id}/"


@pytest.fixture
def dominique(lea):
    """Léa's other parent, in a foyer of their own."""
    dominique = ResponsableFactory(
        user__first_name="Dominique", user__last_name="Roy", foyer=FoyerFactory(adresse="3 rue du Lac")
    )
    lea.responsabilites.create(responsable=dominique)
    return dominique


def test_family_s_page_leads_to_its_payer(mairie, familles):
    html = html_of(mairie.get(f"/admin/enfance/foyer/{familles['morel'].foyer_id}/famille/"))

    assert f'href="{page_of(familles["morel"])}"' in html
    assert "Factures et quotient" in html


def test_page_says_what_is_known(mairie, familles):
    known(familles["morel"])

    html = html_of(mairie.get(page_of(familles["morel"])))

    for said in (
        "Payeur : Morel",
        "Rien à payer",
        "742",
        "1er décembre 2026",
        "31 janvier 2027",
        "À dire",
        "dans la commune",
    ):
        assert said in html, said


def test_page_leads_to_invoices_and_receipts(mairie, camille, lea):
    make_commune()
    compte = compte_of(camille.foyer)
    facture = emettre(compte, [make_prestation(compte, lea, LUNDI.date(), "midi")], mois=make_mois())
    recu = encaisser(compte, 30, (facture, 30))

    response = mairie.get(page_of(camille))

    html = html_of(response)
    assert f'href="/admin/facturation/facture/{facture.numero}/">{facture.numero}</a>' in html
    assert f'href="/admin/regie/recus/{recu.numero}/">{recu.numero}</a>' in html
    assert 'href="#t-f">Reste à payer : ' in html
    assert mairie.get(f"/admin/facturation/facture/{facture.numero}/").status_code == 200
    assert mairie.get(f"/admin/regie/recus/{recu.numero}/").status_code == 200


def test_credit_is_said_as_a_sum_above_nothing(mairie, camille, lea):
    encaisser(compte_of(camille.foyer), 340)
    html = html_of(mairie.get(page_of(camille)))
    assert 'Crédit de la famille : <b class="m">3,40 €</b>, déduit de sa prochaine facture' in html
    assert "Aucune facture pour l’instant." in html


def test_residence_and_sending_are_saved(mairie, familles, secretaire):
    response = mairie.post(page_of(familles["morel"]), {"residence": "hors", "envoi": "papier"}, follow=True)

    depuis = "La résidence compte dès novembre 2026, le premier mois qui n’est pas arrêté."
    assert f"C’est enregistré. {depuis}" in html_of(response)
    compte = compte_of(familles["morel"].foyer)
    assert (compte.residence, compte.envoi, compte.residence_vue_par) == ("hors", "papier", secretaire)
    again = mairie.post(page_of(familles["morel"]), {"residence": "hors", "envoi": "papier"}, follow=True)
    assert "Rien n’a changé." in html_of(again)


def test_residence_is_asked_for(mairie, familles):
    assert "Dites si ce foyer habite la commune." in html_of(
        mairie.post(page_of(familles["morel"]), {"envoi": "courriel"})
    )


def test_quotient_typed_by_mistake_is_cancelled(mairie, familles):
    quotient = known(familles["morel"])
    autre = known(familles["munoz"])

    response = mairie.post(page_of(familles["morel"]), {"annuler": str(quotient.pk)}, follow=True)
    assert "Le quotient est annulé" in html_of(response)
    mairie.post(page_of(familles["morel"]), {"annuler": str(autre.pk)})

    assert [q.annule_le is None for q in Quotient.objects.order_by("pk")] == [False, True]


def test_quotient_of_one_payer_is_typed_from_its_page(mairie, familles):
    camille = familles["morel"]
    declarer(camille.foyer_id, 742, "caf", DECEMBRE, par=camille.user_id, now=LUNDI)
    adresse = f"/admin/facturation/quotients/?foyer={camille.foyer_id}"

    html = html_of(mairie.get(adresse))
    assert "Un quotient pour Morel" in html
    envoi = {"foyer": camille.foyer_id, "depuis": "", "raison": ""}
    envoi |= {f"{camille.foyer_id}-qf": "742", f"{camille.foyer_id}-vu": "2026-11-30", f"{camille.foyer_id}-src": "caf"}
    response = mairie.post(adresse, envoi)

    assert response["Location"] == page_of(camille)
    assert Quotient.objects.seen().count() == 1


def shares(enfant, ici, la, **dates):
    """What the form of this child sends: the parts of the two foyers."""
    prefix = f"p{enfant.pk}"
    sent = {f"{prefix}-part-{responsable.foyer_id}": part for responsable, part in (ici, la)}
    return {**sent, f"{prefix}-debut": "", f"{prefix}-fin": "", "partager": enfant.pk} | {
        f"{prefix}-{nom}": valeur for nom, valeur in dates.items()
    }


def test_price_is_shared_between_two_payers(mairie, camille, lea, dominique):
    response = mairie.post(
        page_of(camille), shares(lea, (camille, "60"), (dominique, "40"), debut="2026-12-01"), follow=True
    )

    assert "Le prix de Léa est partagé." in html_of(response)
    assert {(p.compte.foyer, p.part, p.debut) for p in Partage.objects.all()} == {
        (camille.foyer, 60, DECEMBRE),
        (dominique.foyer, 40, DECEMBRE),
    }
    assert "À partir du 1er décembre 2026" in html_of(mairie.get(page_of(dominique)))


def test_shares_that_do_not_make_100_are_refused_in_words(mairie, camille, lea, dominique):
    html = html_of(mairie.post(page_of(camille), shares(lea, (camille, "60"), (dominique, "30"))))

    assert "60 % et 30 % font 90 % : les parts d’un enfant font 100 %." in html
    assert 'value="60"' in html
    assert not Partage.objects.exists()


def test_share_ends_when_no_part_is_typed(mairie, camille, lea, dominique):
    mairie.post(page_of(camille), shares(lea, (camille, "60"), (dominique, "40")))
    response = mairie.post(
        page_of(camille), shares(lea, (camille, ""), (dominique, ""), debut="2026-12-01"), follow=True
    )

    assert "Le prix de Léa n’est plus partagé." in html_of(response)
    assert {p.fin for p in Partage.objects.all()} == {date(2026, 11, 30)}


def test_residences_are_confirmed_one_by_one(mairie, familles):
    Foyer.objects.filter(pk=familles["munoz"].foyer_id).update(commune="Valbrune")

    html = html_of(mairie.get(RESIDENCES))
    assert "Dans la commune, d’après l’adresse (1)" in html
    assert "Hors commune, d’après l’adresse (1)" in html
    response = mairie.post(RESIDENCES, {"commune": str(familles["munoz"].foyer_id)}, follow=True)

    assert "1 payeur confirmé : commune." in html_of(response)
    assert Compte.objects.get(foyer=familles["munoz"].foyer).residence == "commune"
    assert "L’adresse dit autre chose (1)" in html_of(response)


def test_all_proposed_alike_are_confirmed_in_one_preview(mairie, familles):
    response = mairie.post(RESIDENCES, {"toutes": "commune"})
    assert "2 payeurs, commune." in html_of(response)
    assert not Compte.objects.exclude(residence="").exists()

    html = html_of(mairie.confirm_preview(response))

    assert "2 payeurs confirmés : commune." in html
    assert "Toutes les résidences sont confirmées." in html


def test_residences_are_searched_and_the_search_stays(mairie, familles):
    response = mairie.post(RESIDENCES, {"cherche": "munoz"})
    assert "munoz" not in response["Location"]

    html = html_of(mairie.get(response["Location"]))
    assert "Muñoz" in html
    assert "Morel" not in html
    assert "Tout confirmer" not in html
    suite = mairie.post(response["Location"], {"hors": str(familles["munoz"].foyer_id)})
    assert suite["Location"] == response["Location"]
    assert Compte.objects.get(foyer=familles["munoz"].foyer).residence == "hors"


def test_search_that_finds_nobody_says_so(mairie, familles):
    response = mairie.post(RESIDENCES, {"cherche": "personne"}, follow=True)
    assert "Aucune famille dont la résidence est à confirmer ne correspond." in html_of(response)


def test_home_counts_those_to_say(mairie, familles):
    assert "payeurs dont la résidence est à dire" in html_of(mairie.get("/admin/"))


def test_parent_opens_neither(familles, camille):
    client = Client()
    client.force_login(camille.user)
    assert client.get(page_of(camille)).status_code == 403
    assert client.get(RESIDENCES).status_code == 403
