"""Where the treasury collects: its list claims of each invoice what remains to pay, once."""

import csv
import io
from datetime import date, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry

from facturation.fiche_payeur import load_fiche
from facturation.models import Relance, SignalementFacture
from facturation.papiers.mots import tresorerie
from facturation.payeurs.reports import restes_dus
from facturation.payfip.paiements import PaiementImpossible, commencer
from facturation.regie.encaissements import annuler, encaisser, imputer_credits, rembourser, reporter, verser
from facturation.regie.relances.ecriture import mettre_de_cote, remettre
from facturation.regie.relances.lecture import load_retards
from facturation.regie.relances.tasks import send_rappel
from facturation.regie.relances.tresorerie import lignes_remises, load_remises
from facturation.registres.effacements import avis_of
from facturation.titres.listes import load_titres, remettre_titres
from facturation.verification import verifier
from tests.facturation.caisse import JEUDI, make_compte, make_facture, make_mois
from tests.facturation.essais import make_essai

pytestmark = pytest.mark.django_db
PAGE = "/admin/regie/titres/"
REMETTRE = f"{PAGE}remettre/"
NOVEMBRE = "2026-11"
PLUS_TARD = JEUDI + timedelta(days=30)


@pytest.fixture
def titre(settings):
    settings.ENCAISSEMENT = "titre"


@pytest.fixture
def compte():
    return make_compte("Delmas")


def facture_of(compte, total=5150, **fields):
    payeur = {"payeur": {"nom": "Jeanne Delmas", "adresse": ["4 rue du Four"], "identifiants": ["3816238"]}}
    return make_facture(compte, total, **{"mois": make_mois(), "entete": payeur} | fields)


def receive(compte, montant, now=JEUDI, **fields):
    return encaisser(compte, "cheque", montant, par=None, now=now, **fields)


def claimed(now=PLUS_TARD):
    """What a list of this instant claims, by invoice."""
    codes = {titre.code for titre in load_titres().a_remettre}
    return {titre.facture.numero: titre.montant for titre in remettre_titres(codes, None, now)}


def waiting():
    return {titre.facture.numero: titre.attente for titre in load_titres().attendent}


def paid_whole(compte, facture):
    receive(compte, 5150)


def paid_in_part(compte, facture):
    receive(compte, 3000)


def paid_by_a_credit(compte, facture):
    make_facture(compte, -2000, emise_le=JEUDI - timedelta(days=1))
    imputer_credits([compte.pk], JEUDI)


def corrected_by_an_avoir(compte, facture):
    make_facture(compte, -150, origine=facture)
    imputer_credits([compte.pk], JEUDI)


def cheque_came_back(compte, facture):
    recu = receive(compte, 5150)
    verser(JEUDI.date(), None, JEUDI)
    annuler(recu, "impayé", None, JEUDI, impaye=True)


def handed_over_by_the_regie(compte, facture):
    Relance.objects.create(facture=facture, genre="tresorerie", montant=5150, faite_le=JEUDI)


def handed_over_before_sums_were_kept(compte, facture):
    Relance.objects.create(facture=facture, genre="tresorerie", faite_le=JEUDI)
    receive(compte, 5150)


def carried_to_another_payer(compte, facture):
    autre = make_compte("Henry")
    reporter(compte, autre, None, JEUDI)
    receive(autre, 150)


def left_by_its_family(compte, facture):
    compte.foyer = None
    compte.save()


@pytest.mark.parametrize(
    ("arrive", "reclame"),
    [
        (lambda compte, facture: None, 5150),
        (paid_whole, None),
        (paid_in_part, 2150),
        (paid_by_a_credit, 3150),
        (corrected_by_an_avoir, 5000),
        (cheque_came_back, 5150),
        (handed_over_by_the_regie, None),
        (handed_over_before_sums_were_kept, None),
        (carried_to_another_payer, 5000),
        (left_by_its_family, 5150),
    ],
)
def test_list_claims_what_remains_to_pay_and_once(compte, arrive, reclame):
    facture = facture_of(compte)
    arrive(compte, facture)

    assert claimed() == ({facture.numero: reclame} if reclame else {})
    assert claimed(PLUS_TARD + timedelta(hours=1)) == {}


