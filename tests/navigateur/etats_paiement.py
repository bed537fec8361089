"""An invoice paid on line: before, while PayFiP is asked, and each of its answers."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page

from facturation.models import Encaissement, EssaiPaiement, Facture, ReglageFacturation, Relance
from facturation.regie.encaissements import annuler, encaisser
from tests.facturation.essais import make_essai, make_essai_of, make_facture, make_trois
from tests.navigateur.famille import Famille, make_famille
from tests.navigateur.gestes import Reach, at, send
from tests.navigateur.site import Site


def world(total: int = 6580) -> tuple[Famille, Facture]:
    """The town's words are said, and a cheque has paid a part."""
    ReglageFacturation.objects.create(
        ordre_cheque="Régie garderie Saint-Sauveur",
        iban="FR76 3000 1000 6412 3456 7890 185",
        ccas_telephone="04 65 71 00 42",
    )
    famille = make_famille()
    facture = make_facture(famille.camille, total=total)
    if total > 200:
        encaisser(facture.compte, "cheque", 155, factures=[facture], reference="1", par=None, now=timezone.now())
    return famille, facture


def before(site: Site, javascript: bool) -> Page:
    famille, facture = world()
    return famille.open(site, f"/factures/{facture.numero}/payer/", javascript)


def too_small(site: Site, javascript: bool) -> Page:
    famille, facture = world(99)
    return famille.open(site, f"/factures/{facture.numero}/payer/", javascript)


def without_answer(site: Site, javascript: bool) -> Page:
    """PayFiP does not answer."""
    page = before(site, javascript)
    send(page, "Continuer vers PayFiP", mel="camille@courriel.example")
    return page


def wrong_address(site: Site, javascript: bool) -> Page:
    page = before(site, javascript)
    send(page, "Continuer vers PayFiP", mel="camille")
    return page


def under_way(site: Site, javascript: bool) -> Page:
    """The page of the invoice, while an attempt waits."""
    famille, facture = world()
    make_essai(facture, demande_le=timezone.now())
    return famille.open(site, f"/factures/{facture.numero}/payer/", javascript)


def several(path: str, *, begun: bool = False) -> Reach:
    """A page of a family that owes three invoices, or is paying them on PayFiP at once."""

    def reach(site: Site, javascript: bool) -> Page:
        ReglageFacturation.objects.create(ccas_telephone="04 65 71 00 42")
        famille = make_famille()
        factures = make_trois(famille.camille)
        if begun:
            make_essai_of(factures, demande_le=timezone.now())
        return famille.open(site, path, javascript)

    return reach


def attempt(query: str = "", **fields: object) -> Reach:
    """The page of an attempt in this state."""

    def reach(site: Site, javascript: bool) -> Page:
        famille, facture = world()
        essai = make_essai(facture, **{"demande_le": timezone.now() - timedelta(minutes=3), "montant": 6425, **fields})
        return famille.open(site, f"/factures/{facture.numero}/payer/{essai.pk}/{query}", javascript)

    return reach


def paid(site: Site, javascript: bool) -> Page:
    famille, facture = world()
    now = timezone.now()
    recu = encaisser(facture.compte, Encaissement.Moyen.PAYFIP, 6425, factures=[facture], par=None, now=now)
    essai = make_essai(facture, montant=6425, etat=EssaiPaiement.Etat.PAYE, resultrans="P", encaissement=recu)
    return famille.open(site, f"/factures/{facture.numero}/payer/{essai.pk}/", javascript)


def useless(site: Site, javascript: bool) -> Page:
    """The invoice was paid at the counter, once the attempt had begun."""
    famille, facture = world()
    now = timezone.now()
    essai = make_essai(facture, montant=6425, demande_le=now - timedelta(minutes=3))
    encaisser(facture.compte, "especes", 6425, factures=[facture], par=None, now=now)
    return famille.open(site, f"/factures/{facture.numero}/payer/{essai.pk}/", javascript)


def rejected(site: Site, javascript: bool) -> Page:
    """The bank has rejected the direct debit."""
    famille, facture = world()
    now = timezone.now()
    recu = encaisser(facture.compte, Encaissement.Moyen.PAYFIP, 6425, factures=[facture], par=None, now=now)
    essai = make_essai(facture, montant=6425, etat=EssaiPaiement.Etat.PAYE, resultrans="V", encaissement=recu)
    annuler(recu, "prélèvement rejeté par la banque", None, now)
    return famille.open(site, f"/factures/{facture.numero}/payer/{essai.pk}/", javascript)


def handed_over(site: Site, javascript: bool) -> Page:
    """The treasury collects the invoice."""
    famille, facture = world()
    Relance.objects.create(facture=facture, genre=Relance.Genre.TRESORERIE)
    return famille.open(site, f"/factures/{facture.numero}/payer/", javascript)


ETATS = [
    ("paiement", before),
    ("paiement-trop-petit", too_small),
    ("paiement-sans-reponse", without_answer),
    ("paiement-adresse", wrong_address),
    ("paiement-deja-commence", under_way),
    ("accueil-paiement-commence", several("/", begun=True)),
    ("factures-paiement-commence", several("/factures/", begun=True)),
    ("tout-payer", several("/factures/payer/")),
    ("tout-payer-choisies", several("/factures/payer/?facture=F-2026-0349&facture=F-2026-0351")),
    ("paiement-lien", attempt()),
    ("paiement-attente", attempt("?retour=1")),
    ("paiement-a-verifier", attempt(etat="a_verifier", resultrans="Q")),
    ("paiement-refuse", attempt(etat="refuse", resultrans="R")),
    ("paiement-abandon", attempt(etat="abandonne", resultrans="A")),
    ("paiement-sans-suite", attempt(etat="perime", resultrans="P1")),
    ("paiement-paye", paid),
    ("paiement-inutile", useless),
    ("paiement-annule", rejected),
    ("paiement-tresorerie", handed_over),
    ("paiement-retour", at("/paiement/retour/")),
]
