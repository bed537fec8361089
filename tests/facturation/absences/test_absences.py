"""Absences: which ones are billed unless excused, why a parent says so, what the town hall answers."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db.models import Exists

from enfance.models import Absence, Creneau, Inscription, Pointage
from enfance.regles import Acteur
from facturation.absences.ecriture import absences_a_expliquer, absences_of, justifier, repondre
from facturation.absences_dues import absences_a_juger, absences_facturees, premier_ouvert, reponses
from facturation.models import Justification, Mois, ReponseAbsence, Tarif
from portail.dates import PARIS
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory, make_enfant
from tests.facturation.files import sent_mails
from tests.facturation.vecu import clore, inscrire, make_commune, pointer
from tests.reading import body_of

pytestmark = pytest.mark.django_db

VENDREDI = date(2026, 11, 27)
NOW = datetime(2026, 11, 30, 9, 5, tzinfo=PARIS)
TODAY = NOW.date()


@pytest.fixture
def camille():
    make_commune()
    return ResponsableFactory()


@pytest.fixture
def lea(camille):
    return make_enfant(camille, prenom="Léa")


@pytest.fixture
def agente():
    return StaffFactory()


def tell(enfant, jour=VENDREDI):
    return Absence.objects.create(enfant=enfant, jour=jour, signalee_le=datetime(2026, 11, 27, 7, 20, tzinfo=PARIS))


def cles(*codes):
    return list(Creneau.objects.filter(code__in=codes).values_list("pk", flat=True))


def judged():
    return [(ligne.jour, ligne.creneau.code) for ligne in absences_a_juger(NOW).order_by("jour", "creneau__ordre")]


def test_absence_is_what_a_parent_told_or_a_closed_sheet_saw(camille, lea):
    inscrire(lea, VENDREDI)
    inscrire(lea, VENDREDI, creneau="soir")
    assert judged() == []

    clore(VENDREDI, creneaux=("midi",))
    assert judged() == [(VENDREDI, "midi")]

    tell(lea)
    assert judged() == [(VENDREDI, "midi"), (VENDREDI, "soir")]


def test_child_who_came_was_not_away(camille, lea):
    inscrire(lea, VENDREDI)
    inscrire(lea, VENDREDI, creneau="soir")
    pointer(lea, VENDREDI)
    clore(VENDREDI)
    tell(lea)

    assert judged() == [(VENDREDI, "midi")]


def test_what_was_cancelled_or_is_billed_by_the_gate_is_not_judged(camille, lea):
    inscrire(lea, VENDREDI)
    Inscription.objects.update(etat=Inscription.Etat.ANNULEE)
    inscrire(lea, VENDREDI, creneau="soir")
    Tarif.objects.filter(creneaux__code="soir").update(base=Tarif.Base.PRESENCE)
    tell(lea)

    assert judged() == []


def test_absence_taken_back_is_none(camille, lea):
    inscrire(lea, VENDREDI)
    absence = tell(lea)
    absence.retiree_le = NOW
    absence.save()

    assert judged() == []


def test_day_to_come_is_not_judged_yet(camille, lea):
    demain = date(2026, 12, 1)
    inscrire(lea, demain)
    tell(lea, demain)

    assert judged() == []
    assert absences_of(Acteur.parent(camille), NOW).count() == 1  # but its reason may be given


def test_absences_to_explain_are_what_the_orm_says(camille, lea):
    tom = make_enfant(camille, prenom="Tom")
    veille = VENDREDI - timedelta(days=1)
    for enfant, jour, creneau in ((lea, VENDREDI, "midi"), (lea, VENDREDI, "soir"), (tom, veille, "midi")):
        inscrire(enfant, jour, creneau=creneau)

    def both():
        siennes = (
            absences_of(Acteur.parent(camille), NOW).exclude(Exists(reponses())).filter(dite=True, justifiee=False)
        )
        expected = siennes.order_by("jour", "enfant__date_naissance", "pk").values_list("jour", "enfant__prenom")
        assert absences_a_expliquer(camille, NOW) == list(expected)
        return list(expected)

    assert both() == []
    tell(lea)
    tell(tom, veille)
    assert both() == [(veille, "Tom"), (VENDREDI, "Léa"), (VENDREDI, "Léa")]
    pointer(lea, VENDREDI)  # in the evening
    assert both() == [(veille, "Tom"), (VENDREDI, "Léa")]
    Justification.objects.create(enfant=tom, jour=veille, raison="maladie")
    assert both() == [(VENDREDI, "Léa")]
    Tarif.objects.filter(creneaux__code="midi").update(base=Tarif.Base.PRESENCE)
    Tarif.objects.filter(moment="midi").update(base=Tarif.Base.PRESENCE)
    assert both() == []


def test_month_that_is_closed_keeps_those_with_a_reason_alone(camille, lea):
    octobre = date(2026, 10, 5)
    inscrire(lea, octobre)
    inscrire(lea, date(2026, 10, 6))
    tell(lea, octobre)
    tell(lea, date(2026, 10, 6))
    assert premier_ouvert(TODAY) == date(2026, 9, 1)
    assert len(judged()) == 2

    Mois.objects.create(premier=date(2026, 10, 1), echeance=date(2026, 11, 20))
    assert premier_ouvert(TODAY) == date(2026, 11, 1)
    assert judged() == []

    Justification.objects.create(enfant=lea, jour=octobre, raison="maladie")
    assert judged() == [(octobre, "midi")]


def test_parent_chooses_why_and_may_change_it_until_it_is_answered(camille, lea, agente):
    inscrire(lea, VENDREDI)
    tell(lea)

    assert justifier(Acteur.parent(camille), lea.pk, VENDREDI, "maladie", now=NOW).raison == "maladie"
    justifier(Acteur.parent(camille), lea.pk, VENDREDI, "famille", now=NOW)
    assert [j.raison for j in Justification.objects.all()] == ["famille"]

    repondre(lea.pk, {VENDREDI: cles("midi")}, "excusee", "urgence de famille", par=agente.pk, now=NOW)
    assert justifier(Acteur.parent(camille), lea.pk, VENDREDI, "maladie", now=NOW) is None


def test_parent_explains_nothing_of_another_foyer_nor_of_a_day_long_gone(camille, lea):
    autre = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    lea.responsabilites.create(responsable=autre)
    inscrire(lea, VENDREDI)
    inscrire(lea, date(2026, 10, 5))
    tell(lea)
    tell(lea, date(2026, 10, 5))

    assert justifier(Acteur.parent(autre), lea.pk, VENDREDI, "maladie", now=NOW) is None
    assert justifier(Acteur.parent(camille), lea.pk, date(2026, 10, 5), "maladie", now=NOW) is None
    lea.responsabilites.filter(responsable=camille).update(suspendue=True)
    assert justifier(Acteur.parent(camille), lea.pk, VENDREDI, "maladie", now=NOW) is None


def test_reason_is_one_of_the_list(camille, lea):
    inscrire(lea, VENDREDI)
    tell(lea)

    with pytest.raises(ValueError, match="gastro"):
        justifier(Acteur.parent(camille), lea.pk, VENDREDI, "gastro dans la nuit", now=NOW)


def test_answer_is_written_once_and_judges_no_more(camille, lea, agente):
    inscrire(lea, VENDREDI)
    inscrire(lea, VENDREDI, creneau="soir")
    tell(lea)
    args = (lea.pk, {VENDREDI: cles("midi", "soir")}, "excusee", "malade")

    assert len(repondre(*args, par=agente.pk, now=NOW)) == 2
    assert repondre(*args, par=agente.pk, now=NOW) == []
    assert judged() == []


def test_second_agent_changes_nothing_without_asking_to(camille, lea, agente):
    inscrire(lea, VENDREDI)
    tell(lea)
    repondre(lea.pk, {VENDREDI: cles("midi")}, "excusee", "malade", par=agente.pk, now=NOW)

    assert repondre(lea.pk, {VENDREDI: cles("midi")}, "facturee", "hors délai", par=agente.pk, now=NOW) == []
    repondre(lea.pk, {VENDREDI: cles("midi")}, "facturee", "hors délai", par=agente.pk, now=NOW, changer=True)

    assert [r.reponse for r in ReponseAbsence.objects.order_by("pk")] == ["excusee", "facturee"]


def test_no_absence_no_answer(camille, lea, agente):
    inscrire(lea, VENDREDI)
    pointer(lea, VENDREDI, creneau="midi", arrivee="11:31")
    clore(VENDREDI)

    assert Pointage.objects.get().present
    assert repondre(lea.pk, {VENDREDI: cles("midi")}, "excusee", "malade", par=agente.pk, now=NOW) == []
    with pytest.raises(ValueError, match="reason"):
        repondre(lea.pk, {VENDREDI: cles("midi")}, "excusee", "", par=agente.pk, now=NOW)


def test_absences_billed_say_who_told_what(camille, lea):
    inscrire(lea, VENDREDI)
    clore(VENDREDI)
    [ligne] = absences_facturees(VENDREDI, VENDREDI, now=NOW)
    assert (ligne.dite, ligne.justifiee) == (False, False)

    tell(lea)
    Justification.objects.create(enfant=lea, jour=VENDREDI, raison="transport")
    [ligne] = absences_facturees(VENDREDI, VENDREDI, now=NOW)
    assert (ligne.dite, ligne.justifiee) == (True, True)


# --- The mail ---------------------------------------------------------------------------------------------------------


def test_foyer_that_pays_is_told_by_one_mail_an_address(camille, lea, agente):
    autre = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    lea.responsabilites.create(responsable=autre)
    inscrire(lea, VENDREDI)
    inscrire(lea, VENDREDI, creneau="soir")
    tell(lea)
    repondre(lea.pk, {VENDREDI: cles("midi", "soir")}, "excusee", "malade", par=agente.pk, now=NOW)

    [mail] = sent_mails()
    assert mail.to == [camille.user.email]
    assert mail.subject == "Absence de Léa, vendredi 27\u00a0novembre\u00a0: excusée"
    texte = body_of(mail)
    assert "(midi et soir), est excusée : elle ne sera pas facturée. Raison donnée par la mairie : malade." in texte


@pytest.mark.parametrize("perdu", ["the child", "the parent"])
def test_answer_is_not_told_to_who_may_no_longer_see_the_child(camille, lea, agente, perdu):
    inscrire(lea, VENDREDI)
    tell(lea)
    repondre(lea.pk, {VENDREDI: cles("midi")}, "excusee", "malade", par=agente.pk, now=NOW)
    if perdu == "the child":
        lea.responsabilites.all().delete()
    else:
        user = camille.user
        camille.delete()
        user.refresh_from_db()

    assert sent_mails() == []


def test_answer_that_was_changed_since_is_not_told(camille, lea, agente):
    inscrire(lea, VENDREDI)
    tell(lea)
    repondre(lea.pk, {VENDREDI: cles("midi")}, "excusee", "malade", par=agente.pk, now=NOW)
    repondre(lea.pk, {VENDREDI: cles("midi")}, "facturee", "hors délai", par=agente.pk, now=NOW, changer=True)

    assert [mail.subject.endswith("facturée") for mail in sent_mails()] == [True]


def test_who_told_the_absence_is_answered_though_another_home_pays(camille, lea, agente):
    """Sacha told it, Camille pays the lunch, Sacha the evening: each reads what is theirs, and who asked, all of it."""
    sacha = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    lea.responsabilites.create(responsable=sacha)
    inscrire(lea, VENDREDI)
    inscrire(lea, VENDREDI, creneau="soir", foyer=sacha.foyer)
    absence = tell(lea)
    absence.signalee_par = sacha.user
    absence.save()
    repondre(lea.pk, {VENDREDI: cles("midi", "soir")}, "excusee", "malade", par=agente.pk, now=NOW)

    dits = {mail.to[0]: body_of(mail) for mail in sent_mails()}
    assert set(dits) == {camille.user.email, sacha.user.email}
    assert "(midi), est excusée" in dits[camille.user.email]
    assert "(midi et soir), est excusée" in dits[sacha.user.email]


def test_adult_who_may_see_the_child_no_more_is_not_answered(camille, lea, agente):
    sacha = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    lea.responsabilites.create(responsable=sacha, suspendue=True)
    inscrire(lea, VENDREDI)
    Absence.objects.filter(pk=tell(lea).pk).update(signalee_par=sacha.user)
    repondre(lea.pk, {VENDREDI: cles("midi")}, "facturee", "hors délai", par=agente.pk, now=NOW)

    assert [mail.to for mail in sent_mails()] == [[camille.user.email]]
