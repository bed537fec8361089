"""The mails of money and its nightly count, outside the request. Arguments are identifiers only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.tasks import task
from django.utils import timezone

from accounts import mailings
from accounts.emails import deliver
from accounts.models import MailingLine, User
from accounts.outbox import LINE, fan_task, mail_task
from facturation.absences.courriels import load_reponses_dites, reponse_context, signalement_context
from facturation.arrete.courriels import facture_context
from facturation.attestations.courriels import attestation_context
from facturation.attestations.emission import attestations_of
from facturation.models import Facture, Mois, SignalementFacture
from facturation.payeurs.comptes import comptes_seen_by, reads
from facturation.quotients.courriels import demande_context, is_wanted
from facturation.recompte import note
from facturation.registres.durees import first_whole_year
from facturation.verification import verifier

LOT = 500  # mails enqueued in one transaction


def _enqueue_lines(mailing: int, after: int, send: Callable[[int], Any], go_on: Callable[[int], Any]) -> None:
    """Enqueue the mails of the next lines of a mailing that wait, and the lines that follow if there may be more."""
    attend = MailingLine.objects.filter(mailing=mailing, state=MailingLine.State.WAITING, pk__gt=after)
    lignes = list(attend.order_by("pk").values_list("pk", flat=True)[:LOT])
    with transaction.atomic():
        for ligne in lignes:
            send(ligne)
        if len(lignes) == LOT:
            go_on(lignes[-1])


@fan_task("Factures du mois")
def send_factures(mois_pk: int, after: int = 0) -> None:
    """Enqueue the mails of the invoices of a closed month, 500 at a time: those whose line (primary key) follows
    `after`. Run twice, it enqueues twice, and each line is sent once.
    """
    mois = Mois.objects.filter(pk=mois_pk).first()
    if mois is None or not mois.bilan.get("envoi"):
        return
    _enqueue_lines(
        mois.bilan["envoi"],
        after,
        lambda line: send_facture.enqueue(mois_pk, line),
        lambda last: send_factures.enqueue(mois_pk, last),
    )


@mail_task("Facture", LINE)
def send_facture(mois_pk: int, line: int, attempt: int = 0) -> None:
    """Tell one payer of their invoice of this month, unless its line says that this was done."""
    waiting = mailings.line_to_send(line)
    if waiting is None:
        return
    now = timezone.now()
    siennes = Facture.objects.filter(mois=mois_pk, compte__foyer__responsables__user=waiting.user)
    facture = siennes.select_related("mois", "compte").first()
    mailings.deliver_line(
        waiting,
        "avoir" if facture and facture.genre == Facture.Genre.AVOIR else "facture",
        facture_context(facture, timezone.localdate(now)) if facture else None,
        again=send_facture,
        args=[mois_pk, line],
        attempt=attempt,
        now=now,
    )


@mail_task("Avoir")
def send_avoir(user_pk: int, facture_pk: int, attempt: int = 0) -> None:
    """Tell one adult of an avoir of their foyer."""
    user = User.objects.filter(pk=user_pk, is_active=True).exclude(email="").first()
    sienne = Facture.objects.filter(pk=facture_pk, compte__foyer__responsables__user=user_pk)
    facture = sienne.select_related("mois", "compte").first()
    if user is None or facture is None:
        return
    now = timezone.now()
    context = facture_context(facture, timezone.localdate(now))
    deliver("avoir", user, context, again=send_avoir, args=[user_pk, facture_pk], attempt=attempt, now=now)


@fan_task("Attestations fiscales")
def send_attestations(annee: int, mailing: int, after: int = 0) -> None:
    """Enqueue the mails of the certificates of a year, 500 at a time: those whose line (primary key) follows `after`.
    Run twice, it enqueues twice, and each line is sent once.
    """
    _enqueue_lines(
        mailing,
        after,
        lambda line: send_attestation.enqueue(annee, line),
        lambda last: send_attestations.enqueue(annee, mailing, last),
    )


@mail_task("Attestation fiscale", LINE)
def send_attestation(annee: int, line: int, attempt: int = 0) -> None:
    """Tell one payer that their certificate is there, unless its line says that this was done."""
    waiting = mailings.line_to_send(line)
    if waiting is None:
        return
    siennes = attestations_of(comptes_seen_by(waiting.user), annee)
    mailings.deliver_line(
        waiting,
        "attestation",
        attestation_context(siennes[0]) if siennes else None,
        again=send_attestation,
        args=[annee, line],
        attempt=attempt,
        now=timezone.now(),
    )


@task()
def verify_factures() -> None:
    """Each night: count all issued money again, and note whether it adds up."""
    now = timezone.now()
    note(sum(1 for _ in verifier(depuis=first_whole_year(now))), now=now)


@fan_task("Demandes du quotient familial")
def send_demandes_quotient(mailing_pk: int, after: int = 0) -> None:
    """Enqueue the mails of this mailing, 500 at a time: those whose line (primary key) follows `after`."""
    _enqueue_lines(
        mailing_pk,
        after,
        send_demande_quotient.enqueue,
        lambda last: send_demandes_quotient.enqueue(mailing_pk, last),
    )


@mail_task("Demande du quotient familial", LINE)
def send_demande_quotient(line: int, attempt: int = 0) -> None:
    """Ask one family for its quotient, unless its line says that this was done, or the town hall has it meanwhile."""
    waiting = mailings.line_to_send(line)
    if waiting is None:
        return
    now, user = timezone.now(), waiting.user
    today = timezone.localdate(now)
    context = demande_context(user, today) if is_wanted(user, today) else None
    mailings.deliver_line(
        waiting, "quotient", context, again=send_demande_quotient, args=[line], attempt=attempt, now=now
    )


@mail_task("Réponse à une erreur signalée")
def send_reponse_signalement(user_pk: int, signalement_pk: int, attempt: int = 0) -> None:
    """Tell the parent who saw an error on an invoice what the town hall answered."""
    user = User.objects.filter(pk=user_pk, is_active=True).exclude(email="").first()
    dit = SignalementFacture.objects.filter(pk=signalement_pk, dit_par=user).select_related("facture").first()
    if user is None or dit is None or dit.repondu_le is None or not reads(user, dit.facture.compte_id):
        return
    args = [user_pk, signalement_pk]
    deliver(
        "reponse_signalement",
        user,
        signalement_context(dit),
        again=send_reponse_signalement,
        args=args,
        attempt=attempt,
        now=timezone.now(),
    )


@mail_task("Réponse à une absence")
def send_reponse_absence(user_pk: int, reponses: list[int], attempt: int = 0) -> None:
    """Tell one adult what the town hall answered for an absence; nothing when a later answer has taken its place."""
    user = User.objects.filter(pk=user_pk, is_active=True).exclude(email="").first()
    lues = load_reponses_dites(reponses)
    if user is None or not lues:
        return
    context = reponse_context(lues, user)
    if context:
        args = [user_pk, reponses]
        deliver(
            "reponse_absence", user, context, again=send_reponse_absence, args=args, attempt=attempt, now=timezone.now()
        )
