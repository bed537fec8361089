"""A parent adds somebody whose name is like that of a forbidden person: the town hall is asked, and answers once.

Nothing is authorised meanwhile, and no parent reads any of it. A request is never rewritten: what an agent has read is
what the click answers, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from enfance.famille.noms import cle_dite, contient, illisible, se_ressemblent, sont_proches
from enfance.famille.tasks import tell_autorisation
from enfance.models import DemandeAutorisation, Enfant, PersonneAutorisee
from portail.dates import PARIS

MAX = 20  # that wait, of a child: the town hall knows by then


def proches(nom: str, lien: str, interdites: Iterable[PersonneAutorisee]) -> list[PersonneAutorisee]:
    """Those of these forbidden persons who may be this one, by the name or by what is said of the link: « Mamie (Jean
    Dupont) ». All of them, where one of the two cannot be read.
    """
    if illisible(nom) or illisible(lien):
        return list(interdites)
    return [personne for personne in interdites if may_be(nom, lien, personne.nom)]


def may_be(nom: str, lien: str, autre: str) -> bool:
    """Whether who is said to be this may have the other name."""
    return any(se_ressemblent(dit, autre) for dit in (nom, lien) if dit) or contient(f"{nom} {lien}", autre)


def is_near(nom: str, lien: str, autre: str) -> bool:
    """Whether only a letter stands between who is said to be this and the other name. For the town hall: at the gate,
    and of a parent, two families of near names are two.
    """
    return not may_be(nom, lien, autre) and any(sont_proches(dit, autre) for dit in (nom, lien) if dit)


def admission_of(personne: PersonneAutorisee, demandes: Iterable[DemandeAutorisation]) -> DemandeAutorisation | None:
    """The answer that let in this very person: it made this row, or was given for the same name, link and telephone,
    on these days at least.
    """
    admises = (demande for demande in demandes if demande.admise)
    return next((d for d in admises if d.personne_id == personne.pk or _covers(d, personne)), None)


def must_ask(personne: PersonneAutorisee, interdites: Iterable[PersonneAutorisee]) -> bool:
    """Whether this person, not saved yet, is the town hall's to let in; the request is then written, once however often
    it is made. The caller holds the child.
    """
    if not proches(personne.nom, personne.lien, interdites):
        return False
    demandes = list(personne.enfant.demandes_autorisation.all())
    if admission_of(personne, demandes):
        return False
    known = any(_said(demande) == _said(personne) for demande in demandes)
    if not known and sum(demande.attend for demande in demandes) < MAX:
        personne.enfant.demandes_autorisation.create(
            nom=personne.nom,
            lien=personne.lien,
            telephone=personne.telephone,
            debut=personne.debut,
            fin=personne.fin,
            demandee_par_id=personne.ajoutee_par_id,
            demandee_le=personne.ajoutee_le,
        )
    return True


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
                tell_autorisation.enqueue([personne.pk], demande.demandee_par_id or agent.pk, False)
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
    admises = list(enfant.demandes_autorisation.exclude(personne=None))
    return [
        (personne, interdite)
        for personne in enfant.personnes_autorisees.autorisees(today)
        for interdite in proches(personne.nom, personne.lien, interdites)
        if admission_of(personne, admises) is None
    ]


def _held(pk: int) -> DemandeAutorisation | None:
    """This request, with its child locked for the transaction; None when there is none."""
    enfant = Enfant.objects.select_for_update().filter(demandes_autorisation=pk).first()
    return DemandeAutorisation.objects.select_related("enfant").filter(pk=pk).first() if enfant else None


def _covers(demande: DemandeAutorisation, personne: PersonneAutorisee) -> bool:
    """Whether this is whom the request was about, on none but its days."""
    return (
        _who(demande) == _who(personne)
        and (demande.debut is None or (personne.debut is not None and personne.debut >= demande.debut))
        and (demande.fin is None or (personne.fin is not None and personne.fin <= demande.fin))
    )


def _said(dit: PersonneAutorisee | DemandeAutorisation) -> tuple[tuple[str, ...], date | None, date | None]:
    return _who(dit), dit.debut, dit.fin


def _who(dit: PersonneAutorisee | DemandeAutorisation) -> tuple[str, ...]:
    return cle_dite(dit.nom), cle_dite(dit.lien), dit.telephone
