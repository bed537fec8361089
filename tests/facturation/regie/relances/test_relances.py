"""Reminders: proposed at the town's dates, kind, sent once; an invoice put aside."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.utils.module_loading import import_string
from django_tasks_db.models import DBTaskResult

from enfance.mairie.doubles.fusions import reunir_foyers
from facturation.models import Compte, EssaiPaiement, PartPaiement, ReglageFacturation, Relance, SignalementFacture
from facturation.regie.encaissements import annuler, encaisser, rembourser
from facturation.regie.relances.ecriture import mettre_de_cote, rappeler, remettre, reprendre
from facturation.regie.relances.lecture import count_retards, load_retards
from facturation.regie.relances.tasks import send_rappel
from tests.clients import Client
from tests.factories import FoyerFactory, StaffFactory
from tests.facturation.caisse import JEUDI, make_compte, make_facture, make_mois
from tests.facturation.essais import make_essai
from tests.reading import html_of, plain
from tests.temoins import assert_kept, paper_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/regie/relances/"
ENVOYER = f"{PAGE}envoyer/"
TODAY = JEUDI.date()


def late(nom, jours, total=4210, **fields):
    """An invoice whose term was this many days ago."""
    return make_facture(make_compte(nom), total, echeance=TODAY - timedelta(days=jours), **fields)


def remind(facture, genre, jours):
    """A reminder of this invoice, sent this many days ago."""
    return Relance.objects.create(facture=facture, genre=genre, faite_le=JEUDI - timedelta(days=jours))


def numeros(dues):
    return [due.numero for due in dues]


def told(rappels):
    """The invoices of each reminder."""
    return [numeros(rappel.dues) for rappel in rappels]


def payeurs(*factures):
    return [facture.compte_id for facture in factures]


def as_secretaire():
    agent = StaffFactory(is_superuser=False)
    agent.groups.add(Group.objects.get(name="Secrétariat"))
    client = Client()
    client.force_login(agent)
    return client


def send(client, genre, *cles):
    """Tick these payers, read the preview, confirm it."""
    apercu = client.post(ENVOYER, {"rappeler": genre, "payeurs": cles})
    empreinte = apercu.context["apercu"].empreinte
    envoi = {"rappeler": genre, "payeurs": cles, "confirmer": "1", "empreinte": empreinte}
    return client.post(ENVOYER, envoi, follow=True)


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

    assert told(retards.premiers) == [[au_septieme.numero]]
    assert told(retards.deuxiemes) == [[ancienne.numero]]
    assert numeros(retards.tresorerie) == [aujourdhui.numero]
    assert sorted(numeros(retards.plus_tard)) == sorted([au_sixieme.numero, recente.numero, demain.numero])


def test_what_is_paid_is_late_no_more_and_a_part_is_told():
    payee, entamee = late("Amrani", 7), late("Roche", 7, 3390)
    encaisser(payee.compte, "cheque", 4210, par=None, now=JEUDI)
    encaisser(entamee.compte, "especes", 1860, par=None, now=JEUDI)

    (rappel,) = load_retards(TODAY).premiers
    (due,) = rappel.dues

    assert (due.numero, due.paye, due.reste) == (entamee.numero, 1860, 1530)


def test_payer_has_one_reminder_of_all_the_invoices_whose_day_has_come():
    juin = late("Roche", 100, 4255)
    octobre = make_facture(juin.compte, 2210, echeance=TODAY - timedelta(days=9))
    make_facture(juin.compte, 1820, echeance=TODAY - timedelta(days=3))  # its day has not come
    autre = late("Amrani", 7)

    assert told(load_retards(TODAY).premiers) == [[juin.numero, octobre.numero], [autre.numero]]
    assert count_retards(TODAY) == {"premier": 2, "deuxieme": 0, "tresorerie": 0}


def test_payer_who_is_due_both_reminders_has_one_the_second():
    ancienne = late("Roche", 30)
    remind(ancienne, "premier", 20)
    nouvelle = make_facture(ancienne.compte, 1820, echeance=TODAY - timedelta(days=8))

    retards = load_retards(TODAY)
    bilan = rappeler(payeurs(ancienne), "deuxieme", None, JEUDI)

    assert (retards.premiers, told(retards.deuxiemes)) == ([], [[ancienne.numero, nouvelle.numero]])
    assert bilan.courriels == 1
    faites = Relance.objects.filter(faite_le=JEUDI).values_list("facture", "genre")
    assert sorted(faites) == sorted([(ancienne.pk, "deuxieme"), (nouvelle.pk, "premier")])


def test_payer_who_owes_less_than_the_sum_of_the_town_has_no_reminder():
    petite, autre = late("Bailly", 30, 95), late("Lefort", 30, 1499)
    assert told(load_retards(TODAY).sous_minimum) == [[petite.numero], [autre.numero]]

    bilan = rappeler(payeurs(petite), "premier", None, JEUDI)
    assert (bilan.rappels, bilan.ecartes) == ([], [("Camille Bailly", "moins de 15,00\u202f€")])

    seconde = make_facture(petite.compte, 1405, echeance=TODAY - timedelta(days=7))
    assert told(load_retards(TODAY).premiers) == [[petite.numero, seconde.numero]]
    ReglageFacturation.objects.create(rappel_minimum=0)
    assert load_retards(TODAY).sous_minimum == []


def test_foyers_made_one_have_one_reminder():
    partie, reste = late("Roche", 8), late("Roche", 9)
    reunir_foyers(reste.compte.foyer_id, partie.compte.foyer_id, {})

    (rappel,) = load_retards(TODAY).premiers

    assert (rappel.payeur, numeros(rappel.dues)) == (reste.compte, [reste.numero, partie.numero])
    assert rappeler([reste.compte_id], "premier", None, JEUDI).courriels == 1


def test_reminder_leaves_once_by_mail_or_by_letter():
    par_courriel, par_lettre = late("Amrani", 7), late("Vial", 7)
    seconde = make_facture(par_courriel.compte, 2000, echeance=TODAY - timedelta(days=7))
    Compte.objects.filter(pk=par_lettre.compte_id).update(envoi="papier")
    voulus = [*payeurs(par_courriel, par_lettre), 999_999]

    bilan = rappeler(voulus, "premier", None, JEUDI)
    encore = rappeler(voulus, "premier", None, JEUDI)

    assert (bilan.courriels, bilan.lettres, bilan.ecartes) == (1, 1, [])
    assert (encore.rappels, [raison for _, raison in encore.ecartes]) == ([], ["rappel déjà parti"] * 2)
    (row,) = DBTaskResult.objects.filter(task_path=send_rappel.module_path)
    assert row.args_kwargs["args"][1:] == [[par_courriel.pk, seconde.pk], "premier"]
    assert Relance.objects.count() == 3


def test_row_of_the_version_before_names_one_invoice(mailoutbox):
    facture = late("Amrani", 7)
    assert import_string("facturation.regie.tasks.send_rappel") is send_rappel
    send_rappel.func(facture.compte.foyer.responsables.get().user_id, facture.pk, "premier")
    assert len(mailoutbox) == 1


def test_invoice_paid_meanwhile_is_not_reminded_of(mailoutbox):
    facture = late("Amrani", 7)
    encaisser(facture.compte, "cheque", 4210, par=None, now=JEUDI)
    assert rappeler(payeurs(facture), "premier", None, JEUDI).rappels == []
    send_rappel.func(facture.compte.foyer.responsables.get().user_id, [facture.pk], "premier")
    assert mailoutbox == []


@pytest.mark.parametrize("seule", [True, False], ids=["alone", "with others"])
def test_invoice_that_is_being_paid_is_not_reminded_of(mailoutbox, seule, time_machine):
    payee, autre = late("Amrani", 7), late("Roche", 7)
    premiere = payee if seule else make_facture(payee.compte, 1000)
    essai = make_essai(premiere, montant=5210, demande_le=JEUDI - timedelta(minutes=5))
    if not seule:
        PartPaiement.objects.create(essai=essai, facture=payee, montant=4210)
    time_machine.move_to(JEUDI, tick=False)

    bilan = rappeler(payeurs(payee, autre), "premier", None, JEUDI)
    assert (told(bilan.rappels), bilan.ecartes) == (
        [[autre.numero]],
        [("Camille Amrani", "un paiement est commencé")],
    )

    args = payee.compte.foyer.responsables.get().user_id, [payee.pk], "premier"
    send_rappel.func(*args)
    attend = DBTaskResult.objects.filter(task_path=send_rappel.module_path, run_after=JEUDI + timedelta(minutes=15))
    assert ([row.args_kwargs["args"] for row in attend], mailoutbox) == ([list(args)], [])

    EssaiPaiement.objects.update(etat="abandonne")
    send_rappel.func(*args)
    assert len(mailoutbox) == 1
    assert told(rappeler(payeurs(payee), "premier", None, JEUDI).rappels) == [[payee.numero]]


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

    send_rappel.func(adulte.user_id, [facture.pk], "premier")

    assert mailoutbox == []


def test_mail_is_kind_names_the_ccas_and_keeps_the_child_welcome(mailoutbox, time_machine):
    time_machine.move_to(JEUDI, tick=False)
    ReglageFacturation.objects.create(ccas_telephone="04 65 71 00 42")
    zoe = {"enfants": {"7": {"prenom": "Zoé", "nom": "Amrani", "naissance": "2020-01-01"}}}
    facture = late("Amrani", 7, mois=make_mois(), entete=zoe)

    send_rappel.func(facture.compte.foyer.responsables.get().user_id, [facture.pk], "premier")
    send_rappel.func(facture.compte.foyer.responsables.get().user_id, [facture.pk], "deuxieme")

    premier, deuxieme = mailoutbox
    assert premier.subject == "Un petit rappel\u00a0: facture de garderie de novembre, 42,10\u202f€"
    corps = " ".join(plain(premier.body).split())
    assert "C’est peut-être un oubli, ou nos messages se croisent" in corps
    assert "42,10 €. En retard : à payer depuis le jeudi 26 novembre." in corps
    assert "ou le CCAS : 04 65 71 00 42. La garderie reste ouverte à Zoé." in corps
    assert deuxieme.subject.startswith("Un deuxième rappel")
    assert "nous trouverons ensemble comment faire" in deuxieme.body


def test_mail_of_several_invoices_says_each_and_their_sum(mailoutbox, time_machine):
    time_machine.move_to(JEUDI, tick=False)
    juin = late("Roche", 136, 4255, mois=make_mois(date(2026, 6, 1)))
    octobre = make_facture(juin.compte, 2210, echeance=TODAY - timedelta(days=13), mois=make_mois(date(2026, 10, 1)))
    encaisser(juin.compte, "cheque", 255, par=None, now=JEUDI)

    send_rappel.func(juin.compte.foyer.responsables.get().user_id, [juin.pk, octobre.pk], "premier")

    (mail,) = mailoutbox
    assert mail.subject == "Un petit rappel\u00a0: 2\u00a0factures de garderie, 62,10\u202f€"
    corps = " ".join(plain(mail.body).split())
    assert "2 factures ne sont pas encore réglées : 62,10 € en tout." in corps
    assert (
        "- facture de juin (F-2026-0001) : 40,00 €, à payer depuis le 20 juillet ; "
        "vous avez déjà payé 2,55 € sur 42,55 € "
        "- facture d’octobre (F-2026-0002) : 22,10 €, à payer depuis le 20 novembre "
        "C’est peut-être un oubli"
    ) in corps
    assert "Les lire et les payer : http://127.0.0.1:8000/factures/ " in corps


def test_mail_leaves_out_what_was_paid_and_does_not_leave_for_too_little(mailoutbox):
    payee = late("Amrani", 8)
    petite = make_facture(payee.compte, 500, echeance=TODAY - timedelta(days=8))
    user = payee.compte.foyer.responsables.get().user_id
    encaisser(payee.compte, "cheque", 4210, par=None, now=JEUDI)

    send_rappel.func(user, [payee.pk, petite.pk], "premier")
    assert mailoutbox == []

    ReglageFacturation.objects.create(rappel_minimum=0)
    send_rappel.func(user, [payee.pk, petite.pk], "premier")
    assert [mail.subject for mail in mailoutbox] == [
        f"Un petit rappel\u00a0: facture de garderie n°\u00a0{petite.numero}, 5,00\u202f€"
    ]


def test_invoice_put_aside_is_left_out_with_its_reason_until_taken_back(mailoutbox):
    facture = late("Amrani", 7)
    assert mettre_de_cote(facture, "échéancier convenu", None, JEUDI)
    assert not mettre_de_cote(facture, "échéancier convenu", None, JEUDI)

    retards = load_retards(TODAY)
    assert (retards.premiers, numeros(retards.de_cote)) == ([], [facture.numero])
    send_rappel.func(facture.compte.foyer.responsables.get().user_id, [facture.pk], "premier")
    assert mailoutbox == []
    assert (reprendre(facture), reprendre(facture)) == (True, False)
    assert told(load_retards(TODAY).premiers) == [[facture.numero]]
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
    send_rappel.func(facture.compte.foyer.responsables.get().user_id, [facture.pk], "deuxieme")
    assert mailoutbox == []


def test_late_invoices_are_read_in_as_many_queries_whatever_their_number(django_assert_num_queries):
    for nombre in (1, 2, 3):
        late("Amrani", 7)
        if nombre != 2:
            with django_assert_num_queries(6):
                load_retards(TODAY)


# --- The page ---------------------------------------------------------------------------------------------------------


def test_page_proposes_one_reminder_a_payer_with_all_its_invoices(regie):
    facture, autre = late("Amrani", 7), late("Martin", 8, 2575)
    seconde = make_facture(facture.compte, 1000, echeance=TODAY - timedelta(days=7), mois=make_mois(date(2026, 10, 1)))
    encaisser(autre.compte, "cheque", 575, par=None, now=JEUDI)
    facture.compte.foyer.responsables.update(telephone="06 39 98 75 48")

    html = html_of(regie.get(PAGE))

    assert "Premier rappel : 2 payeurs, 72,10 €" in html
    assert "qui dit toutes ses factures : 3 factures. 2 cochés : 2 e-mails." in html
    assert f"{seconde.numero}</span>, octobre : 10,00 €, depuis le 26 novembre" in html
    assert f"{autre.numero}</span> : 20,00 € sur 25,75 €, depuis le 25 novembre" in html
    assert '<a class="nob" href="tel:+33639987548">06 39 98 75 48</a>' in html
    assert "Rien ici ne ferme la garderie à un enfant" in html
    assert "Le format PES V2 viendra" in html


def test_page_says_who_owes_too_little_and_where_the_sum_is_changed(regie):
    late("Bailly", 8, 95), late("Fournier", 8, 420)

    html = html_of(regie.get(PAGE))

    assert "2 payeurs doivent moins de 15,00 € : pas de rappel (5,15 €)" in html
    assert "Ceux qui sont en retard doivent trop peu." in html
    assert "la changer" not in html
    assert "la changer" in html_of(as_secretaire().get(PAGE))


def test_preview_shows_the_longest_mail_and_writes_nothing(regie, mailoutbox):
    facture, autre = late("Amrani", 7), late("Martin", 7)
    make_facture(autre.compte, 1000, echeance=TODAY - timedelta(days=7))
    Compte.objects.filter(pk=facture.compte_id).update(envoi="papier")

    html = html_of(regie.post(ENVOYER, {"rappeler": "premier", "payeurs": payeurs(facture, autre)}))

    assert "2 payeurs, 3 factures, 94,20 €." in html
    assert "Un petit rappel : 2 factures de garderie, 52,10 €" in html
    assert "Envoyer 1 e-mail et 1 lettre ?" in html
    assert (Relance.objects.count(), mailoutbox) == (0, [])


@pytest.mark.temoin
def test_those_that_are_ticked_are_sent_once_the_preview_is_confirmed(regie):
    facture, autre = late("Amrani", 7), late("Martin", 7)
    Compte.objects.filter(pk=facture.compte_id).update(envoi="papier")

    page = send(regie, "premier", facture.compte_id)

    assert "0\u00a0e-mail part" in page.text
    assert "1\u00a0lettre est à imprimer" in page.text
    assert "Lettres du jour" in page.text
    lettres = regie.get(f"{PAGE}lettres/")
    assert_kept(Path(__file__).parent / "temoins" / "rappel.txt", paper_of(lettres))
    assert told(rappel for rappel, _ in lettres.context["pages"]) == [[facture.numero]]
    assert told(load_retards(TODAY).premiers) == [[autre.numero]]
    assert "Aucun rappel n’est parti" in regie.post(ENVOYER, {"rappeler": "premier"}, follow=True).text
    assert regie.get(f"{PAGE}lettres/", {"jour": "hier"}).status_code == 404


def test_one_letter_says_all_the_invoices_of_its_payer(regie):
    facture = late("Amrani", 7, mois=make_mois(date(2026, 9, 1)))
    make_facture(facture.compte, 1000, echeance=TODAY - timedelta(days=7), mois=make_mois(date(2026, 10, 1)))
    Compte.objects.filter(pk=facture.compte_id).update(envoi="papier")
    send(regie, "premier", facture.compte_id)

    html = html_of(regie.get(f"{PAGE}lettres/"))

    assert "Un petit rappel : 2 factures de garderie, 52,10 €" in html
    assert html.count('class="lettre"') == 1
    assert "facture d’octobre (F-2026-0002) : 10,00 €, à payer depuis le 26 novembre" in html


@pytest.mark.parametrize("envoi", [{}, {"rappeler": "tresorerie"}, {"rappeler": "premier", "payeurs": ["x", "-1"]}])
def test_sending_that_is_not_understood_sends_nothing(regie, envoi):
    late("Amrani", 7)
    assert regie.post(ENVOYER, envoi).status_code == 302
    assert regie.get(ENVOYER).status_code == 302
    assert not Relance.objects.exists()


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
    encore = regie.post(PAGE, {"de_cote": "1", "numero": facture.numero, "motif": "autre"}, follow=True)
    assert "était déjà de côté\u00a0: sa raison reste." in encore.text
    assert "n’est plus de côté" in regie.post(PAGE, {"reprendre": facture.numero}, follow=True).text
    rien = regie.post(PAGE, {"reprendre": facture.numero}, follow=True).text
    assert "n’était pas de côté\u00a0: rien n’a changé." in rien
    assert "n’est plus de côté" not in rien
    assert told(load_retards(TODAY).premiers) == [[facture.numero]]


def test_secretary_reads_and_sends_nothing(regie):
    facture = late("Amrani", 7)
    secretaire = as_secretaire()
    texte = secretaire.get(PAGE).text
    assert "Camille Amrani" in texte
    assert 'name="payeurs"' not in texte
    assert "Lire un rappel" not in texte
    assert secretaire.post(ENVOYER, {"rappeler": "premier", "payeurs": payeurs(facture)}).status_code == 403


def test_reminders_that_do_not_leave_are_told_with_why_and_not_noted(regie):
    parti, payee, remise, de_cote, petite, laisse = (
        late(nom, 7) for nom in ("Amrani", "Roche", "Vial", "Savoie", "Bailly", "Martin")
    )
    encaisser(payee.compte, "cheque", 4210, par=None, now=JEUDI)
    encaisser(petite.compte, "cheque", 4110, par=None, now=JEUDI)
    remind(remise, "tresorerie", 1)
    mettre_de_cote(de_cote, "échéancier", None, JEUDI)

    texte = plain(send(regie, "premier", *payeurs(parti, payee, remise, de_cote, petite)).text)

    assert "1 e-mail part. 1 autre reste proposé." in texte
    assert (
        "4 rappels ne partent pas : Camille Roche (plus rien à payer), Camille Vial (la trésorerie s’en charge), "
        "Camille Savoie (de côté depuis), Camille Bailly (moins de 15,00 €)."
    ) in texte
    assert list(LogEntry.objects.values_list("object_id", flat=True)) == [str(parti.pk)]
    encore = regie.post(ENVOYER, {"rappeler": "premier", "payeurs": payeurs(parti)}, follow=True).text
    assert "Camille Amrani (rappel déjà parti)" in encore
    assert told(load_retards(TODAY).premiers) == [[laisse.numero]]


def test_long_list_of_reminders_has_pages_and_only_the_one_shown_leaves(regie):
    for rang in range(53):
        late(f"Amrani{rang}", 7, 2000)

    premiere, seconde = regie.get(PAGE), regie.get(PAGE, {"premier": "2"})

    assert "Premier rappel\u00a0: 53\u00a0payeurs, 1\u202f060,00\u202f€" in premiere.text
    assert premiere.text.count('name="payeurs"') == 50
    assert "Seuls partent ceux de cette page, la 1 sur 2." in premiere.text
    assert '<a href="?premier=2">Page suivante' in premiere.text
    assert seconde.text.count('name="payeurs"') == 3
    assert "3\u00a0cochés\u00a0: 3\u00a0e-mails." in seconde.text
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
