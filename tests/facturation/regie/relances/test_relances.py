"""Reminders: proposed at the town's dates, kind, sent once; an invoice put aside."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django_tasks_db.models import DBTaskResult

from facturation.models import Compte, EssaiPaiement, PartPaiement, ReglageFacturation, Relance, SignalementFacture
from facturation.regie.encaissements import annuler, encaisser, rembourser
from facturation.regie.relances.ecriture import mettre_de_cote, rappeler, remettre, reprendre
from facturation.regie.relances.lecture import load_retards
from facturation.regie.relances.tasks import send_rappel
from tests.clients import Client
from tests.factories import FoyerFactory, StaffFactory
from tests.facturation.caisse import JEUDI, make_compte, make_facture, make_mois
from tests.facturation.essais import make_essai
from tests.reading import plain
from tests.temoins import assert_kept, paper_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/regie/relances/"
TODAY = JEUDI.date()


def late(nom, jours, total=4210, **fields):
    """An invoice whose term was this many days ago."""
    return make_facture(make_compte(nom), total, echeance=TODAY - timedelta(days=jours), **fields)


def remind(facture, genre, jours):
    """A reminder of this invoice, sent this many days ago."""
    return Relance.objects.create(facture=facture, genre=genre, faite_le=JEUDI - timedelta(days=jours))


def numeros(dues):
    return [due.numero for due in dues]


def test_reminders_are_proposed_at_the_dates_of_the_town():
    au_sixieme, au_septieme = late("Amrani", 6), late("Martin", 7)
    recente, ancienne = late("Roche", 25), late("Vial", 21)
    remind(recente, "premier", 3)
    remind(ancienne, "premier", 14)
    demain, aujourdhui = late("Delmas", 80), late("Savoie", 60)
    for facture, jours in ((demain, 13), (aujourdhui, 14)):
        remind(facture, "premier", 40)
        remind(facture, "deuxieme", jours)

    retards = load_retards(TODAY)

    assert numeros(retards.premiers) == [au_septieme.numero]
    assert numeros(retards.deuxiemes) == [ancienne.numero]
    assert numeros(retards.tresorerie) == [aujourdhui.numero]
    assert sorted(numeros(retards.plus_tard)) == sorted([au_sixieme.numero, recente.numero, demain.numero])


def test_what_is_paid_is_late_no_more_and_a_part_is_told():
    payee, entamee = late("Amrani", 7), late("Roche", 7, 3390)
    encaisser(payee.compte, "cheque", 4210, par=None, now=JEUDI)
    encaisser(entamee.compte, "especes", 1860, par=None, now=JEUDI)

    (due,) = load_retards(TODAY).premiers

    assert (due.numero, due.paye, due.reste) == (entamee.numero, 1860, 1530)


def test_reminder_leaves_once_by_mail_or_by_letter():
    par_courriel, par_lettre = late("Amrani", 7), late("Vial", 7)
    Compte.objects.filter(pk=par_lettre.compte_id).update(envoi="papier")
    voulus = [par_courriel.numero, par_lettre.numero, "F-2026-9999"]

    bilan = rappeler(voulus, "premier", None, JEUDI)
    encore = rappeler(voulus, "premier", None, JEUDI)

    assert (bilan.courriels, numeros(bilan.lettres), encore.nombre) == (1, [par_lettre.numero], 0)
    (row,) = DBTaskResult.objects.filter(task_path=send_rappel.module_path)
    assert row.args_kwargs["args"][1:] == [par_courriel.pk, "premier"]
    assert Relance.objects.count() == 2


def test_invoice_paid_meanwhile_is_not_reminded_of(mailoutbox):
    facture = late("Amrani", 7)
    encaisser(facture.compte, "cheque", 4210, par=None, now=JEUDI)
    assert rappeler([facture.numero], "premier", None, JEUDI).nombre == 0
    send_rappel.func(facture.compte.foyer.responsables.get().user_id, facture.pk, "premier")
    assert mailoutbox == []


@pytest.mark.parametrize("seule", [True, False], ids=["alone", "with others"])
def test_invoice_that_is_being_paid_is_not_reminded_of(mailoutbox, seule, time_machine):
    payee, autre = late("Amrani", 7), late("Roche", 7)
    premiere = payee if seule else make_facture(payee.compte, 1000)
    essai = make_essai(premiere, montant=5210, demande_le=JEUDI - timedelta(minutes=5))
    if not seule:
        PartPaiement.objects.create(essai=essai, facture=payee, montant=4210)
    time_machine.move_to(JEUDI, tick=False)

    bilan = rappeler([payee.numero, autre.numero], "premier", None, JEUDI)
    assert (bilan.nombre, bilan.ecartees) == (1, [(payee.numero, "un paiement est commencé")])

    args = payee.compte.foyer.responsables.get().user_id, payee.pk, "premier"
    send_rappel.func(*args)
    attend = DBTaskResult.objects.filter(task_path=send_rappel.module_path, run_after=JEUDI + timedelta(minutes=15))
    assert ([row.args_kwargs["args"] for row in attend], mailoutbox) == ([list(args)], [])

    EssaiPaiement.objects.update(etat="abandonne")
    send_rappel.func(*args)
    assert len(mailoutbox) == 1
    assert rappeler([payee.numero], "premier", None, JEUDI).nombre == 1


def test_invoice_that_is_being_paid_is_not_handed_over():
    facture = late("Amrani", 80)
    for genre, jours in (("premier", 40), ("deuxieme", 30)):
        remind(facture, genre, jours)
    make_essai(facture, demande_le=JEUDI)
    assert remettre([facture.numero], None, JEUDI) == []
    EssaiPaiement.objects.update(etat="refuse")
    assert [due.facture for due in remettre([facture.numero], None, JEUDI)] == [facture]


def test_adult_who_has_left_the_home_is_not_reminded_of_its_invoice(mailoutbox):
    facture = late("Amrani", 7)
    adulte = facture.compte.foyer.responsables.get()
    adulte.foyer = FoyerFactory()
    adulte.save()

    send_rappel.func(adulte.user_id, facture.pk, "premier")

    assert mailoutbox == []


def test_mail_is_kind_names_the_ccas_and_keeps_the_child_welcome(mailoutbox, time_machine):
    time_machine.move_to(JEUDI, tick=False)
    ReglageFacturation.objects.create(ccas_telephone="04 65 71 00 42")
    zoe = {"enfants": {"7": {"prenom": "Zoé", "nom": "Amrani", "naissance": "2020-01-01"}}}
    facture = late("Amrani", 7, mois=make_mois(), entete=zoe)

    send_rappel.func(facture.compte.foyer.responsables.get().user_id, facture.pk, "premier")
    send_rappel.func(facture.compte.foyer.responsables.get().user_id, facture.pk, "deuxieme")

    premier, deuxieme = mailoutbox
    assert premier.subject == "Un petit rappel\u00a0: facture de garderie de novembre, 42,10\u202f€"
    corps = " ".join(plain(premier.body).split())
    assert "C’est peut-être un oubli, ou nos messages se croisent" in corps
    assert "42,10 €. En retard : à payer depuis le jeudi 26 novembre." in corps
    assert "ou le CCAS : 04 65 71 00 42. La garderie reste ouverte à Zoé." in corps
    assert deuxieme.subject.startswith("Un deuxième rappel")
    assert "nous trouverons ensemble comment faire" in deuxieme.body


def test_invoice_put_aside_is_left_out_with_its_reason_until_taken_back(mailoutbox):
    facture = late("Amrani", 7)
    assert mettre_de_cote(facture, "échéancier convenu", None, JEUDI)
    assert not mettre_de_cote(facture, "échéancier convenu", None, JEUDI)

    retards = load_retards(TODAY)
    assert (retards.premiers, numeros(retards.de_cote)) == ([], [facture.numero])
    send_rappel.func(facture.compte.foyer.responsables.get().user_id, facture.pk, "premier")
    assert mailoutbox == []
    assert (reprendre(facture), reprendre(facture)) == (True, False)
    assert numeros(load_retards(TODAY).premiers) == [facture.numero]
    with pytest.raises(ValueError, match="reason"):
        mettre_de_cote(facture, " ", None, JEUDI)


def test_invoice_handed_over_is_reminded_of_no_more(mailoutbox):
    facture = late("Delmas", 60)
    remind(facture, "premier", 40)
    remind(facture, "deuxieme", 20)
    assert numeros(remettre([facture.numero], None, JEUDI)) == [facture.numero]
    retards = load_retards(TODAY)
    assert (retards.tresorerie, numeros(retards.remises)) == ([], [facture.numero])
    assert remettre([facture.numero], None, JEUDI) == []
    send_rappel.func(facture.compte.foyer.responsables.get().user_id, facture.pk, "deuxieme")
    assert mailoutbox == []


def test_late_invoices_are_read_in_as_many_queries_whatever_their_number(django_assert_num_queries):
    for nombre in (1, 2, 3):
        late("Amrani", 7)
        if nombre != 2:
            with django_assert_num_queries(6):
                load_retards(TODAY)


# --- The page ---------------------------------------------------------------------------------------------------------


def test_page_proposes_and_shows_what_the_family_will_read(regie):
    facture, autre = late("Amrani", 7), late("Martin", 8, 2575)

    page = regie.get(PAGE, {"lire": facture.numero})

    assert "Premier rappel (2)\u00a0: 67,85\u202f€" in page.text
    assert page.context["lu"].due.numero == facture.numero
    assert "Un petit rappel" in page.text
    assert "2\u00a0e-mails." in page.text
    assert regie.get(PAGE).context["lu"].due.numero == autre.numero
    assert "Rien ici ne ferme la garderie à un enfant" in page.text
    assert "Le format PES V2 viendra" in page.text


@pytest.mark.temoin
def test_one_click_sends_those_that_are_ticked(regie):
    facture, autre = late("Amrani", 7), late("Martin", 7)
    Compte.objects.filter(pk=facture.compte_id).update(envoi="papier")

    page = regie.post(PAGE, {"rappeler": "premier", "factures": [facture.numero]}, follow=True)

    assert "0\u00a0e-mail part" in page.text
    assert "1\u00a0lettre est à imprimer" in page.text
    assert "Lettres du jour" in page.text
    lettres = regie.get(f"{PAGE}lettres/")
    assert_kept(Path(__file__).parent / "temoins" / "rappel.txt", paper_of(lettres))
    assert [due.numero for due, _ in lettres.context["pages"]] == [facture.numero]
    assert numeros(load_retards(TODAY).premiers) == [autre.numero]
    assert "Aucun rappel n’est parti" in regie.post(PAGE, {"rappeler": "premier"}, follow=True).text
    assert regie.get(f"{PAGE}lettres/", {"jour": "hier"}).status_code == 404


def test_what_should_wait_is_said_and_not_ticked(regie):
    signalee, essayee = late("Amrani", 7), late("Martin", 7)
    SignalementFacture.objects.create(facture=signalee, texte="Absente ce jour-là.")
    EssaiPaiement.objects.create(
        facture=essayee,
        compte=essayee.compte,
        numcli="1",
        exer="2026",
        refdet="x",
        objet="x",
        montant=4210,
        saisie="T",
        mel="a@courriel.example",
        etat="a_verifier",
    )
    texte = regie.get(PAGE).text
    assert "une erreur est signalée, sans réponse" in texte
    assert "un paiement est à vérifier" in texte
    assert " checked" not in texte


def test_invoice_is_put_aside_with_a_reason_and_taken_back(regie):
    facture = late("Amrani", 7)
    assert "Écrivez la raison" in regie.post(PAGE, {"de_cote": "1", "numero": facture.numero, "motif": ""}).text
    assert "Aucune facture n’a ce numéro" in regie.post(PAGE, {"de_cote": "1", "numero": "F-1", "motif": "x"}).text

    page = regie.post(PAGE, {"de_cote": "1", "numero": facture.numero, "motif": "échéancier convenu"}, follow=True)
    assert "échéancier convenu" in page.text
    assert "Reprendre" in page.text
    regie.post(PAGE, {"reprendre": facture.numero})
    assert numeros(load_retards(TODAY).premiers) == [facture.numero]


def test_secretary_reads_and_sends_nothing(regie):
    facture = late("Amrani", 7)
    agent = StaffFactory(is_superuser=False)
    agent.groups.add(Group.objects.get(name="Secrétariat"))
    secretaire = Client()
    secretaire.force_login(agent)
    assert "Envoyer les rappels" not in secretaire.get(PAGE).text
    assert secretaire.post(PAGE, {"rappeler": "premier", "factures": [facture.numero]}).status_code == 403


def test_reminders_that_do_not_leave_are_told_with_why(regie):
    parti, payee, remise, de_cote, laisse = (late(nom, 7) for nom in ("Amrani", "Roche", "Vial", "Savoie", "Martin"))
    encaisser(payee.compte, "cheque", 4210, par=None, now=JEUDI)
    remind(remise, "tresorerie", 1)
    mettre_de_cote(de_cote, "échéancier", None, JEUDI)
    voulus = [facture.numero for facture in (parti, payee, remise, de_cote)]

    texte = regie.post(PAGE, {"rappeler": "premier", "factures": [*voulus, "F-2026-9999"]}, follow=True).text

    assert "1\u00a0e-mail part. 1\u00a0autre reste proposé." in texte
    assert (
        f"4\u00a0rappels ne sont pas partis\u00a0: {payee.numero} (payée depuis), "
        f"{remise.numero} (remise à la trésorerie), {de_cote.numero} (mise de côté depuis), "
        "F-2026-9999 (ce numéro n’existe pas)."
    ) in texte
    encore = regie.post(PAGE, {"rappeler": "premier", "factures": [parti.numero]}, follow=True).text
    assert f"{parti.numero} (rappelée déjà)" in encore
    assert numeros(load_retards(TODAY).premiers) == [laisse.numero]


def test_long_list_of_reminders_has_pages_and_only_the_one_shown_leaves(regie):
    compte = make_compte("Amrani")
    factures = [make_facture(compte, 100, echeance=TODAY - timedelta(days=7)) for _ in range(53)]

    premiere, seconde = regie.get(PAGE), regie.get(PAGE, {"premier": "2", "lire": factures[51].numero})

    assert "Premier rappel (53)\u00a0: 53,00\u202f€" in premiere.text
    assert premiere.text.count('name="factures"') == 50
    assert "Seuls partent ceux de cette page, la 1 sur 2." in premiere.text
    assert '<a href="?premier=2">Page suivante' in premiere.text
    assert seconde.text.count('name="factures"') == 3
    assert "Total de cette page" in seconde.text
    assert "3\u00a0e-mails." in seconde.text
    assert seconde.context["lu"].due.numero == factures[51].numero
    assert regie.get(PAGE, {"premier": "x"}).context["envois"][0].page.number == 1


def test_credit_given_back_before_its_cheque_bounced_is_shown(regie):
    compte = make_compte("Vasseur")
    cheque = encaisser(compte, "cheque", 1700, par=None, now=JEUDI)
    rendu = rembourser(compte, 1700, motif="départ", par=None, now=JEUDI)
    assert "Rendu, dû de nouveau" not in regie.get(PAGE).text

    annuler(cheque, "chèque non signé", None, JEUDI)

    page = regie.get(PAGE)
    assert "Rendu, dû de nouveau (1)\u00a0: 17,00\u202f€" in page.text
    assert [(un.numero, un.reste) for un in page.context["rendus"]] == [(rendu.numero, 1700)]
    assert f'href="/admin/regie/?payeur={compte.pk}"' in page.text
    encaisser(compte, "especes", 1700, par=None, now=JEUDI)
    assert "Rendu, dû de nouveau" not in regie.get(PAGE).text
