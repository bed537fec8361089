"""Counts all issued money again from the frozen lines: every invoice, number, receipt, share, balance. Reads, never
writes.

A difference is a French sentence, without a name of anybody: papers by their numbers, payers and children by their
keys. Rows go by, a few hundred at a time: a town of 20 000 children is never held at once. Amounts are centimes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import batched
from typing import Any

from django.db.models import Count, F, Max, Min, Model, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.models import Passage
from facturation.models import (
    Attestation,
    Compte,
    Encaissement,
    EssaiPaiement,
    Facture,
    Imputation,
    Prestation,
    Serie,
    Versement,
)
from facturation.montants import euros
from facturation.numeros import numero
from facturation.payeurs.comptes import soldes
from facturation.payeurs.entetes import empreinte_of
from facturation.payfip.verdicts import somme_payee
from facturation.sceaux import dit_du_versement, dit_of, ecarts, sceau_du_versement, sceau_of
from facturation.scellement import SCELLES

LOT = 500  # invoices read at a time, with their lines
PAYEURS = 2000  # payers of a query
NOMMES = 20  # missing numbers that are said one by one
Nature = Prestation.Nature
LIBRES = (Nature.CORRECTION, Nature.REPORT)  # as many as it takes, and of no share
Avance = Callable[[int], object]


def _silence(combien: int) -> None:
    pass


def verifier(avance: Avance = _silence, *, depuis: int = 0) -> Iterator[str]:
    """Count all issued money again, and give what does not add up, a French sentence each; nothing when all does.
    `avance` is told how many invoices more were counted.

    `depuis`: the first year of which nothing has passed its time. Of the years before, some papers have gone, and with
    them their numbers, the other part of a share, the receipts of a versement.
    """
    yield from _factures(avance)
    yield from _lignes()
    yield from _partages(depuis)
    yield from _numeros(depuis)
    yield from _imputations()
    yield from _encaissements()
    yield from _versements(depuis)
    yield from _sceaux(depuis)
    yield from _payes()
    yield from _soldes()
    yield from _listes()
    yield from _attestations()


# --- Invoices and their lines -----------------------------------------------------------------------------------------


def _factures(avance: Avance) -> Iterator[str]:
    """The total of each is the sum of its lines, and nothing of it has changed since it was issued."""
    toutes = Facture.objects.order_by("pk").iterator(chunk_size=LOT)
    for lot in batched(toutes, LOT):
        lignes: dict[int | None, list[Prestation]] = {facture.pk: [] for facture in lot}
        for ligne in Prestation.objects.filter(facture__in=list(lignes)).order_by().iterator(chunk_size=5000):
            lignes[ligne.facture_id].append(ligne)
        for facture in lot:
            yield from _facture(facture, lignes[facture.pk])
        avance(len(lot))


def _facture(facture: Facture, lignes: Iterable[Prestation]) -> Iterator[str]:
    siennes = list(lignes)
    somme = sum(ligne.montant for ligne in siennes)
    if somme != facture.total:
        yield f"{facture.numero}\u00a0: le total est {euros(facture.total)}, ses lignes font {euros(somme)}."
    if empreinte_of(facture, siennes) != facture.empreinte:
        yield f"{facture.numero}\u00a0: elle n’est plus ce qu’elle était à son émission (empreinte)."
    if facture.numero != numero(facture.genre, facture.annee, facture.rang):
        yield f"{facture.numero}\u00a0: ce numéro n’est pas celui de son rang, {facture.rang} de {facture.annee}."
    if any(ligne.compte_id != facture.compte_id for ligne in siennes):
        yield f"{facture.numero}\u00a0: une de ses lignes est d’un autre payeur."


def _lignes() -> Iterator[str]:
    """One line a child, day, créneau, payer and nature, which the database holds but for a line without créneau; the
    price is what one costs, as many times as there are.
    """
    cles = ("cle_enfant", "jour", "creneau", "compte", "nature", "tarif", "supplement")
    doubles = _fixes().values(*cles).annotate(n=Count("pk")).filter(n__gt=1).order_by(*cles)
    for ligne in doubles.iterator():
        yield f"{_ou(ligne)}\u00a0: {ligne['n']} lignes du payeur {ligne['compte']}, il en faut une."
    fausses = _fixes().exclude(entier=F("quantite") * F("prix")).order_by("pk")
    for ligne in fausses.values(*cles, "quantite", "prix", "entier").iterator():
        yield (
            f"{_ou(ligne)}\u00a0: {ligne['quantite']} fois {euros(ligne['prix'])} ne font pas {euros(ligne['entier'])}."
        )


def _partages(depuis: int) -> Iterator[str]:
    """What the payers of a child owe makes the whole price, and their parts the whole."""
    cles = ("cle_enfant", "jour", "creneau", "nature", "tarif", "supplement")
    groupes = (
        _fixes()
        .filter(mois__premier__gte=date(max(depuis, 1), 1, 1))
        .values(*cles)
        .annotate(somme=Sum("montant"), bas=Min("entier"), haut=Max("entier"), parts=Sum("part"))
    )
    for groupe in groupes.exclude(somme=F("bas"), bas=F("haut"), parts=100).order_by(*cles).iterator():
        du = f"les payeurs en doivent {euros(groupe['somme'])} ({groupe['parts']}\u00a0%)"
        yield f"{_ou(groupe)}\u00a0: le prix est {euros(groupe['haut'])}, {du}."


def _fixes() -> QuerySet[Prestation]:
    fixes: QuerySet[Prestation] = Prestation.objects.exclude(nature__in=LIBRES).order_by()
    return fixes


def _ou(ligne: dict[str, Any]) -> str:
    creneau = f", créneau {ligne['creneau']}" if ligne["creneau"] else ""
    return f"Enfant {ligne['cle_enfant']}, {ligne['jour']:%d/%m/%Y}{creneau}, {Nature(ligne['nature']).label}"


# --- Numbers ----------------------------------------------------------------------------------------------------------

NUMEROTES: dict[str, tuple[type[Model], dict[str, str]]] = {
    "F": (Facture, {"genre": Facture.Genre.FACTURE}),
    "AV": (Facture, {"genre": Facture.Genre.AVOIR}),
    "R": (Encaissement, {}),
    "V": (Versement, {}),
    "A": (Attestation, {}),
}


def _numeros(depuis: int) -> Iterator[str]:
    """1 to the last number given, by series and year, none missing."""
    donnes = {(serie.code, serie.annee): serie.dernier for serie in Serie.objects.all()}
    for code, (modele, siens) in NUMEROTES.items():
        rangees = modele._default_manager.filter(**siens).order_by()
        comptes = rangees.values_list("annee").annotate(Count("pk"), Max("rang"))
        connus = {annee: (combien, dernier) for annee, combien, dernier in comptes}
        annees = sorted({*connus, *(annee for serie, annee in donnes if serie == code and annee >= depuis)})
        for annee in annees:
            combien, dernier = connus.get(annee, (0, 0))
            donne = donnes.get((code, annee), 0)
            if dernier > donne:
                yield f"{numero(code, annee, dernier)} existe, la série en est au n°\u00a0{donne}."
            if annee >= depuis and combien != max(dernier, donne):
                yield from _manquants(code, annee, rangees.filter(annee=annee), max(dernier, donne))


def _manquants(code: str, annee: int, rangees: QuerySet[Any], dernier: int) -> Iterator[str]:
    attendu, manquent = 1, 0
    for rang in [*rangees.order_by("rang").values_list("rang", flat=True), dernier + 1]:
        for manque in range(attendu, rang):
            manquent += 1
            if manquent <= NOMMES:
                yield f"{numero(code, annee, manque)}\u00a0: ce numéro manque."
        attendu = rang + 1
    if manquent > NOMMES:
        yield f"Série {code} de {annee}\u00a0: {manquent - NOMMES} autres numéros manquent."


# --- Money ------------------------------------------------------------------------------------------------------------


def _imputations() -> Iterator[str]:
    """No side gives, nor takes, more than it has; both sides are of one payer."""
    cotes: list[tuple[QuerySet[Any], str, Any]] = [
        (Facture.objects.all(), "imputations", F("total")),
        (Facture.objects.all(), "imputations_donnees", -F("total")),
        (Encaissement.objects.all(), "imputations", F("montant")),
        (Encaissement.objects.all(), "imputations_recues", -F("montant")),
    ]
    for rangees, lien, montant in cotes:
        trop = rangees.order_by("pk").annotate(imputee=Sum(f"{lien}__montant"), sien=montant)
        for papier in trop.filter(imputee__gt=F("sien")).iterator(chunk_size=LOT):
            yield f"{papier.numero}\u00a0: {euros(papier.imputee)} imputés, pour {euros(papier.sien)}."
    credit, debit = _payeur("encaissement", "avoir"), _payeur("facture", "sortie")
    croisees = Imputation.objects.annotate(du=credit, au=debit).exclude(du=F("au")).order_by("pk")
    for imputation in croisees.iterator():
        yield f"Imputation {imputation.pk}\u00a0: elle va du payeur {imputation.du} au payeur {imputation.au}."


def _payeur(premier: str, second: str) -> Coalesce:
    return Coalesce(f"{premier}__compte", f"{second}__compte")


def _encaissements() -> Iterator[str]:
    """A counter-entry is the opposite of what it cancels; what PayFiP paid is what was received."""
    contraires = Encaissement.objects.exclude(annule=None).order_by("pk")
    faux = contraires.exclude(montant=-F("annule__montant"), compte=F("annule__compte"))
    for sien, autre in faux.values_list("numero", "annule__numero").iterator():
        yield f"{sien}\u00a0: il annule {autre}, et n’en est pas l’opposé."
    for sien, annee, rang in Encaissement.objects.order_by("pk").values_list("numero", "annee", "rang").iterator():
        if sien != numero("R", annee, rang):
            yield f"{sien}\u00a0: ce numéro n’est pas celui de son rang, {rang} de {annee}."
    verses = Encaissement.objects.exclude(versement=None).filter(annule_par__isnull=False)
    rejetes = Q(moyen=Encaissement.Moyen.CHEQUE, annule_par__ecrit_le__gte=F("versement__ecrit_le"))  # by the bank
    verses = verses.exclude(rejetes)
    for sien in verses.order_by("pk").values_list("numero", flat=True).iterator():
        yield f"{sien}\u00a0: il est annulé, bien que versé."
    payes = EssaiPaiement.objects.exclude(encaissement=None).select_related("encaissement").order_by("pk")
    for essai in payes.prefetch_related("parts__encaissement").iterator(chunk_size=LOT):
        recu = sum(recu.montant for recu in essai.encaissements)
        if (paye := somme_payee(essai)) != recu:
            dit = "une somme illisible" if paye is None else euros(paye)
            yield f"PayFiP {essai.id_op}\u00a0: {dit} payés, {euros(recu)} reçus."


def _versements(depuis: int) -> Iterator[str]:
    """A versement is the sum of its receipts, some of which were of the year before."""
    versements = Versement.objects.annotate(somme=Coalesce(Sum("encaissements__montant"), 0)).order_by("pk")
    for versement in versements.exclude(somme=F("total")).filter(annee__gt=depuis).iterator():
        yield (
            f"{versement.numero}\u00a0: le total est {euros(versement.total)}, ses encaissements font "
            f"{euros(versement.somme)}."
        )


def _sceaux(depuis: int) -> Iterator[str]:
    """What a receipt, a cancellation or a versement says is what it said when it was sealed. What was received before
    there were seals has none until the first night.
    """
    tous = Passage.objects.filter(job=SCELLES).exists()
    for recu in Encaissement.objects.select_related("annule").order_by("pk").iterator(chunk_size=LOT):
        annule = recu.annule.numero if recu.annule else ""
        juste = recu.empreinte and sceau_of(recu, annule) == recu.empreinte
        if not juste:
            yield from _sceau(recu, ecarts(recu.signe, dit_of(recu, annule)), tous)
    for versement in Versement.objects.order_by("pk").prefetch_related("encaissements").iterator(chunk_size=LOT):
        siens = list(versement.encaissements.all())
        juste = versement.empreinte and sceau_du_versement(versement, siens) == versement.empreinte
        if not juste and (versement.annee > depuis or not versement.empreinte):
            yield from _sceau(versement, ecarts(versement.signe, dit_du_versement(versement, siens)), tous)


def _sceau(piece: Encaissement | Versement, changes: list[str], tous: bool) -> Iterator[str]:
    """What is said of one whose seal does not hold; `tous`: whether all of before have theirs."""
    if not piece.empreinte and piece.scelle_le is None and not tous:
        return
    quoi = "\u202f; ".join(changes) or ("son sceau n’est pas le sien" if piece.empreinte else "il n’a plus de sceau")
    yield f"{piece.numero}\u00a0: il n’est plus ce qu’il était quand il a été scellé\u00a0: {quoi}."


def _payes() -> Iterator[str]:
    """What a standing receipt says that it paid of an invoice is imputed to it, and not to another."""
    recus = Encaissement.objects.standing().filter(montant__gt=0).order_by("pk")
    for recu in recus.prefetch_related("imputations__facture").iterator(chunk_size=LOT):
        imputes: dict[str, int] = {}
        for une in recu.imputations.all():
            if une.facture is not None:
                imputes[une.facture.numero] = imputes.get(une.facture.numero, 0) + une.montant
        for ligne in recu.contenu.get("factures", []):
            if imputes.get(ligne["facture"], 0) < ligne["paye"]:
                dit = f"il dit payer {euros(ligne['paye'])} de {ligne['facture']}"
                yield f"{recu.numero}\u00a0: {dit}, {euros(imputes.get(ligne['facture'], 0))} y sont imputés."


def _soldes() -> Iterator[str]:
    """What each payer owes, recounted from the lines."""
    cles = list(Compte.objects.order_by("pk").values_list("pk", flat=True))
    for debut in range(0, len(cles), PAYEURS):
        lot = cles[debut : debut + PAYEURS]
        recomptes = dict.fromkeys(lot, 0)
        lignes = Prestation.objects.filter(compte__in=lot, facture__isnull=False).order_by()
        for cle, somme in lignes.values_list("compte").annotate(Sum("montant")):
            recomptes[cle] += somme
        for cle, montant in Encaissement.objects.filter(compte__in=lot).order_by().values_list("compte", "montant"):
            recomptes[cle] -= montant
        reunis = set(Compte.objects.filter(pk__in=lot, reuni_dans__isnull=False).values_list("pk", flat=True))
        for cle, solde in soldes(lot).items():
            if solde and cle in reunis:
                yield f"Payeur {cle}\u00a0: réuni à un autre, il doit encore {euros(solde)}."
            if solde != recomptes[cle]:
                yield f"Payeur {cle}\u00a0: le solde est {euros(solde)}, recompté {euros(recomptes[cle])}."


def _listes() -> Iterator[str]:
    """The lists for the treasury claim of an invoice neither less than nothing nor more than it asks."""
    siennes: Any = Facture.objects.annotate(reclame=Sum("relances__montant")).order_by("pk")
    for facture in siennes.exclude(reclame=None).exclude(reclame__gte=0, reclame__lte=F("total")).iterator(LOT):
        reclame, total = euros(facture.reclame), euros(facture.total)
        yield f"{facture.numero}\u00a0: les listes pour la trésorerie en réclament {reclame}, pour {total}."


def _attestations() -> Iterator[str]:
    for attestation in Attestation.objects.order_by("pk").iterator(chunk_size=LOT):
        enfants = attestation.contenu.get("enfants", [])
        sommes = [ligne["total"] for enfant in enfants for ligne in enfant["lignes"]]
        if not attestation.total == sum(sommes) == sum(enfant["total"] for enfant in enfants):
            dit = f"le total est {euros(attestation.total)}, ses lignes font {euros(sum(sommes))}"
            yield f"{attestation.numero}\u00a0: {dit}."