@pytest.mark.parametrize(
    ("arrive", "ensuite"),
    [(paid_whole, -5150), (paid_in_part, -3000), (corrected_by_an_avoir, -150), (cheque_came_back, None)],
)
def test_what_changes_after_a_list_is_the_next_one(compte, arrive, ensuite):
    facture = facture_of(compte)
    assert claimed(JEUDI) == {facture.numero: 5150}

    arrive(compte, facture)

    assert claimed() == ({facture.numero: ensuite} if ensuite else {})
    assert sum(Relance.objects.values_list("montant", flat=True)) == restes_dus([facture])[facture.pk]


def test_cheque_that_comes_back_after_the_list_is_claimed_on_the_next_one(compte):
    facture = facture_of(compte)
    recu = receive(compte, 3000)
    assert claimed(JEUDI) == {facture.numero: 2150}

    annuler(recu, "impayé", None, JEUDI)

    assert claimed() == {facture.numero: 3000}
    seconde, premiere = load_remises()
    assert [(une.remis, une.reste) for une in (premiere, seconde)] == [(2150, 2150), (3000, 3000)]
    (_, (avant,)), (_, (apres,)) = (lignes_remises(une.cle) for une in (premiere, seconde))
    assert (avant.paye, avant.deja, avant.montant) == (3000, 0, 2150)
    assert (apres.paye, apres.deja, apres.montant) == (0, 2150, 3000)


def test_what_waits_says_why_and_is_claimed_after(compte):
    petite = facture_of(make_compte("Vial"), 5150)
    receive(petite.compte, 4000)
    cote, erreur, en_ligne = facture_of(compte), *(facture_of(make_compte(nom)) for nom in ("Roche", "Amrani"))
    mettre_de_cote(cote, "échéancier", None, JEUDI)
    signalement = SignalementFacture.objects.create(facture=erreur, texte="Il était absent.")
    essai = make_essai(en_ligne)

    assert waiting() == {
        petite.numero: "moins de 15,00\u202f€",
        cote.numero: "de côté, échéancier",
        erreur.numero: "une erreur est signalée, sans réponse",
        en_ligne.numero: "un paiement est à vérifier",
    }
    assert claimed(JEUDI) == {}

    Relance.objects.filter(genre="de_cote").delete()
    signalement.delete()
    essai.delete()
    seconde = facture_of(petite.compte, 350, mois=make_mois(date(2026, 12, 1)))
    assert claimed() == {
        petite.numero: 1150,
        seconde.numero: 350,
        cote.numero: 5150,
        erreur.numero: 5150,
        en_ligne.numero: 5150,
    }


def test_each_payer_of_a_month_is_claimed_their_own(compte):
    autre = make_compte("Roche")
    sienne, la_sienne = facture_of(compte, 3000), facture_of(autre, 2150)
    receive(autre, 150)
    assert claimed() == {sienne.numero: 3000, la_sienne.numero: 2000}


def test_switch_and_back_claims_nothing_twice(compte, settings):
    """régie, titre, régie: reminders, payments on line and the list of unpaid ones leave what the treasury claims."""
    settings.PAYFIP_NUMCLI = "090909"
    en_retard = {"echeance": JEUDI.date() - timedelta(days=70)}
    remise, due = facture_of(compte, **en_retard), facture_of(make_compte("Roche"), **en_retard)
    for facture in (remise, due):
        for genre, jours in (("premier", 60), ("deuxieme", 40)):
            Relance.objects.create(facture=facture, genre=genre, faite_le=JEUDI - timedelta(days=jours))
    remettre([remise.numero], None, JEUDI)

    settings.ENCAISSEMENT = "titre"
    assert claimed() == {due.numero: 5150}
    with pytest.raises(PaiementImpossible):
        commencer(due, "camille@courriel.example", par=None, now=PLUS_TARD)

    settings.ENCAISSEMENT = "regie"
    retards = load_retards(PLUS_TARD.date())
    assert (retards.tresorerie, {un.numero for un in retards.remises}) == ([], {remise.numero, due.numero})
    with pytest.raises(PaiementImpossible, match="La trésorerie recouvre cette facture"):
        commencer(due, "camille@courriel.example", par=None, now=PLUS_TARD)


