"""Money as the town hall and the Régie see it: the month, its prices, its payers, its receipts."""

from __future__ import annotations

from datetime import date, datetime

from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Page

from enfance.models import Enfant
from facturation.arrete.cloture import arreter
from facturation.attestations.envoi import emettre_et_dire
from facturation.models import Compte, Facture, Justification, Relance, SignalementFacture, Supplement, Tarif
from facturation.payeurs.comptes import compte_of
from facturation.quotients.ecriture import declarer
from facturation.regie.encaissements import encaisser, verser
from facturation.regie.relances.ecriture import mettre_de_cote, rappeler
from portail.dates import PARIS
from tests.factories import ResponsableFactory, StaffFactory
from tests.facturation import vecu as lived
from tests.facturation.grille import make_tarifs
from tests.navigateur.etats_mairie import as_agent
from tests.navigateur.famille import Famille, make_famille
from tests.navigateur.gestes import Reach, press
from tests.navigateur.site import Site

JOURS = [date(2026, 11, jour) for jour in (2, 3, 5, 6, 9, 10)]
FERME = datetime(2026, 12, 1, 10, 24, tzinfo=PARIS)


def november(*, closed: bool = False, young: bool = False) -> Famille:
    """Two families who came in October and November; October is closed, November too if asked. `young`: the children
    are not six.
    """
    famille = make_famille("Léa", "Maximilienne")
    make_tarifs()
    autre = make_famille("Zoé")
    if young:
        Enfant.objects.update(date_naissance=date(2021, 5, 4))
    octobre = [date(2026, 10, jour) for jour in (5, 6, 8)]
    for une in (famille, autre):
        for enfant in une.enfants.values():
            for creneau in ("midi", "soir"):
                lived.inscrire(enfant, *octobre, *JOURS, creneau=creneau, auteur=une.camille.user)
            for jour in (*octobre, *JOURS[:-1]):
                lived.pointer(enfant, jour, depart="17:42")
    lived.pointer(autre.enfants["Zoé"], JOURS[0], creneau="matin", arrivee="07:48")
    lived.clore(*octobre, *JOURS)
    lived.dire_quotient(famille.camille.foyer, 742)
    arreter(date(2026, 10, 1), None, datetime(2026, 11, 3, 9, 0, tzinfo=PARIS))
    if closed:
        arreter(date(2026, 11, 1), None, FERME)
    return famille


# A supplement for who books less than twenty days before, on all the closed months.
ESSAI = (
    "quoi=tardive&moment=&jours=20&compte=jours_ouvres&heure=12:00&gestes=deux&jours_derniers=&compte_derniers="
    "&heure_derniere=&forme=somme&somme=5&pourcentage=&tolerance=&de=2026-11&a=2026-11"
)


def of_town(path: str, *, closed: bool = False) -> Reach:
    """A page of the secretary; `{}` stands for the foyer, `{tarif}` and `{supplement}` for the first of them."""

    def reach(site: Site, javascript: bool) -> Page:
        famille = november(closed=closed)
        foyer = famille.camille.foyer_id
        tarif, supplement = Tarif.objects.earliest("pk").pk, Supplement.objects.earliest("pk").pk
        return as_agent(site, path.format(foyer, tarif=tarif, supplement=supplement), javascript)

    return reach


def blocked(site: Site, javascript: bool) -> Page:
    """A sheet is open, and nobody can say who pays for a child who came."""
    famille = november()
    lived.inscrire(famille.enfants["Léa"], date(2026, 11, 12), creneau="soir")
    return as_agent(site, "/admin/facturation/mois/2026-11/", javascript)


def corrected(site: Site, javascript: bool) -> Page:
    """After closing, a sheet tells another hour."""
    famille = november(closed=True)
    famille.enfants["Léa"].pointages.filter(jour=JOURS[0], creneau__code="soir").update(
        depart=lived.a(JOURS[0], "16:55"), depart_recu=FERME
    )
    return as_agent(site, "/admin/facturation/mois/2026-11/", javascript)


def absences(site: Site, javascript: bool) -> Page:
    famille = november()
    lea = famille.enfants["Léa"]
    jours = [JOURS[-1], date(2026, 11, 26), date(2026, 11, 27)]
    for jour in jours:
        if jour not in JOURS:
            lived.inscrire(lea, jour)
        lea.absences.create(jour=jour, signalee_par=famille.camille.user)
    return as_agent(site, "/admin/facturation/absences/", javascript)


def absences_looked_for(site: Site, javascript: bool) -> Page:
    page = absences(site, javascript)
    page.get_by_text("Chercher une absence").click()
    page.get_by_label("Nom ou prénom de l’enfant").fill("léa")
    press(page, "Chercher")
    return page


