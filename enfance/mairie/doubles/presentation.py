"""Two adults, two homes, two children that may be one: what each says, what comes of it, what is told afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts import journal
from accounts.decorators import agent_of
from accounts.log import log_change
from enfance.mairie.doubles import fusion_enfants, fusions
from enfance.mairie.doubles.fusions import BilanFusion
from enfance.mairie.familles.forms import Ligne
from enfance.mairie.familles.lecture import FamilleTrouvee
from enfance.models import Enfant, Foyer, Responsable
from enfance.onde.eleves import is_from_onde
from portail.dates import date_heure, quantieme_annee
from portail.francais import NBSP

Choix = Mapping[str, str]


class Sorte:
    """What two rows of one kind say, and what becomes of them."""

    nom: ClassVar[str]  # of the model, in addresses
    titre: ClassVar[str]
    liste: ClassVar[str]  # what their list is called

    def rows(self) -> QuerySet[Any]:
        """A queryset of all the rows of this kind, with what the comparison reads of them."""
        raise NotImplementedError

    def lignes(self, ici: Any, la: Any) -> list[Ligne]:
        """The lines of the comparison: what `ici` and `la` each say, and between what the agent has to choose."""
        raise NotImplementedError

    def candidats(self, familles: list[FamilleTrouvee]) -> Iterator[tuple[Any, str]]:
        """The rows of these families that may be the double of the one compared, each in words that tell it apart."""
        raise NotImplementedError

    def refus(self, ici: Any, la: Any) -> Sequence[str]:
        """Why these two rows can never be made one, in sentences, before the agent chooses anything; empty when they
        may be.
        """
        return ()

    def suites(self, ici: Any, la: Any) -> Sequence[tuple[str, str]]:
        """What always follows from making these two rows one: the subject, and a sentence about it."""
        raise NotImplementedError

    def reunir(self, request: HttpRequest, ici: Any, la: Any, choix: Choix) -> BilanFusion:
        """Make these two rows one, as the agent chose line by line: `ici` stays, `la` goes."""
        raise NotImplementedError

    def tell(self, request: HttpRequest, ici: Any, la: Any) -> str:
        """Keep a trace that the two rows were made one, and return the sentence that the agent reads."""
        raise NotImplementedError

    def page_of(self, ici: Any) -> str:
        """The address of the page where the row that stays is seen afterwards."""
        raise NotImplementedError

    def url(self, reste: int, double: int | None = None) -> str:
        """The address of the page that makes two rows (primary keys) one; without `double`, of the page that looks for
        it.
        """
        adresse = reverse(f"admin:enfance_{self.nom}_reunir", args=[reste])
        return f"{adresse}?avec={double}" if double else adresse

    def fil(self, ici: Model) -> tuple[tuple[str, str], ...]:
        """The breadcrumb of the page, as words and address: the list, then the row `ici`."""
        liste = reverse(f"admin:enfance_{self.nom}_changelist")
        return (self.liste, liste), (str(ici), reverse(f"admin:enfance_{self.nom}_change", args=[ici.pk]))


class Adultes(Sorte):
    nom, titre, liste = "responsable", "Réunir deux fiches d’un même adulte", "Responsables"

    def rows(self) -> QuerySet[Responsable]:
        """All the adults, with their account and home."""
        return Responsable.objects.select_related("user", "foyer")

    def lignes(self, ici: Responsable, la: Responsable) -> list[Ligne]:
        """The lines that compare two files of one adult: account, children, name, e-mail, phones, home."""
        deux = (ici, la)
        return [
            Ligne("Identifiant", [adulte.user.identifiant for adulte in deux]),
            Ligne("Dernière connexion", [_connexion(adulte) for adulte in deux]),
            Ligne("Enfants", [", ".join(map(str, adulte.enfants.all())) or "aucun" for adulte in deux]),
            Ligne("Nom", [adulte.user.get_full_name() for adulte in deux], "nom"),
            Ligne("E-mail", [adulte.user.email for adulte in deux], "courriel"),
            Ligne("Civilité", [adulte.get_civilite_display() for adulte in deux], "civilite"),
            Ligne("Téléphone portable", [adulte.telephone for adulte in deux], "telephone"),
            Ligne("Téléphone du domicile", [adulte.telephone_domicile for adulte in deux], "telephone_domicile"),
            Ligne("Téléphone du travail", [adulte.telephone_travail for adulte in deux], "telephone_travail"),
            Ligne("Foyer", _foyers(ici.foyer, la.foyer), "foyer"),
        ]

    def candidats(self, familles: list[FamilleTrouvee]) -> Iterator[tuple[Responsable, str]]:
        """The adults of these families, each with identifiant, e-mail and address."""
        for famille in familles:
            for adulte in famille.adultes:
                mots = [f"{adulte} ({adulte.user.identifiant})", adulte.user.email, famille.foyer.adresse]
                yield adulte, ", ".join(filter(None, mots))

    def suites(self, ici: Responsable, la: Responsable) -> Sequence[tuple[str, str]]:
        """What becomes of the identifiant, the password and the sessions of the two adults made one, in sentences."""
        reste, double = ici.user.identifiant, la.user.identifiant
        return [
            ("Identifiant", f"L’identifiant {double} ouvrira le compte {reste}, et ne sera donné à personne d’autre."),
            ("Mot de passe", "Celui du compte qui reste\u202f; s’il n’en avait pas, celui du double."),
            ("E-mail", "Il le dit à la personne\u202f; qui est connecté avec le double doit s’identifier de nouveau."),
        ]

    def reunir(self, request: HttpRequest, ici: Responsable, la: Responsable, choix: Choix) -> BilanFusion:
        """Make the two files of an adult one: `ici` stays, `la` goes."""
        return fusions.reunir_adultes(ici.pk, la.pk, choix, now=timezone.now())

    def tell(self, request: HttpRequest, ici: Responsable, la: Responsable) -> str:
        """Keep a trace, in the admin and in the journal, that the two adults were made one, and return the sentence
        that the agent reads.
        """
        rendu, agent = la.user.identifiant, agent_of(request)
        log_change(request, ici, f"Réuni avec {la.user}. L’identifiant {rendu} ouvre maintenant ce compte.")
        journal.event("accounts_merged", user=ici.user_id, by=agent.pk, request=request, double=la.user_id)
        return (
            f"Les deux fiches n’en font plus qu’une{NBSP}: {ici}, identifiant {ici.user.identifiant}. "
            f"Le numéro {rendu} ouvre le même compte."
        )

    def page_of(self, ici: Responsable) -> str:
        """The address of the page of the family where the adult now is."""
        return reverse("admin:enfance_foyer_famille", args=[Responsable.objects.get(pk=ici.pk).foyer_id])


class Foyers(Sorte):
    nom, titre, liste = "foyer", "Réunir deux foyers", "Familles"

    def rows(self) -> QuerySet[Foyer]:
        """All the homes, with their adults."""
        return Foyer.objects.prefetch_related("responsables__user")

    def lignes(self, ici: Foyer, la: Foyer) -> list[Ligne]:
        """The lines that compare two homes: adults, children, address."""
        deux = (ici, la)
        return [
            Ligne("Adultes", [", ".join(map(str, foyer.responsables.all())) or "aucun" for foyer in deux]),
            Ligne("Enfants", [_enfants(foyer) or "aucun" for foyer in deux]),
            Ligne("Adresse", [_adresse(foyer) for foyer in deux], "adresse"),
        ]

    def candidats(self, familles: list[FamilleTrouvee]) -> Iterator[tuple[Foyer, str]]:
        """The homes of these families, each with its children."""
        for famille in familles:
            yield famille.foyer, ", ".join([str(famille.foyer), *map(str, famille.enfants)])

    def suites(self, ici: Foyer, la: Foyer) -> Sequence[tuple[str, str]]:
        """What follows from making two homes one, in a sentence."""
        return [("Foyer", "Les adultes des deux n’en font qu’un\u00a0: une adresse, des inscriptions payées ensemble.")]

    def reunir(self, request: HttpRequest, ici: Foyer, la: Foyer, choix: Choix) -> BilanFusion:
        """Make the two homes one: `ici` stays, `la` goes."""
        return fusions.reunir_foyers(ici.pk, la.pk, choix)

    def tell(self, request: HttpRequest, ici: Foyer, la: Foyer) -> str:
        """Keep a trace, in the admin and in the journal, that the two homes were made one, and return the sentence that
        the agent reads.
        """
        log_change(request, Foyer.objects.get(pk=ici.pk), f"Réuni avec le foyer n°{NBSP}{la.pk}.")
        journal.event("homes_merged", by=agent_of(request).pk, request=request, kept=ici.pk, double=la.pk)
        return "Les deux foyers n’en font plus qu’un."

    def page_of(self, ici: Foyer) -> str:
        """The address of the page of the family of the home that stays."""
        return reverse("admin:enfance_foyer_famille", args=[ici.pk])


class Enfants(Sorte):
    nom, titre, liste = "enfant", "Réunir deux fiches d’un même enfant", "Enfants"

    def rows(self) -> QuerySet[Enfant]:
        """All the children, with their places at school and their adults."""
        return Enfant.objects.prefetch_related("scolarites__annee", "scolarites__classe", "responsables__user")

    def lignes(self, ici: Enfant, la: Enfant) -> list[Ligne]:
        """The lines that compare two files of one child: ONDE, class, adults, identity, custody, who pays what is to
        come.
        """
        deux = (ici, la)
        defaut = fusions.DOUBLE if fusion_enfants.first_of(ici, la) == la else fusion_enfants.RESTE
        gardes = [", ".join(fusion_enfants.garde_of(enfant)) for enfant in deux]
        payeurs = fusion_enfants.payeurs(ici, la, today=timezone.localdate())
        return [
            Ligne("Connu d’ONDE", ["oui" if is_from_onde(e) else "non" for e in deux]),
            Ligne("INE", [enfant.ine or "aucun" for enfant in deux]),
            Ligne("Classe", [_scolarites(enfant) or "aucune" for enfant in deux]),
            Ligne("Adultes", [", ".join(map(str, enfant.responsables.all())) or "aucun" for enfant in deux]),
            Ligne("Nom de famille", [ici.nom, la.nom], "nom", defaut=defaut),
            Ligne("Nom d’usage", [ici.nom_usage, la.nom_usage], "nom_usage", defaut=defaut),
            Ligne("Prénom", [ici.prenom, la.prenom], "prenom", defaut=defaut),
            Ligne("Naissance", [f"{quantieme_annee(e.date_naissance)}" for e in deux], "date_naissance", defaut=defaut),
            Ligne("Sexe", [enfant.get_sexe_display() for enfant in deux], "sexe", defaut=defaut),
            Ligne(
                "Garde",
                gardes,
                champ="garde" if fusion_enfants.gardes_differ(ici, la) else "",
                question="Où vit l’enfant",
                autres=((fusion_enfants.DEUX, "Dans les foyers des deux fiches"),),
                defaut="",
            ),
            Ligne(
                "Foyer qui paie",
                ["", ""],
                question="Qui paie désormais les inscriptions à venir",
                champ="payeur" if payeurs else "",
                autres=(
                    *((str(foyer.pk), str(foyer)) for foyer in payeurs),
                    (fusion_enfants.CHACUN, "Chaque foyer, celles qu’il a inscrites"),
                ),
                defaut="",
            ),
        ]

    def candidats(self, familles: list[FamilleTrouvee]) -> Iterator[tuple[Enfant, str]]:
        """The children of these families, each with birth date and home."""
        foyers = {trouve.enfant: famille.foyer for famille in familles for trouve in famille.enfants}
        for enfant, foyer in foyers.items():
            yield enfant, f"{enfant}, naissance le {quantieme_annee(enfant.date_naissance)}, {foyer}"

    def refus(self, ici: Enfant, la: Enfant) -> Sequence[str]:
        """Why these two files cannot be those of one child, in sentences; empty when they may be."""
        return fusion_enfants.refus_phrases(ici, la)

    def suites(self, ici: Enfant, la: Enfant) -> Sequence[tuple[str, str]]:
        """What becomes of the adults, the protection, the inscriptions and the presences of the two files, in
        sentences.
        """
        return [
            ("Adultes", "Ceux des deux fiches voient l’enfant et tout son planning."),
            (
                "Protection",
                "Ce qu’une fiche dit d’un juge, d’une personne interdite, d’un PAI ou d’une consigne reste.",
            ),
            ("Inscriptions", "Sur une même case, une place l’emporte sur l’attente, l’attente sur une annulation."),
            ("Appel", "Les pointages des deux fiches sont gardés, et les feuilles refaites."),
        ]

    def reunir(self, request: HttpRequest, ici: Enfant, la: Enfant, choix: Choix) -> BilanFusion:
        """Make the two files of a child one: `ici` stays, `la` goes."""
        return fusion_enfants.reunir_enfants(ici.pk, la.pk, choix, agent_of(request).pk, now=timezone.now())

    def tell(self, request: HttpRequest, ici: Enfant, la: Enfant) -> str:
        """Keep a trace, in the admin and in the journal, that the two children were made one, and return the sentence
        that the agent reads.
        """
        enfant = Enfant.objects.get(pk=ici.pk)
        log_change(request, enfant, f"Réuni avec la fiche n°{NBSP}{la.pk}, {la}.")
        journal.event("children_merged", by=agent_of(request).pk, request=request, kept=ici.pk, double=la.pk)
        return f"Les deux fiches n’en font plus qu’une{NBSP}: {enfant}."

    def page_of(self, ici: Enfant) -> str:
        """The address of the file of the child that stays."""
        return reverse("admin:enfance_enfant_change", args=[ici.pk])


def _connexion(adulte: Responsable) -> str:
    return date_heure(adulte.user.last_login) if adulte.user.last_login else "jamais"


def _foyers(ici: Foyer, la: Foyer) -> tuple[str, str]:
    """Two homes that read alike are still two."""
    if ici != la and str(ici) == str(la):
        return f"{ici} (celui-ci)", f"{la} (l’autre)"
    return str(ici), str(la)


def _adresse(foyer: Foyer) -> str:
    return " ".join(filter(None, [foyer.adresse, foyer.code_postal, foyer.commune]))


def _enfants(foyer: Foyer) -> str:
    return ", ".join(map(str, Enfant.objects.filter(gardes__foyer=foyer).distinct()))


def _scolarites(enfant: Enfant) -> str:
    return ", ".join(f"{s.classe or s.get_niveau_display()} ({s.annee})" for s in enfant.scolarites.all())