def test_refund_owed_at_the_switch_is_given_back_or_deducted(compte, titre, regie):
    facture_of(compte, 3000)
    receive(compte, 5000)
    assert claimed(JEUDI) == {}
    page = regie.get(PAGE)
    assert "Delmas" in page.text
    assert "20,00\u202f€" in page.text

    rembourser(compte, 500, motif="départ", par=None, now=JEUDI)
    suivante = facture_of(compte, 4000, mois=make_mois(date(2026, 12, 1)))
    imputer_credits([compte.pk], JEUDI)

    assert claimed() == {suivante.numero: 2500}


def read(client, **query):
    texte = client.get(PAGE, {"format": "csv"} | query).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(texte), delimiter=";"))


def test_page_says_what_is_deducted_and_keeps_the_list(compte, titre, regie):
    facture, payee = facture_of(compte), facture_of(make_compte("Roche"), 3000)
    receive(compte, 2000)
    receive(payee.compte, 3000)
    make_facture(make_compte("Vial"), 1600)

    page = regie.get("/admin/regie/relances/", follow=True)
    (ligne,) = read(regie, mois=NOVEMBRE)

    assert page.redirect_chain == [(PAGE, 302)]
    assert "À remettre à la trésorerie\u00a0: 47,50\u202f€" in page.text
    assert [(un.nom, un.nombre, un.emis, un.paye, un.montant) for un in page.context["mois"]] == [
        ("novembre 2026", 1, 5150, 2000, 3150),
        ("sans mois", 1, 1600, 0, 1600),
    ]
    assert (ligne["Facture"], ligne["Montant"], ligne["Payé ou déduit"], ligne["À réclamer"]) == (
        facture.numero,
        "51,50",
        "20,00",
        "31,50",
    )
    assert regie.get(PAGE, {"format": "csv", "mois": "2026-10"}).status_code == 404

    apercu = regie.post(REMETTRE, {"mois": [NOVEMBRE]}).context["apercu"]
    assert apercu.phrase == "1\u00a0facture, 31,50\u202f€ à réclamer."
    assert apercu.effets[0].texte == "51,50\u202f€ émis, moins 20,00\u202f€ payés ici ou déduits."
    assert not Relance.objects.exists()
    data = {"mois": [NOVEMBRE], "empreinte": apercu.empreinte, "confirmer": "1"}
    dite = regie.post(REMETTRE, data, follow=True)
    assert "1\u00a0facture remise à la trésorerie" in dite.text
    assert "jeudi 3\u00a0décembre 2026" in dite.text
    assert LogEntry.objects.get().change_message == "Liste pour la trésorerie\u00a0: 1\u00a0facture, 31,50\u202f€."
    assert "Rien n’est remis" in regie.post(REMETTRE, data, follow=True).text
    (remise,) = dite.context["remises"]
    fichier = regie.get("/admin/regie/relances/tresorerie/", {"remise": remise.cle, "format": "csv"})
    assert "31,50" in fichier.content.decode("utf-8-sig")


@pytest.mark.parametrize(("page", "reglage"), [(PAGE, "titre"), ("/admin/regie/relances/tresorerie/", "regie")])
def test_file_asks_for_the_password_of_an_old_session(compte, settings, regie, time_machine, page, reglage):
    settings.ENCAISSEMENT = reglage
    facture_of(compte)
    assert regie.get(page, {"format": "pdf", "mois": NOVEMBRE}).status_code == 404
    assert regie.get(page, {"format": "csv", "mois": NOVEMBRE}).status_code == 200

    time_machine.move_to(JEUDI + timedelta(minutes=25), tick=False)

    assert regie.get(page, {"format": "csv", "mois": NOVEMBRE}).url.startswith("/compte/confirmer/?next=")