def quotients(site: Site, javascript: bool) -> Page:
    """One said by a parent, one known, one missing."""
    famille = november()
    autre = make_famille("Ada")
    lived.dire_quotient(autre.camille.foyer, 1020)
    declarer(famille.camille.foyer_id, 655, "caf", date(2027, 1, 1), par=famille.camille.user_id, now=timezone.now())
    return as_agent(site, "/admin/facturation/quotients/", javascript)


def error_told() -> Facture:
    """Camille's invoice of November, of whose first line she reports an error."""
    famille = november(closed=True)
    facture = Facture.objects.filter(compte=compte_of(famille.camille.foyer)).latest("pk")
    ligne = facture.prestations.order_by("pk").first()
    SignalementFacture.objects.create(
        facture=facture, prestation=ligne, texte="Nous étions là à 17 h.", dit_par=famille.camille.user
    )
    return facture


def errors_told(site: Site, javascript: bool) -> Page:
    error_told()
    return as_agent(site, "/admin/facturation/signalements/", javascript)


def invoice_read(site: Site, javascript: bool) -> Page:
    return as_agent(site, f"/admin/facturation/facture/{error_told().numero}/", javascript)


def invoice_on_paper(site: Site, javascript: bool) -> Page:
    return as_agent(site, f"/admin/facturation/facture/{error_told().numero}/papier/", javascript)


def papers_found(site: Site, javascript: bool) -> Page:
    """The first invoice of the year, and its first receipt."""
    facture = error_told()
    encaisser(facture.compte, "especes", 100, par=StaffFactory(), now=timezone.now())
    page = as_agent(site, "/admin/enfance/foyer/trouver/", javascript)
    page.locator("main [name=famille]").fill(f"{facture.annee}-0001")
    page.locator("main form button").click()
    page.get_by_text("Papiers de ce numéro").wait_for()
    return page


def grid_with_a_hole(site: Site, javascript: bool) -> Page:
    """A tariff that follows another: its grid has a hole, and a price is tried beside it."""
    november()
    soir = Tarif.objects.get(creneaux__code="soir").pk
    page = as_agent(site, f"/admin/facturation/tarif/add/?suite={soir}", javascript)
    page.get_by_label("Hors commune, tranche 2, jusqu’au quotient compris").fill("799")
    page.get_by_label("Hors commune, tranche 3, 2e enfant").fill("cher")
    press(page, "Enregistrer ce tarif")
    page.get_by_label("Hors commune, tranche 3, 2e enfant").fill("1,40")
    page.get_by_label("Quotient (facultatif)").fill("652")
    page.get_by_label("Minutes, ou heure").fill("45")
    press(page, "Calculer sur tout octobre 2026")
    page.get_by_text("QF 652, un enfant, 1 soir de 45 min").wait_for()
    return page


def certificates(path: str, *, issued: bool = False) -> Reach:
    """January: both families have paid, the second one by a letter only; `issued`: theirs are made."""

    def reach(site: Site, javascript: bool) -> Page:
        november(closed=True, young=True)
        comptes = list(Compte.objects.order_by("pk"))
        Compte.objects.filter(pk=comptes[-1].pk).update(envoi=Compte.Envoi.PAPIER)
        for compte in comptes:
            encaisser(compte, "cheque", 1000, reference="5512007", par=None, now=timezone.now())
        site.clock.move_to(datetime(2027, 1, 8, 9, tzinfo=PARIS))
        if issued:
            assert emettre_et_dire(2026, par=None, now=timezone.now()).emises
        return as_agent(site, path, javascript)

    return reach


def certificates_asked(site: Site, javascript: bool) -> Page:
    """What would be issued, before it is."""
    page = certificates("/admin/facturation/attestations/")(site, javascript)
    press(page, "Faire les attestations et prévenir")
    return page


def list_of_quotients(*lignes: str) -> Reach:
    """A list is read; `{}` stands for an identifiant."""

    def reach(site: Site, javascript: bool) -> Page:
        famille = november()
        page = as_agent(site, "/admin/facturation/quotients/importer/", javascript)
        texte = "\r\n".join(["Identifiant;Quotient", *lignes]).format(famille.camille.user.identifiant)
        fichier = {"name": "quotients.csv", "mimeType": "text/csv", "buffer": texte.encode()}
        page.set_input_files("[name=fichier]", fichier)
        press(page, "Voir l’aperçu")
        return page

    return reach


# --- The Régie --------------------------------------------------------------------------------------------------------


