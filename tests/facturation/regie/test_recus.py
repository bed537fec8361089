"""A receipt once it is made: its paper, its mail."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django_tasks_db.models import DBTaskResult

from accounts.emails import text_of
from accounts.models import User
from facturation.models import Compte, PartPaiement
from facturation.payeurs.comptes import soldes
from facturation.regie.courriels import recu_context
from facturation.regie.encaissements import annuler, encaisser, envoyer, rembourser, reporter
from facturation.regie.tasks import send_recu
from tests.clients import Client
from tests.factories import ResponsableFactory, StaffFactory
from tests.facturation.caisse import JEUDI, make_compte, make_facture, make_mois
from tests.facturation.essais import make_essai
from tests.reading import html_of, words_of

pytestmark = pytest.mark.django_db
SEND = send_recu.module_path


def receive(compte, montant, moyen="cheque", **fields):
    return encaisser(compte, moyen, montant, par=None, now=JEUDI, **fields)


def enqueued() -> list:
    return [row.args_kwargs["args"] for row in DBTaskResult.objects.filter(task_path=SEND)]


def test_paper_is_printed_by_the_regie_and_read_by_the_secretary(regie, berthet):
    recu = receive(berthet, 5065, reference="3380216")
    agent = StaffFactory(is_superuser=False)
    agent.groups.add(Group.objects.get(name="Secrétariat"))
    secretaire = Client()
    secretaire.force_login(agent)

    page, lue = (client.get(f"/admin/regie/recus/{recu.numero}/") for client in (regie, secretaire))

    assert "cinquante euros et soixante-cinq centimes" in page.text
    assert "Envoyer par e-mail" in page.text
    assert "Envoyer par e-mail" not in lue.text
    assert secretaire.post(f"/admin/regie/recus/{recu.numero}/").status_code == 403
    assert regie.get("/admin/regie/recus/R-2026-9999/").status_code == 404


def test_paper_elides_before_a_vowel(regie):
    recu = receive(make_compte("Roux", user__first_name="Éric"), 1000)

    assert "Reçu <b>d’Éric Roux</b> la somme de" in regie.get(f"/admin/regie/recus/{recu.numero}/").text


def test_paper_and_mail_say_what_was_paid_of_a_debt_that_was_carried(regie, berthet):
    cible = make_compte("Henry")
    reporter(berthet, cible, None, JEUDI)
    recu = receive(cible, 5000)

    lu = regie.get(f"/admin/regie/recus/{recu.numero}/").text

    assert (
        '<th scope="row">Repris d’un autre payeur</th><td></td><td><span class="m">50,65\u202f€</span></td>'
        '<td><span class="m">0,00\u202f€</span></td><td><span class="m">50,00\u202f€</span></td>'
    ) in lu
    assert "<dt>Reste à payer</dt><dd>0,65\u202f€</dd>" in lu
    assert "Repris d’un autre payeur, payé\u00a0: 50,00\u202f€" in text_of("recu", User(), recu_context(recu))
    del recu.contenu["sorties"]  # of before it was written there
    recu.save()
    assert "Repris" not in regie.get(f"/admin/regie/recus/{recu.numero}/").text


def test_receipt_is_mailed_on_demand(regie, berthet):
    recu = receive(berthet, 5065)
    assert enqueued() == []

    page = regie.post(f"/admin/regie/recus/{recu.numero}/", {"envoyer": ""}, follow=True)

    adulte = User.objects.get(identifiant="3816238")
    assert "Le reçu part à Camille Berthet" in page.text
    assert enqueued() == [[adulte.pk, recu.pk]]


def test_receipt_of_who_has_no_mail_is_printed(regie, berthet):
    Compte.objects.update(envoi="papier")
    recu = receive(berthet, 5065)
    page = regie.post(f"/admin/regie/recus/{recu.numero}/", {"envoyer": ""}, follow=True)
    assert "imprimez le reçu" in page.text
    assert enqueued() == []


def test_cancelled_receipt_is_not_mailed(berthet, mailoutbox):
    recu = receive(berthet, 5065)
    assert envoyer(annuler(recu, "erreur", None, JEUDI)) is None
    send_recu.func(User.objects.get(identifiant="3816238").pk, recu.pk)
    assert mailoutbox == []


def test_mail_says_thanks_and_the_ladder(mailoutbox, settings):
    camille = ResponsableFactory().user
    compte = make_compte(foyer=camille.responsable.foyer)
    make_facture(compte, 6735, mois=make_mois())
    receive(compte, 155)
    recu = receive(compte, 7000, "payfip")

    send_recu.func(camille.pk, recu.pk)

    (mail,) = mailoutbox
    assert mail.subject == "Merci, la facture de novembre est payée\u00a0: 70,00\u202f€"
    assert mail.body.replace("ou\nprél", "ou prél").split("La mairie")[0].split("\n\n")[1:] == [
        "Nous avons bien reçu 70,00\u202f€, jeudi 3\u00a0décembre à 10\u00a0h\u00a012, par carte ou prélèvement.",
        "La facture de novembre, n°\u00a0F-2026-0001\u00a0: 67,35\u202f€\n"
        "Déjà réglé, une part du chèque du 3\u00a0décembre\u00a0: \u22121,55\u202f€\n"
        "Payé\u00a0: 65,80\u202f€\nReste à payer\u00a0: 0,00\u202f€",
        "Votre crédit, déduit de la prochaine facture\u00a0: 4,20\u202f€",
        f"Votre reçu, n°\u00a0R-2026-0002, à lire ou à imprimer\u00a0:\n{settings.SITE_URL}/recus/R-2026-0002/",
        "",
    ]


def test_mail_of_a_part_says_what_remains(berthet):
    texte = text_of("recu", User.objects.get(identifiant="3816238"), recu_context(receive(berthet, 2000, "especes")))
    assert texte.startswith("Votre reçu\u00a0: 20,00\u202f€\n")
    assert "en espèces" in texte
    assert "Reste à payer\u00a0: 30,65\u202f€" in texte


PROUVE = "il prouve votre paiement"


def test_cancelled_receipt_proves_nothing_and_is_not_mailed(regie, berthet):
    recu = receive(berthet, 5065)
    page = f"/admin/regie/recus/{recu.numero}/"
    assert PROUVE in regie.get(page).text
    annuler(recu, "chèque non signé, rendu", None, JEUDI)

    lu = regie.get(page).text

    assert PROUVE not in lu
    assert "Ce reçu est annulé\u00a0: il ne prouve aucun paiement." in lu
    assert "chèque non signé, rendu" in lu
    assert "Reste à payer" not in lu
    assert "Envoyer par e-mail" not in lu
    assert "Aucun e-mail n’atteint" not in lu
    assert "est annulé\u00a0: il ne s’envoie plus" in regie.post(page, {"envoyer": ""}, follow=True).text
    assert enqueued() == []


def test_line_that_cancels_says_it_with_the_minus_sign_and_its_reason(regie, berthet):
    recu = receive(berthet, 5065)
    ligne = annuler(recu, "chèque non signé, rendu", None, JEUDI)

    lu = regie.get(f"/admin/regie/recus/{ligne.numero}/").text

    assert f'Annulation du reçu n°\u00a0<span class="nob">{recu.numero}</span></h1>' in lu
    assert f'Ligne n°\u00a0<span class="nob">{ligne.numero}</span>' in lu
    assert "chèque non signé, rendu" in lu
    assert "\u221250,65\u202f€" in lu
    assert "moins cinquante euros et soixante-cinq centimes" in lu
    assert PROUVE not in lu
    assert "Envoyer par e-mail" not in lu
    assert "Aucun e-mail n’atteint" not in lu


def test_parent_reads_the_same_of_a_cancelled_receipt(berthet, client):
    recu = receive(berthet, 5065)
    ligne = annuler(recu, "chèque non signé, rendu", None, JEUDI)
    client.force_login(User.objects.get(identifiant="3816238"))

    annule, contraire = (client.get(f"/recus/{un.numero}/").text for un in (recu, ligne))

    assert PROUVE not in annule + contraire
    assert f"Annulation du reçu n°\u00a0{recu.numero}" in contraire
    assert "\u221250,65\u202f€" in contraire


def test_refund_proves_what_was_given_back(regie, berthet):
    receive(berthet, 6000)
    rendu = rembourser(berthet, 935, motif="départ", par=None, now=JEUDI)

    lu = regie.get(f"/admin/regie/recus/{rendu.numero}/").text

    assert f'Remboursement n°\u00a0<span class="nob">{rendu.numero}</span></h1>' in lu
    assert "il prouve ce qui vous a été rendu" in lu
    assert PROUVE not in lu


def test_cancelling_alone_says_that_it_is_cancelled(regie, berthet):
    recu = receive(berthet, 5065)
    page = regie.get(f"/admin/regie/recus/{recu.numero}/corriger/")
    cle = page.context["form"]["cle"].value()

    fait = regie.post(
        f"/admin/regie/recus/{recu.numero}/corriger/", {"cle": cle, "motif": "rendu", "annuler": "1"}, follow=True
    )

    assert f'Le reçu n°\u00a0<span class="nob">{recu.numero}</span> est annulé' in fait.text


def on_line(compte, resultrans):
    """A payment of PayFiP of all that is due."""
    facture = compte.factures.get()
    recu = receive(compte, facture.total, "payfip", factures=[facture])
    make_essai(facture, etat="paye", resultrans=resultrans, encaissement=recu)
    return recu


def test_direct_debit_that_the_bank_rejects_is_cancelled_with_its_reason(regie, berthet):
    recu = on_line(berthet, "V")
    adresse = f"/admin/regie/recus/{recu.numero}/corriger/"
    page = regie.get(adresse)
    assert "Annuler et remplacer" not in page.text
    form = page.context["form"]
    assert form["motif"].value() == "prélèvement rejeté par la banque"

    sent = {"cle": form["cle"].value(), "motif": form["motif"].value(), "remplacer": "1", "moyen": "cheque"}
    regie.post(adresse, sent | {"montant": "50,65"})

    (contraire,) = berthet.encaissements.filter(annule=recu)
    assert (contraire.moyen, contraire.montant, contraire.motif) == (
        "payfip",
        -5065,
        "prélèvement rejeté par la banque",
    )
    assert soldes([berthet]) == {berthet.pk: 5065}
    assert berthet.encaissements.count() == 2


def test_payment_by_card_is_given_back_never_cancelled(regie, berthet):
    recu = on_line(berthet, "P")
    assert "Un paiement par carte, sur PayFiP, ne s’annule pas" in html_of(
        regie.get(f"/admin/regie/recus/{recu.numero}/corriger/")
    )


def test_receipts_of_one_direct_debit_are_named_and_cancelled_together(regie, berthet):
    recu = on_line(berthet, "V")
    autre, troisieme = (receive(berthet, somme, "payfip") for somme in (1640, 80))
    essai = recu.essai
    for un in (autre, troisieme):
        PartPaiement.objects.create(
            essai=essai, facture=make_facture(berthet, un.montant), montant=un.montant, encaissement=un
        )
    adresse = f"/admin/regie/recus/{autre.numero}/corriger/"
    page = regie.get(adresse)
    assert (
        f"Le même paiement, sur PayFiP, a fait 2 autres reçus : {recu.numero}, {troisieme.numero}. "
        "Ils s’annulent avec celui-ci : la banque rejette tout, ou rien."
    ) in words_of(page)

    regie.post(adresse, {"cle": page.context["form"]["cle"].value(), "motif": "rejeté", "annuler": "1"})

    annules = berthet.encaissements.filter(annule__in=[recu, autre, troisieme])
    assert sorted(annules.values_list("montant", flat=True)) == [-5065, -1640, -80]
    assert LogEntry.objects.filter(object_id__in=[str(un.pk) for un in annules]).count() == 3
