"""A receipt once it is made: its paper, its mail."""

import pytest
from django.contrib.auth.models import Group
from django_tasks_db.models import DBTaskResult

from accounts.emails import text_of
from accounts.models import User
from facturation.models import Compte
from facturation.regie.courriels import recu_context
from facturation.regie.encaissements import annuler, encaisser, envoyer
from facturation.regie.tasks import send_recu
from tests.clients import Client
from tests.factories import ResponsableFactory, StaffFactory
from tests.facturation.caisse import JEUDI, make_compte, make_facture, make_mois

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