def of_regie(path: str) -> Reach:
    """A page of the Régie, on a day when two families have paid; `{}` stands for a receipt."""

    def reach(site: Site, javascript: bool) -> Page:
        november(closed=True)
        recu = None
        for compte in Compte.objects.order_by("pk"):
            moyen = "cesu" if recu else "cheque"
            titres = 3 if recu else None
            recu = encaisser(compte, moyen, 1000, reference="5512007", titres=titres, par=None, now=timezone.now())
        assert recu
        return as_agent(site, path.format(recu.numero), javascript)

    return reach


def payer_found(site: Site, javascript: bool) -> Page:
    """A name typed at the counter: what it owes is proposed."""
    famille = november(closed=True)
    page = as_agent(site, "/admin/regie/", javascript)
    page.get_by_label("Payeur, enfant, n° de facture ou identifiant").fill(famille.camille.user.identifiant)
    press(page, "Chercher")
    return page


def late(path: str) -> Reach:
    """February: one invoice is for the treasury, one to be reminded of again, one for the first time, one put aside."""

    def reach(site: Site, javascript: bool) -> Page:
        november(closed=True)
        remise, deuxieme, premiere, de_cote = Facture.objects.order_by("echeance", "pk")
        for facture, genre, jour in (
            (remise, Relance.Genre.PREMIER, date(2026, 12, 1)),
            (remise, Relance.Genre.DEUXIEME, date(2026, 12, 16)),
            (deuxieme, Relance.Genre.PREMIER, date(2026, 12, 1)),
        ):
            Relance.objects.create(facture=facture, genre=genre, faite_le=lived.a(jour, "09:12"))
        site.clock.move_to(datetime(2027, 2, 10, 9, tzinfo=PARIS))
        assert mettre_de_cote(de_cote, "Le CCAS étudie une aide.", None, timezone.now())
        Compte.objects.filter(pk=premiere.compte_id).update(envoi=Compte.Envoi.PAPIER)
        if path.endswith("lettres/"):
            assert rappeler([premiere.compte_id], Relance.Genre.PREMIER, None, timezone.now()).lettres
        return as_agent(site, path, javascript)

    return reach


def put_aside_without_words(site: Site, javascript: bool) -> Page:
    page = late("/admin/regie/relances/")(site, javascript)
    page.get_by_text("Mettre une facture de côté, avec la raison").click()
    press(page, "Mettre de côté")
    return page


def where_treasury_collects(path: str = "") -> Reach:
    """Two adults in Camille’s home: who owes is to be said."""

    def reach(site: Site, javascript: bool) -> Page:
        famille = november(closed=True)
        ResponsableFactory(foyer=famille.camille.foyer)
        with override_settings(ENCAISSEMENT="titre"):
            return as_agent(site, f"/admin/regie/titres/{path}", javascript)

    return reach


def reasons_given(site: Site, javascript: bool) -> Page:
    """Two reasons keep the month from being closed."""
    famille = november()
    for enfant in list(famille.enfants.values())[:2]:
        jour = date(2026, 11, 26)
        lived.inscrire(enfant, jour)
        enfant.absences.create(jour=jour, signalee_par=famille.camille.user)
        Justification.objects.create(enfant=enfant, jour=jour, raison="maladie", dite_par=famille.camille.user)
    return as_agent(site, "/admin/facturation/mois/2026-11/", javascript)


def reminding(site: Site, javascript: bool) -> Page:
    """What would leave, before it does."""
    page = late("/admin/regie/relances/")(site, javascript)
    press(page, "Lire un rappel, puis les envoyer")
    return page


def handing_over(site: Site, javascript: bool) -> Page:
    """What would happen to the list for the treasury."""
    page = late("/admin/regie/relances/")(site, javascript)
    page.locator("form[action$='/remettre/'] [name=factures]").first.check()
    press(page, "Noter que la liste est remise")
    return page


def handed_over(site: Site, javascript: bool) -> Page:
    """The same, once it is noted: its list is there by its date."""
    page = handing_over(site, javascript)
    press(page, "Noter que la liste est remise")
    return page


def of_credit(site: Site, javascript: bool) -> Page:
    """A payer who gave too much asks for it back."""
    november(closed=True)
    compte = Compte.objects.order_by("pk")[0]
    assert encaisser(compte, "cheque", 50_000, par=None, now=timezone.now())
    return as_agent(site, f"/admin/regie/payeurs/{compte.pk}/rembourser/", javascript)


def bounced(site: Site, javascript: bool) -> Page:
    """A cheque that comes back after its versement."""
    november(closed=True)
    recu = encaisser(Compte.objects.order_by("pk")[0], "cheque", 1000, par=None, now=timezone.now())
    verser(timezone.localdate(), None, timezone.now())
    return as_agent(site, f"/admin/regie/recus/{recu.numero}/impaye/", javascript)