def test_invoice_that_is_not_put_aside_is_not_taken_back(compte, titre, regie):
    for numero in (facture_of(compte).numero, "F-2026-9999", ""):
        assert "Cette facture n’est pas de côté." in regie.post(PAGE, {"reprendre": numero}, follow=True).text


def test_invoice_put_aside_is_taken_back_where_the_treasury_collects(compte, titre, regie):
    facture = facture_of(compte)
    mettre_de_cote(facture, "échéancier", None, JEUDI)
    assert "de côté, échéancier" in regie.get(PAGE).text

    page = regie.post(PAGE, {"reprendre": facture.numero}, follow=True)

    assert "n’est plus de côté" in page.text
    assert [un.facture for un in load_titres().a_remettre] == [facture]


def test_list_of_titles_is_of_a_town_whose_treasury_collects(regie, compte):
    facture_of(compte)
    assert regie.get(PAGE, follow=True).redirect_chain == [("/admin/regie/relances/", 302)]
    assert regie.post(REMETTRE, {"mois": [NOVEMBRE]}, follow=True).redirect_chain[-1][0] == "/admin/regie/relances/"
    assert not Relance.objects.exists()


def test_list_is_read_in_three_queries_whatever_its_length(compte, django_assert_num_queries):
    for premier in (date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)):
        facture_of(compte, mois=make_mois(premier))
        with django_assert_num_queries(3):  # the invoices, their payers, the adults
            load_titres()


def test_sums_that_the_treasury_was_told_are_counted_again(compte):
    facture = facture_of(compte)
    claimed()
    faux = f"{facture.numero}\u00a0: les listes pour la trésorerie en réclament 51,51\u202f€, pour 51,50\u202f€."
    assert faux not in list(verifier())
    facture.relances.create(genre="tresorerie", montant=1)
    assert faux in list(verifier())


def test_version_before_keeps_the_first_list_of_an_invoice(compte):
    facture = facture_of(compte)
    recu = receive(compte, 3000)
    claimed(JEUDI)
    annuler(recu, "impayé", None, JEUDI)
    claimed()

    import_module("facturation.migrations.0002_keep_what_a_list_for_the_treasury_claims").keep_the_first_list(
        apps, None
    )

    assert list(facture.relances.values_list("montant", "faite_le")) == [(2150, JEUDI)]


def test_what_the_treasury_claims_is_told_apart_at_the_town_hall(compte):
    facture_of(compte)
    claimed(JEUDI)
    facture_of(compte, 2000, mois=make_mois(date(2026, 12, 1)))

    fiche = load_fiche(compte.foyer)

    assert (fiche.solde, fiche.reclame) == (7150, 5150)
    (avis,) = avis_of([compte.pk])
    assert avis.startswith("20,00\u202f€ restent à payer")


def test_reminder_that_waits_does_not_leave_once_the_treasury_collects(compte, titre, mailoutbox):
    facture = facture_of(compte, echeance=JEUDI.date() - timedelta(days=10))
    send_rappel.func(compte.foyer.responsables.get().user_id, facture.pk, "premier")
    assert mailoutbox == []


@pytest.mark.une_fois
@pytest.mark.parametrize(
    ("ecrit", "dit"),
    [
        ("", "le Trésor public"),
        ("Trésorerie de Vinay", "la trésorerie de Vinay"),
        ("trésorerie de la vallée", "la trésorerie de la vallée"),
        ("SGC de Voiron", "le SGC de Voiron"),
        ("Service de gestion comptable de Voiron", "le service de gestion comptable de Voiron"),
        ("DGFiP Isère", "DGFiP Isère"),
    ],
)
def test_who_collects_is_said_with_its_article(ecrit, dit):
    assert tresorerie(ecrit) == dit
