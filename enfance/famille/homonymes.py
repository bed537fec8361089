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
    """The forbidden persons, among these, who may be the person of this name and link, by the name or by what the link
    says: « Mamie (Jean Dupont) ». All of them when the name or the link cannot be read.
    """
    if illisible(nom) or illisible(lien):
        return list(interdites)
    return [personne for personne in interdites if may_be(nom, lien, personne.nom)]


def may_be(nom: str, lien: str, autre: str) -> bool:
    """Whether the person of this name and link may be the one called `autre`."""
    return any(se_ressemblent(dit, autre) for dit in (nom, lien) if dit) or contient(f"{nom} {lien}", autre)


def is_near(nom: str, lien: str, autre: str) -> bool:
    """Whether the name or the link of this person differs from the name `autre` by one letter only, and is not alike
    otherwise. It is for the town hall; to the team and to parents, two families of nearly the same name are two.
    """
    return not may_be(nom, lien, autre) and any(sont_proches(dit, autre) for dit in (nom, lien) if dit)


def admission_of(personne: PersonneAutorisee, demandes: Iterable[DemandeAutorisation]) -> DemandeAutorisation | None:
    """The request, among these, by which the town hall let this person in although its name is like a forbidden one: it
    made this very row, or was for the same name, link and telephone, on these days at least. None without one.
    """
    admises = (demande for demande in demandes if demande.admise)
    return next((d for d in admises if d.personne_id == personne.pk or _covers(d, personne)), None)


def must_ask(personne: PersonneAutorisee, interdites: Iterable[PersonneAutorisee]) -> bool:
    """Whether the town hall must decide on this person, not saved yet, as the name is like that of one of these
    forbidden persons and was not let in before. If so, the request is written, once however often it is made, but not
    beyond 20 that wait for the child.

    The caller has locked the child.
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
    """Let in the person of this request (primary key), as the town hall decides, even after a refusal. Each other
    parent is told, unless the days it is for are over or the person may fetch the child already.

    Returns the request; None when it is no more, or the person is already let in.
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
    """Refuse this request (primary key), as the town hall decides. Returns the request; None when it is no more, or
    already answered.
    """
    with transaction.atomic():
        demande = _held(pk)
        if demande is None or not demande.attend:
            return None
        demande.decidee_par, demande.decidee_le = agent, now
        demande.save()
    return demande


def reopen(interdite: PersonneAutorisee) -> int:
    """Ask the town hall again about each person whom it had let in and whose name is like that of this newly forbidden
    one. Returns how many there are. Meanwhile they may still fetch the child.
    """
    with transaction.atomic():
        Enfant.objects.select_for_update().get(pk=interdite.enfant_id)
        admises = DemandeAutorisation.objects.filter(enfant=interdite.enfant_id).exclude(personne=None)
        again = [demande.pk for demande in admises if proches(demande.nom, demande.lien, [interdite])]
        DemandeAutorisation.objects.filter(pk__in=again).update(personne=None, decidee_par=None, decidee_le=None)
    return len(again)


def ressemblances(enfant: Enfant, today: date) -> list[tuple[PersonneAutorisee, PersonneAutorisee]]:
    """Each person who may fetch this child and whose name is like that of a forbidden person, beside that forbidden
    person. Those whom the town hall has let in all the same are left out.
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