def deposit(site: Site, javascript: bool) -> Page:
    """What the Régie hands over, to be printed."""
    of_regie("/admin/regie/")(site, javascript)
    versement = verser(timezone.localdate(), None, timezone.now())
    return as_agent(site, f"/admin/regie/versements/{versement.pk}/", javascript)


ETATS = [
    ("mairie-mois", of_town("/admin/facturation/mois/2026-11/")),
    ("mairie-mois-ouvert", of_town("/admin/facturation/mois/2026-12/", closed=True)),
    ("mairie-mois-bloque", blocked),
    ("mairie-mois-raisons", reasons_given),
    ("mairie-mois-arrete", corrected),
    ("mairie-mois-lettres", of_town("/admin/facturation/mois/2026-11/lettres/", closed=True)),
    ("mairie-absences", absences),
    ("mairie-absences-cherchees", absences_looked_for),
    ("mairie-quotients", quotients),
    ("mairie-quotients-ecrire", of_town("/admin/facturation/quotients/ecrire/")),
    ("mairie-residences", of_town("/admin/facturation/residences/")),
    ("mairie-residences-liste", of_town("/admin/facturation/residences/liste/")),
    ("mairie-residence", of_town("/admin/facturation/residences/liste/ajouter/")),
    ("mairie-nombres", of_town("/admin/facturation/nombres/?tous=1")),
    ("mairie-payeur", of_town("/admin/facturation/payeurs/{}/")),
    ("mairie-reglages", of_town("/admin/facturation/reglages/")),
    ("mairie-regie", of_town("/admin/regie/acte/")),
    ("mairie-regie-nommer", of_town("/admin/regie/acte/nommer/")),
    ("mairie-signalements", errors_told),
    ("mairie-facture", invoice_read),
    ("mairie-facture-papier", invoice_on_paper),
    ("mairie-trouver-papiers", papers_found),
    ("mairie-tarifs", of_town("/admin/facturation/tarif/")),
    ("mairie-tarif", of_town("/admin/facturation/tarif/{tarif}/change/")),
    ("mairie-tarif-nouveau", of_town("/admin/facturation/tarif/add/")),
    ("mairie-tarif-trou", grid_with_a_hole),
    ("mairie-tarifs-recopier", of_town("/admin/facturation/tarif/recopier/")),
    ("mairie-plafond", of_town("/admin/facturation/plafond/add/")),
    ("mairie-deliberation", of_town("/admin/facturation/deliberation/add/")),
    ("mairie-supplement", of_town("/admin/facturation/supplement/{supplement}/change/")),
    ("mairie-attestations", of_town("/admin/facturation/attestations/", closed=True)),
    ("mairie-attestations-a-faire", certificates("/admin/facturation/attestations/")),
    ("mairie-attestations-apercu", certificates_asked),
    ("mairie-attestations-faites", certificates("/admin/facturation/attestations/", issued=True)),
    ("mairie-attestations-papier", certificates("/admin/facturation/attestations/2026/imprimer/", issued=True)),
    ("mairie-essayer", of_town("/admin/facturation/essayer/", closed=True)),
    ("mairie-essayer-resultat", of_town(f"/admin/facturation/essayer/?{ESSAI}", closed=True)),
    ("mairie-essayer-refus", of_town("/admin/facturation/essayer/?quoi=grille", closed=True)),
    ("mairie-factures-chiffres", of_town("/admin/facturation/chiffres/", closed=True)),
    ("mairie-quotients-importer", of_town("/admin/facturation/quotients/importer/")),
    ("mairie-quotients-importer-apercu", list_of_quotients("{};655", "0000000;700")),
    ("mairie-quotients-importer-refus", list_of_quotients("{}")),
    ("regie-encaisser", of_regie("/admin/regie/")),
    ("regie-trouve", payer_found),
    ("regie-recu", of_regie("/admin/regie/recus/{}/")),
    ("regie-corriger", of_regie("/admin/regie/recus/{}/corriger/")),
    ("regie-journal", of_regie("/admin/regie/journal/")),
    ("regie-versement", of_regie("/admin/regie/versement/")),
    ("regie-bordereau", deposit),
    ("regie-relances", late("/admin/regie/relances/")),
    ("regie-relances-de-cote", put_aside_without_words),
    ("regie-relances-apercu", reminding),
    ("regie-remettre", handing_over),
    ("regie-remises", handed_over),
    ("regie-rembourser", of_credit),
    ("regie-impaye", bounced),
    ("regie-lettres", late("/admin/regie/relances/lettres/")),
    ("regie-titres", where_treasury_collects()),
    ("regie-titres-debiteurs", where_treasury_collects("debiteurs/")),
    ("regie-titres-imputations", where_treasury_collects("imputations/")),
    ("regie-aide", of_regie("/aide/regie/")),
]
