"""The counter's page: find a payer in one field, receive, and back to the name."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry

from accounts.models import User
from enfance.models import Foyer, Responsable
from facturation.models import Compte, Encaissement, Relance
from facturation.payeurs.comptes import compte_of, restes, soldes
from tests.factories import ResponsableFactory, make_enfant
from tests.facturation.caisse import JEUDI, make_compte, make_facture
from tests.facturation.essais import make_essai
from tests.reading import html_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/regie/"


def look_for(client, texte):
    return client.post(PAGE, {"q": texte}, follow=True)


def send(client, page, **fields):
    """The form of this page, sent back with these fields changed."""
    form = page.context["form"]
    data = {
        "payeur": form["payeur"].value(),
        "cle": form["cle"].value(),
        "factures": sorted(form.numeros),
        "moyen": "cheque",
        "montant": form["montant"].value() or "",
        "reference": "",
        "titres": "",
        "recu_le": "",
    }
    return client.post(PAGE, data | fields, follow=True)


@pytest.mark.parametrize("texte", ["berthet", "Adam", "F-2026-0001", "f20260001", "1", "0001", "3816238"])
def test_payer_is_found_in_one_field_with_what_is_due(regie, berthet, texte):
    make_facture(make_compte("Henry"), 4010)

    page = look_for(regie, texte)

    assert page.context["payeur"].compte == berthet
    assert page.context["form"]["montant"].value() == "50,65"
    assert "Adam (CE1-CE2 Mme Sorbier)" in page.text
    assert '<input class="saisie saisie--m" id="id_montant"' in page.text
    assert texte not in page.redirect_chain[0][0].removeprefix("/admin/regie/?q=") or len(texte) < 3


def test_number_of_an_invoice_proposes_that_one_alone(regie, berthet):
    make_facture(berthet, 2000)
    for texte, montant in (("F-2026-0002", "20,00"), ("2", "20,00"), ("1", "50,65"), ("berthet", "70,65")):
        assert look_for(regie, texte).context["form"]["montant"].value() == montant


def test_date_of_what_is_due_is_said_as_of_today(regie, berthet, time_machine):
    assert "à payer avant le dimanche 20\u00a0décembre" in look_for(regie, "berthet").text

    time_machine.move_to(JEUDI + timedelta(days=18), tick=False)
    regie.force_login(User.objects.get(groups__name="Régie"))

    assert "en retard\u00a0: à payer depuis le dimanche 20\u00a0décembre" in look_for(regie, "berthet").text


def test_several_payers_are_told_apart_and_one_is_chosen(regie, berthet):
    autre = make_compte("Berthet")

    page = look_for(regie, "berthet")

    assert [trouve.compte for trouve in page.context["payeurs"]] == [berthet, autre]
    assert regie.get(f"{PAGE}?payeur={berthet.pk}").context["payeur"].compte == berthet


def test_nobody_is_found(regie):
    assert "Personne ne correspond" in look_for(regie, "zzz").text
    assert "Écrivez un nom" in look_for(regie, " ").text
    assert regie.get(f"{PAGE}?payeur=99").status_code == 404


def test_cheque_makes_a_receipt_and_brings_back_to_the_name(regie, berthet):
    page = send(regie, look_for(regie, "berthet"), reference="3380216")

    recu = Encaissement.objects.get()
    assert page.redirect_chain == [(f"{PAGE}?recu=R-2026-0001", 303)]
    assert (recu.montant, recu.moyen, recu.reference, recu.compte) == (5065, "cheque", "3380216", berthet)
    assert recu.ecrit_par.last_name == "Garnier"
    assert "R-2026-0001" in page.text
    assert 'value="" autocomplete="off" autofocus>' in page.text
    assert soldes([berthet]) == {berthet.pk: 0}


def test_list_of_the_day_has_its_running_total(regie, berthet):
    for montant, moyen in (("10", "especes"), ("5,5", "cheque")):
        send(regie, look_for(regie, "berthet"), montant=montant, moyen=moyen)

    page = regie.get(PAGE)

    assert [ligne.cumul for ligne in page.context["lignes"]] == [1550, 1000]
    assert "jeudi 3\u00a0décembre\u00a0: 15,50\u202f€" in page.text
    assert "Chèques 5,50\u202f€, Espèces 10,00\u202f€" in page.text


def test_invoice_that_is_ticked_is_paid_first(regie, berthet):
    vieille = make_facture(berthet, 2000, emise_le=JEUDI - timedelta(days=30))
    page = look_for(regie, "berthet")
    assert page.context["form"]["montant"].value() == "70,65"

    send(regie, page, factures=["F-2026-0001"], montant="50,65")

    assert restes([vieille]) == {vieille.pk: 2000}


def test_form_that_is_sent_twice_is_one_receipt(regie, berthet):
    page = look_for(regie, "berthet")
    assert send(regie, page).redirect_chain == send(regie, page).redirect_chain
    assert Encaissement.objects.count() == 1
    assert LogEntry.objects.filter(content_type__model="encaissement").count() == 1


def test_same_cheque_typed_again_is_asked_about_first(regie, berthet):
    send(regie, look_for(regie, "berthet"), montant="50,65", reference="3380216")
    page = look_for(regie, "berthet")

    relue = send(regie, page, montant="50,65", reference="3380216")

    dit = html_of(relue)
    assert "Déjà encaissé, même somme et même numéro : le reçu R-2026-0001, jeudi 3 décembre à 10 h 12." in dit
    assert Encaissement.objects.count() == 1
    send(regie, relue, montant="50,65", reference="3380217")
    assert Encaissement.objects.count() == 2
    relue = send(regie, look_for(regie, "berthet"), montant="50,65", reference="3380217")
    send(regie, relue, montant="50,65", reference="3380217", relu="on")
    assert Encaissement.objects.count() == 3


def test_cheque_of_another_payer_is_asked_about_and_a_transfer_is_not(regie, berthet):
    make_facture(make_compte("Morel", foyer=ResponsableFactory(user__last_name="Morel").foyer), 2000)
    send(regie, look_for(regie, "berthet"), montant="20", reference="3380216")

    dit = html_of(send(regie, look_for(regie, "morel"), montant="20", reference="3380216"))

    assert (
        "Déjà encaissé, même somme et même numéro : "
        "le reçu R-2026-0001 de Camille Berthet et Camille Berthet-Roux, jeudi 3 décembre" in dit
    )
    assert Encaissement.objects.count() == 1
    for nom in ("berthet", "morel"):
        send(regie, look_for(regie, nom), moyen="virement", montant="20", reference="GARDERIE")
    assert Encaissement.objects.count() == 3


def test_form_of_a_large_sum_that_is_sent_twice_is_one_receipt(regie, berthet):
    page = look_for(regie, "berthet")
    assert send(regie, page, montant="150").redirect_chain == send(regie, page, montant="150").redirect_chain
    assert Encaissement.objects.count() == 1


def test_form_that_served_for_another_sum_is_refused(regie, berthet):
    page = look_for(regie, "berthet")
    send(regie, page)
    assert "a déjà fait le reçu R-2026-0001" in send(regie, page, montant="12").text
    assert Encaissement.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "phrase"),
    [
        ({"montant": "douze"}, "Écrivez une somme en euros"),
        ({"montant": ""}, "Écrivez la somme reçue"),
        ({"montant": "0"}, "plus grande que zéro"),
        ({"montant": "200000"}, "de 0,01"),
        ({"moyen": "cesu"}, "combien de titres CESU"),
        ({"moyen": "remboursement"}, "Sélectionnez un choix valide"),
        ({"recu_le": "2027-01-01"}, "un jour passé"),
        ({"reference": "55\u202e12"}, "signe invisible"),
    ],
)
def test_bad_input_says_why_and_keeps_what_was_typed(regie, berthet, fields, phrase):
    page = send(regie, look_for(regie, "berthet"), **{"reference": "5512007", **fields})

    assert phrase in page.text
    assert page.context["form"]["reference"].value() == fields.get("reference", "5512007")
    assert not Encaissement.objects.exists()


def test_transfer_has_the_day_of_the_bank_statement(regie, berthet):
    send(regie, look_for(regie, "berthet"), moyen="virement", recu_le="2026-12-01")
    recu = Encaissement.objects.get()
    assert (recu.recu_le.date().isoformat(), recu.ecrit_le) == ("2026-12-01", JEUDI)


def test_town_whose_treasury_collects_has_no_counter(regie, settings, berthet):
    settings.ENCAISSEMENT = "titre"
    page = regie.get(PAGE, follow=True)
    assert "La trésorerie encaisse" in page.text
    assert "Nouvel encaissement" not in page.text
    assert regie.post(PAGE, {"payeur": berthet.pk}).status_code == 302
    assert not Encaissement.objects.exists()


def test_page_has_as_many_queries_with_one_receipt_as_with_three(regie, django_assert_num_queries):
    compte = make_compte()
    for rang in (1, 2, 3):
        make_facture(compte, 2000)
        send(regie, look_for(regie, "morel"))
        make_facture(compte, 2000)
        if rang != 2:
            with django_assert_num_queries(20):
                look_for(regie, "morel")


def test_map_of_the_site_leads_to_the_pages_and_the_guide(regie):
    texte = regie.get("/plan-du-site/").text
    for adresse in (PAGE, "/admin/regie/journal/", "/admin/regie/relances/", "/aide/regie/"):
        assert f'href="{adresse}"' in texte
    assert "la régie, pas à pas" in regie.get("/aide/regie/").text.lower()


def test_sum_far_above_what_is_owed_is_read_again(regie, berthet):
    page = look_for(regie, "berthet")

    relue = send(regie, page, montant="3050,65")

    assert not Encaissement.objects.exists()
    dit = html_of(relue)
    assert "Vous avez écrit 3 050,65 €, et 50,65 € sont dus : corrigez, ou cochez la case." in dit
    assert '<input type="checkbox" name="relu" value="on">' in relue.text

    send(regie, relue, montant="3050,65", relu="on")
    assert Encaissement.objects.get().montant == 305_065


def test_payment_of_several_months_at_once_is_not_questioned(regie, berthet):
    send(regie, look_for(regie, "berthet"), montant="150")
    assert Encaissement.objects.get().montant == 15_000


@pytest.mark.parametrize(
    ("fields", "phrase"),
    [
        ({}, "Un paiement en ligne de 50,65 €, pour la facture F-2026-0001, est en cours depuis 9 h 54."),
        ({"demande_le": JEUDI - timedelta(days=1)}, "est en cours depuis mercredi 2 décembre à 10 h 12."),
        ({"etat": "a_verifier"}, "est à vérifier : commencé jeudi 3 décembre à 9 h 54."),
    ],
)
def test_payment_on_line_that_runs_is_said_at_the_counter(regie, berthet, fields, phrase):
    facture = berthet.factures.get()
    make_essai(facture, **{"demande_le": JEUDI - timedelta(minutes=18), **fields})

    page = look_for(regie, "berthet")

    assert phrase in html_of(page)
    assert "demandez à la famille avant d’encaisser" in send(regie, page, montant="douze").text


def hand_over(facture):
    return Relance.objects.create(facture=facture, genre="tresorerie", faite_le=JEUDI - timedelta(days=2))


def test_invoice_handed_over_to_the_treasury_is_received_once_it_is_confirmed(regie, berthet):
    hand_over(berthet.factures.get())
    page = look_for(regie, "berthet")
    assert "remise à la trésorerie le mardi 1er\u00a0décembre" in page.text

    refusee = send(regie, page, reference="12")
    assert "La trésorerie recouvre F-2026-0001" in refusee.text
    assert (refusee.context["form"]["reference"].value(), Encaissement.objects.count()) == ("12", 0)
    recue = send(regie, refusee, tresorerie="on")

    assert Encaissement.objects.get().montant == 5065
    assert "Prévenez la trésorerie" in recue.text
    assert "Prévenez" not in regie.get(f"{PAGE}?recu=R-2026-0002").text


def test_invoice_handed_over_is_neither_proposed_nor_paid_by_what_is_too_much(regie, berthet):
    remise = berthet.factures.get()
    hand_over(remise)
    autre = make_facture(berthet, 2000)
    page = look_for(regie, "berthet")
    assert (page.context["form"]["montant"].value(), page.context["form"].numeros) == ("20,00", {autre.numero})

    assert "La trésorerie recouvre F-2026-0001" in send(regie, page, montant="20,01").text
    assert "Prévenez" not in send(regie, page).text

    assert restes([remise, autre]) == {remise.pk: 5065, autre.pk: 0}


@pytest.mark.parametrize("etat", ["refuse", "abandonne", "perime"])
def test_payment_on_line_that_is_over_is_not_said(regie, berthet, etat):
    make_essai(berthet.factures.get(), etat=etat)
    assert "paiement en ligne" not in look_for(regie, "berthet").text


def test_homonyms_are_told_apart_by_their_first_names(regie):
    foyers = [make_compte("Fournier", user__first_name=prenom) for prenom in ("Sébastien", "Julie")]

    page = look_for(regie, "fournier")

    assert [trouve.nom for trouve in page.context["payeurs"]] == ["Julie Fournier", "Sébastien Fournier"]
    assert "Julie Fournier</a>" in page.text
    assert "Sébastien Fournier" in regie.get(f"{PAGE}?payeur={foyers[0].pk}").text


def test_who_bears_the_name_comes_before_who_is_found_otherwise(regie, berthet):
    jacquet = ResponsableFactory(user__first_name="Amina", user__last_name="Jacquet")
    make_enfant(jacquet, prenom="Raphaël", nom="Fournier")
    make_facture(compte_of(jacquet.foyer), 3780)
    make_facture(make_compte("Fournieret"), 1000)
    make_compte("Fournier", user__first_name="Julie")

    page = look_for(regie, "fournier")

    assert [(trouve.nom, trouve.raison) for trouve in page.context["payeurs"]] == [
        ("Julie Fournier", ""),
        ("Camille Fournieret", ""),
        ("Amina Jacquet", "par le nom de famille de Raphaël"),
    ]
    assert "par le nom de famille de Raphaël" in page.text


@pytest.mark.parametrize(
    ("texte", "raison"),
    [
        ("berthet", ""),
        ("camille berthet", ""),
        ("adam", "par l’enfant Adam"),
        ("Adam Berthet", "par l’enfant Adam"),
        ("3816238", "par l’identifiant 3816238"),
        ("1", "par la facture F-2026-0001"),
        ("F-2026-0001", "par la facture F-2026-0001"),
        ("061234", "par le téléphone"),
        ("camille.b@", "par l’e-mail"),
    ],
)
def test_match_by_something_else_says_why(regie, berthet, texte, raison):
    Responsable.objects.filter(foyer=berthet.foyer).update(telephone="0612345678")
    User.objects.filter(identifiant="3816238").update(email="camille.b@example.org")

    page = look_for(regie, texte)

    assert page.context["payeur"].raison == raison
    assert raison in page.text


def test_line_of_two_adults_is_not_found_by_an_e_mail(regie, berthet):
    ResponsableFactory(foyer=berthet.foyer, user__first_name="Guillaume", user__last_name="Noir")

    page = look_for(regie, "Camille BERTHET et Guillaume NOIR")

    assert page.context["payeur"].raison == ""
    assert "Trouvé par" not in page.text


def test_bearers_of_a_name_are_there_however_many_others_are_found(regie):
    for _ in range(21):
        make_enfant(ResponsableFactory(user__last_name="Muñoz"), prenom="Zoé", nom="Fabre")
    Compte.objects.bulk_create([Compte(foyer=foyer) for foyer in Foyer.objects.all()])
    make_compte("Fabre", user__first_name="Anna")

    assert look_for(regie, "fabre").context["payeurs"][0].nom == "Anna Fabre"


def test_nothing_due_is_said_of_anybody(regie):
    page = regie.get(f"{PAGE}?payeur={make_compte().pk}")
    assert "Ce qu’il" not in page.text
    assert "Ce qui est versé sera un crédit" in page.text


# --- What is asked again ----------------------------------------------------------------------------------------------


def test_much_cash_is_asked_again_and_nothing_typed_is_lost(regie):
    compte = make_compte("Vial")
    make_facture(compte, 90_000)
    page = look_for(regie, "vial")

    relue = send(regie, page, moyen="especes", montant="900", reference="enveloppe")

    dit = html_of(relue)
    assert "Au-delà de 300,00 €, la trésorerie refuse des espèces (code général des impôts, article 1680) :" in dit
    assert not Encaissement.objects.exists()
    form = relue.context["form"]
    assert [form[nom].value() for nom in ("moyen", "montant", "reference")] == ["especes", "900", "enveloppe"]
    send(regie, relue, moyen="especes", montant="900", relu="on")
    assert Encaissement.objects.get().montant == 90_000


@pytest.mark.parametrize(("moyen", "montant"), [("especes", "300"), ("cheque", "900")])
def test_less_cash_or_a_cheque_is_not_questioned(regie, moyen, montant):
    make_facture(make_compte("Vial"), 90_000)
    send(regie, look_for(regie, "vial"), moyen=moyen, montant=montant)
    assert Encaissement.objects.count() == 1


@pytest.mark.parametrize(
    ("recu_le", "il_y_a"),
    [("2026-02-06", "C’était le vendredi 6 février 2026, il y a 300 jours"), ("2025-12-31", "il y a 337 jours")],
)
def test_old_day_is_asked_again(regie, berthet, recu_le, il_y_a):
    relue = send(regie, look_for(regie, "berthet"), moyen="virement", recu_le=recu_le)

    assert il_y_a in html_of(relue)
    assert relue.context["form"]["recu_le"].value() == recu_le
    assert not Encaissement.objects.exists()
    send(regie, relue, moyen="virement", recu_le=recu_le, relu="on")
    assert Encaissement.objects.get().recu_le.date().isoformat() == recu_le


def test_day_of_the_year_before_is_asked_again_though_it_is_near(regie, berthet, time_machine):
    time_machine.move_to(JEUDI + timedelta(days=33), tick=False)
    regie.force_login(User.objects.get(groups__name="Régie"))
    relue = send(regie, look_for(regie, "berthet"), moyen="virement", recu_le="2026-12-28")
    assert "il y a 8 jours" in html_of(relue)


def test_day_of_this_year_within_two_months_is_not_questioned(regie, berthet):
    send(regie, look_for(regie, "berthet"), moyen="virement", recu_le="2026-10-04")
    assert Encaissement.objects.count() == 1


@pytest.mark.parametrize(("part", "gardee"), [("20", 2000), ("0", 0), ("", None), ("50,65", 5065)])
def test_part_that_the_family_paid_of_its_cesu_is_kept(regie, berthet, part, gardee):
    send(regie, look_for(regie, "berthet"), moyen="cesu", titres="5", part_famille=part)
    assert Encaissement.objects.get().part_famille == gardee


@pytest.mark.parametrize("part", ["50,66", "-1", "tout"])
def test_part_of_the_family_that_cannot_be_is_said(regie, berthet, part):
    page = send(regie, look_for(regie, "berthet"), moyen="cesu", titres="5", part_famille=part)
    assert page.context["form"].errors["part_famille"]
    assert page.context["form"]["part_famille"].value() == part
    assert not Encaissement.objects.exists()


def test_part_of_the_family_is_nothing_of_a_cheque(regie, berthet):
    send(regie, look_for(regie, "berthet"), part_famille="20")
    assert Encaissement.objects.get().part_famille is None
