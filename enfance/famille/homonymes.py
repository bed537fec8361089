"""A parent adds somebody whose name is like that of a forbidden person: the town hall is asked, and answers once.

Nothing is authorised meanwhile, and no parent reads any of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from enfance.famille.noms import se_ressemblent
from enfance.famille.tasks import tell_autorisation
from enfance.models import DemandeAutorisation, Enfant, PersonneAutorisee, Responsable
from enfance.onde.cles import cle
from portail.dates import PARIS

MAX = 20  # that wait, of a child: the town hall knows by then


def proches(nom: str, lien: str, interdites: Iterable[PersonneAutorisee]) -> list[PersonneAutorisee]:
    """Those of these forbidden persons who may be this one, by the name or by what is said of the link: « Mamie (Jean
    Dupont) ».
    """
    dits = [dit for dit in (nom, lien) if dit]
    return [personne for personne in interdites if any(se_ressemblent(dit, personne.nom) for dit in dits)]


def demande_of(
    nom: str, lien: str, interdites: Iterable[PersonneAutorisee], demandes: Iterable[DemandeAutorisation]
) -> DemandeAutorisation | None:
    """What was asked under this very name; under this link too, if the likeness is in the link."""
    by_link = bool(lien and proches(lien, "", interdites))
    memes = (d for d in demandes if cle(d.nom) == cle(nom) and (not by_link or cle(d.lien) == cle(lien)))
    return next(memes, None)


def must_ask(
    enfant: Enfant,
    auteur: Responsable,
    connues: Iterable[PersonneAutorisee],
    *,
    nom: str,
    lien: str,
    telephone: str,
    debut: date | None,
    fin: date | None,
    now: datetime,
) -> bool:
    """Whether this person is the town hall's to let in; the request is then written, once however often it is made.

    The caller holds the child. What its author says otherwise while it waits takes the place of what was said first.
    """
    interdites = proches(nom, lien, [personne for personne in connues if personne.interdite])
    if not interdites:
        return False
    demandes = list(enfant.demandes_autorisation.all())
    demande = demande_of(nom, lien, interdites, demandes)
    said = {"lien": lien, "telephone": telephone, "debut": debut, "fin": fin}
    if demande is None:
        if sum(autre.attend for autre in demandes) < MAX:
            enfant.demandes_autorisation.create(nom=nom, demandee_par_id=auteur.user_id, demandee_le=now, **said)
        return True
    if demande.attend and demande.demandee_par_id == auteur.user_id:
        DemandeAutorisation.objects.filter(pk=demande.pk).update(**said)
    return not demande.admise


def admettre(pk: int, agent: User, *, now: datetime) -> DemandeAutorisation | None:
    """Let a namesake in, as the parent who asked would have, were it refused before; None when it is done already.

    Each other parent is told, unless the days it is for are over.
    """
    today = now.astimezone(PARIS).date()
    with transaction.atomic():
        demande = _held(pk)
        if demande is None or demande.admise:
            return None
        seules = demande.enfant.personnes_autorisees.autorisees(today).filter(demande=None)
        deja = [personne for personne in seules if _said(personne) == _said(demande)]
        personne = deja[0] if deja else None
        if personne is None:
            personne = demande.enfant.personnes_autorisees.create(
                nom=demande.nom,
                lien=demande.lien,
                telephone=demande.telephone,
                debut=demande.debut,
                fin=demande.fin,
                ajoutee_par_id=demande.demandee_par_id,
                ajoutee_le=now,
            )
            if demande.fin is None or demande.fin >= today:
                tell_autorisation.enqueue(personne.pk, demande.demandee_par_id or agent.pk, False)
        demande.personne, demande.decidee_par, demande.decidee_le = personne, agent, now
        demande.save()
    return demande


def refuser(pk: int, agent: User, *, now: datetime) -> DemandeAutorisation | None:
    """Keep this request as refused; None when it is answered already."""
    with transaction.atomic():
        demande = _held(pk)
        if demande is None or not demande.attend:
            return None
        demande.decidee_par, demande.decidee_le = agent, now
        demande.save()
    return demande


def reopen(interdite: PersonneAutorisee) -> int:
    """Ask the town hall again about each namesake of this newly forbidden person that it had let in; how many."""
    with transaction.atomic():
        Enfant.objects.select_for_update().get(pk=interdite.enfant_id)
        admises = DemandeAutorisation.objects.filter(enfant=interdite.enfant_id).exclude(personne=None)
        again = [demande.pk for demande in admises if proches(demande.nom, demande.lien, [interdite])]
        DemandeAutorisation.objects.filter(pk__in=again).update(personne=None, decidee_par=None, decidee_le=None)
    return len(again)


def ressemblances(enfant: Enfant, today: date) -> list[tuple[PersonneAutorisee, PersonneAutorisee]]:
    """Each person who may fetch this child beside the forbidden one whom the name is like, those aside whom the town
    hall has let in all the same.
    """
    interdites = list(enfant.personnes_autorisees.filter(interdite=True, retiree_le=None))
    admises = [demande for demande in enfant.demandes_autorisation.all() if demande.admise]
    return [
        (personne, interdite)
        for personne in enfant.personnes_autorisees.autorisees(today)
        for interdite in proches(personne.nom, personne.lien, interdites)
        if demande_of(personne.nom, personne.lien, interdites, admises) is None
    ]


def _held(pk: int) -> DemandeAutorisation | None:
    """This request, its child locked as for whoever adds somebody; None when there is none."""
    enfant = Enfant.objects.select_for_update().filter(demandes_autorisation=pk).first()
    return DemandeAutorisation.objects.select_related("enfant").filter(pk=pk).first() if enfant else None


def _said(dit: PersonneAutorisee | DemandeAutorisation) -> tuple[str, date | None, date | None]:
    return cle(dit.nom), dit.debut, dit.fin
