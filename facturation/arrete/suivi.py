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
        return sum(facture.total for facture in self.factures)

    @property
    def derniere(self) -> Facture:
        return self.factures[-1]

    @property
    def avoirs_suivis(self) -> list[tuple[Facture, str]]:
        """Each avoir, and where it went in words."""
        return [(avoir, self.suites[avoir.pk].phrase_for_town) for avoir in self.avoirs]

    @property
    def deduit_moins(self) -> int:
        """What avoirs took off, below 0."""
        return -self.deduit

    @property
    def duree(self) -> str:
        """How long what became of each mail is kept: « 30 jours »."""
        return jours(DEMANDES)

    @property
    def courriels(self) -> int:
        return self.remis + self.en_route + len(self.revenus)


def load_suivi(mois: Mois) -> SuiviMois:
    """What became of this month. Seven queries, more where something was carried."""
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
    """Whether this mail did not reach its reader: it could not leave, or it came back."""
    if ligne.state in {State.FAILED, State.SKIPPED}:
        return True
    return ligne.state == State.SENT and ligne.user.email_refused_at is not None


def load_lettres(mois: Mois) -> list[Facture]:
    """The invoices to print, by number: of who has no mail, and of those whose mail came back."""
    return list(load_suivi(mois).lettres)


def _lettres(mois: Mois, issues: Sequence[Facture], revenus: Sequence[User]) -> list[Facture]:
    foyers = {user.responsable.foyer_id for user in revenus if hasattr(user, "responsable")}
    dites = set(mois.bilan.get("lettres", ()))
    return [facture for facture in issues if facture.pk in dites or facture.compte.foyer_id in foyers]
