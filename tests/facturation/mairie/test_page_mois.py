"""The page of the month: what blocks, what changed, « Arrêter »; once closed, what became of it."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime, timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django_tasks_db.models import DBTaskResult

from accounts.models import Mailing, MailingLine
from enfance.models import Absence, Garde, Inscription
from facturation.models import Compte, Facture, Justification, Mois, Prestation, ReponseAbsence
from facturation.payeurs.comptes import compte_of
from portail.dates import PARIS
from tests.factories import AnneeFactory, StaffFactory
from tests.facturation.factures_emises import encaisser
from tests.facturation.grille import make_tarifs
from tests.facturation.vecu import LUNDI, clore, dire_quotient, inscrire, pointer
from tests.reading import html_of, messages_of

PAGE = "/admin/facturation/mois/2026-11/"
LU = {"lu": "1", "total": "2,40"}
MARDI = date(2026, 11, 3)
DECEMBRE = datetime(2026, 12, 1, 9, 40, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(DECEMBRE, tick=False) as traveller:
        yield traveller


@pytest.fixture
def commune(creneaux, camille, lea, ines, zoe):
    AnneeFactory()
    make_tarifs()
    for adulte in (camille, ines):
        dire_quotient(adulte.foyer, 742)
        compte = compte_of(adulte.foyer)
        compte.residence = "commune"
        compte.save()
    inscrire(lea, LUNDI, MARDI)
    inscrire(zoe, LUNDI)
    clore(LUNDI, MARDI)


def test_page_opens_on_the_month_to_close(mairie, commune):
    assert mairie.get("/admin/facturation/mois/").url == PAGE
    Mois.objects.create(premier=date(2026, 11, 1), echeance=date(2026, 12, 20))
    assert mairie.get("/admin/facturation/mois/").url == "/admin/facturation/mois/2026-12/"


def test_page_says_what_closing_will_do_before_it_does(mairie, commune):
    html = html_of(mairie.get(PAGE))

    assert "Rien n’empêche d’arrêter novembre" in html
    assert "<b>2 factures</b>" in html
    assert "2,40 €" in html
    assert 'de <span class="nob">F-2026-0001</span> à <span class="nob">F-2026-0002</span>' in html
    assert "<b>2 e-mails</b> partent. À payer avant" in html
    assert "À payer avant le dimanche 20 décembre" in html
    assert "Décembre, à ce jour" in html
    assert not Facture.objects.exists()


def test_month_is_closed_with_its_tick_and_told(mairie, secretaire, commune):
    answer = mairie.post(PAGE, {"lu": "1", "total": "2,40\u202f€"})

    assert (answer.status_code, answer.url) == (303, PAGE)
    assert Mois.objects.get().arrete_par == secretaire
    html = html_of(mairie.get(PAGE))
    assert "novembre est arrêté" in html.lower()
    assert "Par Nadia Roux, mardi 1er décembre à 9 h 40. 2 factures" in html
    assert LogEntry.objects.get().change_message == "Mois arrêté\u00a0: 2\u00a0factures, 2,40\u202f€."
    assert DBTaskResult.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"total": "2,40 €"}, "Cochez la case"),
        ({"lu": "1"}, "Ce formulaire n’est pas arrivé tel que la page l’envoie"),
        ({"lu": "1", "total": "2,30 €"}, "Le total a changé : 2,40 €, et non 2,30 €. Relisez, puis arrêtez."),
    ],
)
def test_what_was_not_read_is_not_closed(mairie, commune, sent, said):
    html = html_of(mairie.post(PAGE, sent))

    assert said in html
    assert 'role="alert"' in html
    assert not Mois.objects.exists()


def test_what_blocks_is_said_first_with_its_door(mairie, commune, lea):
    inscrire(lea, date(2026, 11, 30), creneau="soir")

    html = html_of(mairie.get(PAGE))

    assert "Novembre ne peut pas encore être arrêté" in html
    assert "Lundi 30, soir : 1 enfant attendu." in html
    assert 'href="/equipe/2026-11-30/?creneau=soir"' in html
    assert "Arrêter novembre</button>" not in html
    refus = html_of(mairie.post(PAGE, {"lu": "1", "total": "2,40"}))
    assert "Rien n’a été écrit. 1 point à régler avant d’arrêter novembre 2026 : 1 feuille non close." in refus
    assert "à facturer, 1 point à régler" in html


def test_points_are_counted_alike_whatever_says_them(mairie, commune, lea, ines, zoe):
    """Two sheets that are open are one point to settle, and two sheets."""
    for jour in (24, 30):
        inscrire(lea, date(2026, 11, jour), creneau="soir")

    html = html_of(mairie.get(PAGE))

    assert "1 point reste à régler" in html
    assert "2</b><div><b>feuilles non closes" in html
    assert "1 point à régler avant d’arrêter novembre 2026 : 2 feuilles non closes." in html_of(mairie.post(PAGE, LU))
    Garde.objects.create(enfant=lea, foyer=ines.foyer)
    pointer(lea, date(2026, 11, 26), depart="17:10")
    clore(date(2026, 11, 26))
    html = html_of(mairie.get(PAGE))
    assert "à facturer, 2 points à régler" in html
    assert "Réglez d’abord les points du haut" in html
    assert 'Voir<span class="vh"> la présence</span>' in html


def test_month_under_way_is_an_estimate(mairie, commune, lea):
    inscrire(lea, date(2026, 12, 7))

    html = html_of(mairie.get("/admin/facturation/mois/2026-12/"))

    assert "Factures de décembre 2026, à ce jour" in html
    assert "jusqu’à la fin du mois, dont 0,80 € prévus" in html
    assert "Arrêter décembre</button>" not in html


def test_who_may_not_close_sees_no_button_and_closes_nothing(client, commune):
    agent = StaffFactory(is_superuser=False)
    agent.user_permissions.add(Permission.objects.get(codename="view_mois"))
    client.force_login(agent)

    assert "Arrêter novembre</button>" not in html_of(client.get(PAGE))
    assert client.post(PAGE, {"lu": "1", "total": "2,40"}).status_code == 403


def test_lines_to_compare_are_given_and_nothing_is_issued(mairie, commune):
    answer = mairie.get(f"{PAGE}lignes/")

    titres, *lignes = answer.content.decode("utf-8-sig").splitlines()
    assert answer["Content-Disposition"] == 'attachment; filename="essai-2026-11.csv"'
    assert titres.startswith("Payeur;Identifiants;Facture;Enfant;Jour")
    assert len(lignes) == 3
    assert not Facture.objects.exists()


@pytest.mark.parametrize("fichier", ["lignes", "factures"])
def test_file_of_a_month_has_two_forms_and_asks_for_the_password_of_an_old_session(mairie, arrete, clock, fichier):
    noms = [mairie.get(f"{PAGE}{fichier}/", {"format": forme})["Content-Disposition"] for forme in ("csv", "xlsx")]
    assert noms == [f'attachment; filename="{fichier}-2026-11.{forme}"' for forme in ("csv", "xlsx")]
    assert mairie.get(f"{PAGE}{fichier}/", {"format": "pdf"}).status_code == 404

    clock.move_to(DECEMBRE + timedelta(minutes=25), tick=False)
    answer = mairie.get(f"{PAGE}{fichier}/")

    assert answer.url == f"/compte/confirmer/?next={quote(PAGE, safe='')}"


def test_invoices_of_a_month_are_given_with_what_was_paid(mairie, commune, camille, ines):
    assert mairie.get(f"{PAGE}factures/").status_code == 404
    mairie.post(PAGE, {"lu": "1", "total": "2,40"})
    due, payee = Facture.objects.order_by("pk")
    encaisser(payee.compte, payee.total, (payee, payee.total))

    lignes = csv.DictReader(io.StringIO(mairie.get(f"{PAGE}factures/").content.decode("utf-8-sig")), delimiter=";")

    assert [(une["Facture"], une["Total"], une["Payé"], une["Reste à payer"]) for une in lignes] == [
        (due.numero, "1,60", "0,00", "1,60"),
        (payee.numero, "0,80", "0,80", "0,00"),
    ]


def test_second_month_is_set_beside_the_first_with_its_causes(mairie, secretaire, commune, lea, zoe):
    mairie.post(PAGE, {"lu": "1", "total": "2,40"})
    jours = [date(2026, 12, jour) for jour in (1, 3, 4, 7, 8)]
    inscrire(lea, *jours)
    inscrire(zoe, *jours)
    clore(*jours)

    with time_machine.travel(datetime(2027, 1, 4, 9, 0, tzinfo=PARIS), tick=False):
        mairie.force_login(secretaire)
        html = html_of(mairie.get("/admin/facturation/mois/2026-12/"))

    assert "Novembre, 17 jours d’école" in html
    assert "Les plus grands écarts (2)" in html
    assert "Zoé : 5 fois le midi en 11 jours, 1 en 17 jours en novembre" in html


def test_mail_that_did_not_reach_its_reader_makes_a_letter(mairie, commune, camille):
    mairie.post(PAGE, {"lu": "1", "total": "2,40"})
    MailingLine.objects.filter(user=camille.user).update(state="failed", settled_at=DECEMBRE)

    html = html_of(mairie.get(PAGE))

    assert "1</b><div><b>e-mail non remis" in html
    assert "1</b><div><b>lettre à imprimer" in html


def test_mails_of_which_nothing_is_kept_are_still_counted(mairie, commune):
    mairie.post(PAGE, {"lu": "1", "total": "2,40"})
    Mailing.objects.all().delete()  # as the purge does, after a month

    html = html_of(mairie.get(PAGE))

    assert "2</b><div><b>e-mails demandés</b> <small>Ce que chacun est devenu n’est gardé que 30 jours." in html
    assert "0</b><div><b>e-mail" not in html


@pytest.fixture
def arrete(mairie, commune):
    mairie.post(PAGE, {"lu": "1", "total": "2,40"})
    return Mois.objects.get()


def corrections(html):
    return re.findall(r'name="proposition" value="(\w+)"', html)


def test_what_changed_since_is_proposed_and_put_on_the_next_month(mairie, arrete, lea):
    Inscription.objects.filter(enfant=lea, jour=MARDI).update(etat="annulee")
    html = html_of(mairie.get(PAGE))
    assert "Corrections proposées (1)" in html
    assert "Sur décembre" in html
    [marque] = corrections(html)

    answer = mairie.post(PAGE, {"proposition": marque, "faire": "suite"}, follow=True)

    assert "Léa, mardi 3, midi : corrigé. Sur la facture de décembre." in html_of(answer)
    assert "Rien n’a changé depuis l’arrêté." in html_of(answer)
    assert Prestation.objects.waiting().get().montant == -80
    assert LogEntry.objects.latest("pk").change_message == "Inscription corrigée\u00a0: Léa, mardi 3, midi."


def test_avoir_is_issued_at_once_and_told(mairie, arrete, lea):
    Inscription.objects.filter(enfant=lea, jour=MARDI).update(etat="annulee")
    [marque] = corrections(html_of(mairie.get(PAGE)))

    answers = [mairie.post(PAGE, {"proposition": marque, "faire": "avoir"}, follow=True) for _ in range(2)]

    assert "Avoir AV-2026-0001 émis." in html_of(answers[0])
    assert "AV-2026-0001</span>, Camille Morel" in html_of(answers[0])
    assert "Cette correction est déjà faite" in html_of(answers[1])
    assert Facture.objects.avoirs().count() == 1


def test_letters_are_printed_in_one_go(mairie, commune, camille, ines):
    for adulte in (camille, ines):
        compte_of(adulte.foyer)
    Compte.objects.update(envoi="papier")
    mairie.post(PAGE, {"lu": "1", "total": "2,40"})

    html = html_of(mairie.get(f"{PAGE}lettres/"))

    assert "2 lettres, une facture par page." in html
    assert html.count('<article class="feuille papier"') == 2
    assert "F-2026-0001" in html
    assert "Talon à joindre au paiement" in html


def test_letters_of_an_open_month_are_its_page(mairie, commune):
    assert mairie.get(f"{PAGE}lettres/").url == PAGE


def test_pressing_close_after_somebody_else_shows_the_closed_month(mairie, arrete):
    answer = mairie.post(PAGE, {"lu": "1", "total": "2,40"}, follow=True)

    assert "novembre est arrêté" in html_of(answer).lower()
    assert Facture.objects.count() == 2


# --- Reasons that nobody answered -------------------------------------------------------------------------------------


@pytest.fixture
def raisons(commune, lea, zoe, camille):
    """Léa and Zoé were ill on Monday, and their families said so."""
    for enfant in (lea, zoe):
        Absence.objects.create(enfant=enfant, jour=LUNDI, signalee_par=camille.user)
        Justification.objects.create(enfant=enfant, jour=LUNDI, raison="maladie", dite_par=camille.user)


def test_month_is_closed_once_each_reason_has_its_answer(mairie, raisons, lea):
    page = mairie.get(PAGE)
    assert "Raisons données, sans réponse (2)" in html_of(page)
    assert "n’est pas arrêté" in html_of(mairie.post(PAGE, LU))
    assert not Mois.objects.exists()

    decision = page.context["raisons"].decisions[0]
    envoi = {
        "enfant": decision.enfant.pk,
        "journees": [vue.valeur for vue in decision.vues],
        "raison": "",
        "raison_excusee": decision.excuse,
        "raison_facturee": decision.refus,
        "r": "excusee",
    }
    assert mairie.post(PAGE, envoi).url == f"{PAGE}#raisons"

    reponse = ReponseAbsence.objects.get()
    assert (reponse.enfant, reponse.reponse, reponse.motif) == (decision.enfant, "excusee", "malade")
    page = mairie.get(PAGE)
    assert len(page.context["raisons"].decisions) == 1
    mairie.post(PAGE, {"r": "facturee", "toutes": page.context["raisons"].marque})
    assert sorted(ReponseAbsence.objects.values_list("reponse", "motif")) == [
        ("excusee", "malade"),
        ("facturee", "signalée après la limite"),
    ]
    page = mairie.get(PAGE)
    assert page.context["raisons"] is None
    mairie.post(PAGE, {"lu": "1", "total": str(page.context["preparation"].a_emettre / 100).replace(".", ",") + "0"})
    assert Mois.objects.exists()


@pytest.mark.parametrize(("bouton", "said"), [("excusee", "excusées"), ("facturee", "facturées")])
def test_all_the_reasons_are_answered_at_once(mairie, raisons, bouton, said):
    marque = mairie.get(PAGE).context["raisons"].marque
    reponse = mairie.post(PAGE, {"r": bouton, "toutes": marque}, follow=True)

    assert messages_of(reponse) == [f"2 absences sont {said}. Les familles sont prévenues."]
    assert set(ReponseAbsence.objects.values_list("reponse", flat=True)) == {bouton}
    assert DBTaskResult.objects.filter(task_path__endswith="send_reponse_absence").count() == 2
    assert LogEntry.objects.filter(content_type__model="enfant").count() == 2


def test_reason_that_came_since_the_page_is_read_first(mairie, raisons, lea, camille):
    marque = mairie.get(PAGE).context["raisons"].marque
    Absence.objects.create(enfant=lea, jour=MARDI, signalee_par=camille.user)
    Justification.objects.create(enfant=lea, jour=MARDI, raison="famille", dite_par=camille.user)

    reponse = mairie.post(PAGE, {"r": "excusee", "toutes": marque}, follow=True)

    assert "Les raisons données ne sont plus les mêmes" in html_of(reponse)
    assert not ReponseAbsence.objects.exists()


def test_answer_that_is_none_writes_nothing(mairie, raisons):
    marque = mairie.get(PAGE).context["raisons"].marque
    for envoi in ({"r": "autre", "toutes": marque}, {"r": "excusee"}, {"r": "", "toutes": marque}):
        assert mairie.post(PAGE, envoi).status_code == 303
    assert not ReponseAbsence.objects.exists()


def test_who_may_only_look_answers_nothing(raisons, client):
    lectrice = StaffFactory(is_superuser=False)
    lectrice.user_permissions.add(Permission.objects.get(codename="view_mois"))
    client.force_login(lectrice)

    assert client.post(PAGE, {"r": "excusee", "toutes": "x"}).status_code == 403
    assert "Tout excuser" not in html_of(client.get(PAGE))
