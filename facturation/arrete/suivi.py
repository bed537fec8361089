"""A closed month since: what was received, which mails came back, the letters to print, its avoirs. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q, Sum

from accounts.models import MailingLine, User
from accounts.retention import DEMANDES
from facturation.models import Facture, Imputation, Mois
from facturation.papiers.avoirs import SuiteAvoir, load_suites
from facturation.payeurs.reports import restes_dus
from portail.durees import jours

State = MailingLine.State


@dataclass(frozen=True)
class SuiviMois:
    """Amounts in centimes. `revenus`: the accounts whose mail did not reach them; a letter goes instead. `oublies`: how
    many mails left of which nothing more is kept.
    """

    mois: Mois
    factures: Sequence[Facture]
    avoirs: Sequence[Facture]
    recu: int
    payees: int
    deduit: int
    suites: Mapping[int, SuiteAvoir]
    reste: int
    remis: int
    en_route: int
    oublies: int
    revenus: Sequence[User]
    lettres: Sequence[Facture]

    @property
    def total(self) -> int:
        """The sum of the invoices of the month, in centimes, without the avoirs."""
        return sum(facture.total for facture in self.factures)

    @property
    def derniere(self) -> Facture:
        """The last invoice of the month, by number; the month must have one."""
        return self.factures[-1]

    @property
    def avoirs_suivis(self) -> list[tuple[Facture, str]]:
        """Each avoir (credit note) of the month with a French sentence that says where its money went."""
        return [(avoir, self.suites[avoir.pk].phrase_for_town) for avoir in self.avoirs]

    @property
    def deduit_moins(self) -> int:
        """What avoirs (credit notes) took off the invoices of the month, in centimes, as a number below 0."""
        return -self.deduit

    @property
    def duree(self) -> str:
        """For how long the portal keeps what became of each mail, in French: « 30 jours »."""
        return jours(DEMANDES)

    @property
    def courriels(self) -> int:
        """How many mails of the month there are: delivered, on their way, or come back; 0 once that is kept no more."""
        return self.remis + self.en_route + len(self.revenus)


def load_suivi(mois: Mois) -> SuiviMois:
    """What has become of this closed month: what was received, what remains, the mails, the letters, the avoirs. Seven
    queries, more where a balance was carried to another payer.
    """
    issues = list(Facture.objects.filter(mois=mois).select_related("compte").order_by("genre", "rang"))
    factures = [facture for facture in issues if facture.genre == Facture.Genre.FACTURE]
    avoirs = Facture.objects.avoirs().filter(Q(mois=mois) | Q(origine__mois=mois))
    siens = list(avoirs.select_related("origine", "emise_par").order_by("emise_le", "rang"))
    dus = restes_dus(factures)
    par_avoir = Imputation.objects.filter(facture__mois=mois, avoir__isnull=False)
    deduit: int = par_avoir.aggregate(somme=Sum("montant"))["somme"] or 0
    recu = sum(facture.total for facture in factures) - deduit - sum(dus.values())
    lignes = list(MailingLine.objects.filter(mailing=mois.bilan.get("envoi")).select_related("user__responsable"))
    revenus = [ligne.user for ligne in lignes if is_revenue(ligne)]
    oublies = 0 if lignes else mois.bilan.get("courriels", 0)
    return SuiviMois(
        mois,
        factures,
        siens,
        recu,
        sum(not reste for reste in dus.values()),
        deduit,
        load_suites(siens),
        sum(dus.values()),
        sum(ligne.state == State.SENT and not is_revenue(ligne) for ligne in lignes),
        sum(ligne.state == State.WAITING for ligne in lignes),
        oublies,
        revenus,
        _lettres(mois, issues, revenus),
    )


def is_revenue(ligne: MailingLine) -> bool:
    """Whether this mail did not reach its reader: it could not leave, or their address refused it."""
    if ligne.state in {State.FAILED, State.SKIPPED}:
        return True
    return ligne.state == State.SENT and ligne.user.email_refused_at is not None


def load_lettres(mois: Mois) -> list[Facture]:
    """The invoices and avoirs of this closed month to print as letters, by number: of payers without e-mail, and of
    those whose e-mail came back.
    """
    return list(load_suivi(mois).lettres)


def _lettres(mois: Mois, issues: Sequence[Facture], revenus: Sequence[User]) -> list[Facture]:
    foyers = {user.responsable.foyer_id for user in revenus if hasattr(user, "responsable")}
    dites = set(mois.bilan.get("lettres", ()))
    return [facture for facture in issues if facture.pk in dites or facture.compte.foyer_id in foyers]
