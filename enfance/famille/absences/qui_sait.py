"""An absence that was told: who knows of it, who does not and is to be called, what may still be cancelled. For a
parent, and for the agent who takes the call.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from accounts.models import User
from enfance.calendrier import UN_JOUR
from enfance.cantines import cantine_of
from enfance.ecoles import plusieurs
from enfance.extensions import ExtensionEnfance, SectionAbsence
from enfance.famille.absences.avis import recipients
from enfance.famille.absences.ecriture import SUITE, is_ours, load_retirables, moments_a_annuler
from enfance.famille.personnes import auteur_vu, par_vu
from enfance.models import Absence, Creneau, Enfant, Inscription
from enfance.planning.cases import EnfantVu, fratrie
from enfance.planning.historique import heure_de
from enfance.regles import Acteur, Cle, Situation
from enfance.situation import load_situation
from portail.dates import PARIS, date_heure, jour_court, jour_long
from portail.francais import NBSP, de, et

MIDI = Creneau.Moment.MIDI
ACCORDS: Mapping[str, str] = {Enfant.Sexe.FILLE: "absente", Enfant.Sexe.GARCON: "absent"}


@dataclass(frozen=True)
class PrevenuAbsence:
    """Who was told of absences, how, and at what hour."""

    qui: str
    comment: str
    quand: str


@dataclass(frozen=True)
class AbsenceConnue:
    """A child who is absent that day: of which créneaux, until which day, told when and by whom, but for a parent who
    reads what they told; `retirable`: it may still come. `accord`: « absent » or « absente », empty where the file does
    not say.
    """

    enfant: EnfantVu
    accord: str
    moments: list[Creneau]
    dernier: date
    quand: str
    par: str
    retirable: bool

    @property
    def noms(self) -> str:
        """The créneaux of the absence in words: « matin et midi »."""
        return et([creneau.nom_court for creneau in self.moments])

    def dit(self, jour: date) -> str:
        """Until which day the absence lasts and when it was told, in words: « jusqu’à vendredi 4 décembre, noté à 7 h
        53 »; the last day only when it is after `jour`.
        """
        jusqua = f"jusqu’à {jour_long(self.dernier)}, " if self.dernier > jour else ""
        return f"{jusqua}noté {self.quand}{self.par}"


@dataclass(frozen=True)
class AAppeler:
    """Who was not told; `telephone`: empty where the commune has not said it."""

    titre: str
    phrase: str
    bouton: str
    telephone: str


@dataclass(frozen=True)
class JourAAnnuler:
    """A day that may still be cancelled: nothing is told of it, it is unticked in its page."""

    jour: date
    phrase: str

    @property
    def mois(self) -> date:
        """The first day of its month, whose page has the day."""
        return self.jour.replace(day=1)

    @property
    def long(self) -> str:
        """The day in words: « lundi 7 décembre »."""
        return jour_long(self.jour)


@dataclass(frozen=True)
class QuiSait:
    """All that the page says of a day."""

    jour: date
    quand: str
    absences: list[AbsenceConnue]
    a_appeler: list[AAppeler]
    a_annuler: list[JourAAnnuler]
    prevenus: list[PrevenuAbsence]
    sections: list[SectionAbsence]

    @property
    def titre(self) -> str:
        """Who is absent and when, as the title of the page: « Tom est absent aujourd’hui, matin et midi », « Léa et Tom
        sont absents jeudi 3 décembre ».
        """
        noms, accords = [absence.enfant.nom for absence in self.absences], {a.accord for a in self.absences}
        if len(self.absences) > 1:
            return f"{et(noms)} sont {accords.pop() if accords == {'absente'} else 'absent'}s {self.quand}"
        accord = accords.pop()
        qui = f"{noms[0]} est {accord}" if accord else f"Absence {de(noms[0])}"
        return f"{qui} {self.quand}, {self.absences[0].noms}"

    @property
    def lignes(self) -> list[str]:
        """When each absence was told and until which day, in sentences, then what other apps add, such as the
        reason.
        """
        mots = [section.mots for section in self.sections if section.mots]
        if len(self.absences) == 1:
            dit = self.absences[0].dit(self.jour)
            return [" ".join([f"{dit[0].upper()}{dit[1:]}.", *mots])]
        return [*(f"{a.enfant.nom}, {a.noms}{NBSP}: {a.dit(self.jour)}." for a in self.absences), *mots]

    @property
    def si_vient(self) -> str:
        """The sentence that says what disappears when a child comes after all."""
        quoi = "l’absence et sa raison disparaissent ensemble" if self.has_raison else "l’absence disparaît"
        suite = ", jours suivants compris" if any(a.dernier > self.jour for a in self.absences) else ""
        qui = self.absences[0].enfant.nom if len(self.absences) == 1 else "l’enfant"
        return f"Si {qui} vient, {quoi}{suite}."

    @property
    def retirables(self) -> bool:
        """Whether at least one of the absences may be taken back."""
        return any(absence.retirable for absence in self.absences)

    @property
    def has_raison(self) -> bool:
        """Whether another app adds words beside the absence, such as its reason."""
        return any(section.mots for section in self.sections)


def load_qui_sait(
    acteur: Acteur, jour: date, jusqua: date | None, *, demandes: Collection[int] = (), now: datetime
) -> QuiSait | None:
    """The absences of that day that this parent may read, or that the agent reads of the home for which the town hall
    acts, with who knows of them, who must still be called and what may still be cancelled; None without any, or when
    the day is not that home's.

    `jusqua`: the day until which the absences were asked, of `demandes` alone (primary keys) where some are given; the
    days up to it that may still be cancelled are listed.
    """
    fin = min(max(jusqua or jour, jour), jour + SUITE)
    situation = load_situation(acteur, jour, jour + SUITE, now=now, places=False)
    enfants = [
        enfant
        for enfant in fratrie(situation)
        if (enfant.pk, jour) in situation.absences and is_ours(situation, enfant.pk, jour)
    ]
    pks = [enfant.pk for enfant in enfants]
    dites = list(
        Absence.objects.standing()
        .filter(enfant__in=pks, jour__range=(jour, jour + SUITE))
        .select_related("enfant", "signalee_par__responsable")
        .order_by("jour", "pk")
    )
    du_jour = {absence.enfant_id: absence for absence in dites if absence.jour == jour}
    if not du_jour:
        return None
    retirables = load_retirables(situation)
    absences = [_connue(situation, enfant, du_jour[enfant.pk], dites, retirables) for enfant in enfants]
    jours = sorted({absence.jour for absence in dites})
    suites = ExtensionEnfance.installed().absences
    lues = (suite.lire(acteur, pks, jours, now=now) for suite in suites)
    return QuiSait(
        jour,
        "aujourd’hui" if jour == situation.today else jour_long(jour),
        absences,
        list(_a_appeler(situation, absences, jour)),
        list(_a_annuler(situation, [e for e in enfants if not demandes or e.pk in demandes], jour, fin)),
        list(_prevenus(acteur, list(du_jour.values()), absences, jour, now)),
        [section for section in lues if section],
    )


def _connue(
    situation: Situation,
    enfant: EnfantVu,
    dite: Absence,
    dites: Sequence[Absence],
    retirables: set[tuple[int, date]],
) -> AbsenceConnue:
    jour = dite.jour
    cles = [Cle(enfant.pk, jour, code) for code in situation.creneaux]
    prevus = [cle for cle in cles if situation.etat(cle) == Inscription.Etat.INSCRIT and situation.is_absent(cle)]
    ensemble = [a.jour for a in dites if a.enfant_id == enfant.pk and a.signalee_le == dite.signalee_le]
    le_jour_meme = dite.signalee_le.astimezone(PARIS).date() == situation.today
    return AbsenceConnue(
        enfant,
        ACCORDS.get(situation.enfants[enfant.pk].sexe, ""),
        [situation.creneaux[cle.creneau] for cle in prevus],
        max(ensemble),
        f"à {heure_de(dite.signalee_le)}" if le_jour_meme else date_heure(dite.signalee_le),
        _par(dite.signalee_par, situation.acteur),
        (enfant.pk, jour) in retirables,
    )


def _par(auteur: User | None, acteur: Acteur) -> str:
    """« par l’autre parent », nothing of what a parent told; for the town hall, the name, or « à votre nom »."""
    sien = auteur is not None and auteur.pk == acteur.user_id
    if acteur.responsable:
        return "" if sien else f" par {par_vu(auteur, acteur.responsable.user)}"
    return ", à votre nom" if sien else f" par {auteur.get_full_name() if auteur else 'un compte supprimé'}"


# --- Not told ---------------------------------------------------------------------------------------------------------


def _a_appeler(situation: Situation, absences: Sequence[AbsenceConnue], jour: date) -> Iterator[AAppeler]:
    """The school of the children, then the canteen of those whose meal may stand; each once."""
    places = [situation.scolarite(absence.enfant.pk, jour) for absence in absences]
    classes = [place.classe for place in places if place and place.classe]
    maitres = list(dict.fromkeys(classe.enseignant for classe in classes if classe.enseignant))
    qui = f"{et(maitres)} ne {'lit' if len(maitres) == 1 else 'lisent'}" if maitres else "Elle ne lit"
    yield AAppeler(
        "L’école",
        f"{qui} pas l’accès famille.",
        "Appeler l’école",
        "" if plusieurs() else settings.ECOLE_TELEPHONE,
    )
    cantines = []
    for absence in absences:
        pk, place = absence.enfant.pk, situation.scolarite(absence.enfant.pk, jour)
        mange = (pk, jour) in situation.repas or not situation.is_listed(pk, jour)
        if place and mange and any(creneau.moment == MIDI for creneau in absence.moments):
            cantines.append(cantine_of(place.ecole))
    for cantine in dict.fromkeys(cantines):
        yield AAppeler(
            "La cantine, pour le repas",
            f"Elle lit l’absence. Le repas se décommande à part, auprès de {cantine.nom}.",
            "Appeler la cantine",
            cantine.telephone,
        )


def _a_annuler(situation: Situation, enfants: Sequence[EnfantVu], jour: date, fin: date) -> Iterator[JourAAnnuler]:
    """« Tom : midi et soir », one a day."""
    for un_jour in (jour + UN_JOUR * n for n in range((fin - jour).days + 1)):
        moments = {enfant.nom: moments_a_annuler(situation, enfant.pk, un_jour) for enfant in enfants}
        dits = [f"{nom}, {et([c.nom_court for c in siens])}" for nom, siens in moments.items() if siens]
        if dits:
            yield JourAAnnuler(un_jour, f"{jour_court(un_jour).capitalize()}{NBSP}: {'\u202f; '.join(dits)}")


# --- Told -------------------------------------------------------------------------------------------------------------


def _prevenus(
    acteur: Acteur,
    dites: Sequence[Absence],
    absences: Sequence[AbsenceConnue],
    jour: date,
    now: datetime,
) -> Iterator[PrevenuAbsence]:
    """The team, whom other parts tell, each other adult: by the first name in one's home, else « l’autre parent »; by
    the whole name to the town hall.
    """
    quand = absences[-1].quand.removeprefix("à ")
    creneaux = {creneau.pk: creneau for absence in absences for creneau in absence.moments}
    moments = sorted(creneaux.values(), key=lambda creneau: (creneau.ordre, creneau.debut))
    feuilles = et([f"du {creneau.nom_court}" for creneau in moments])
    yield PrevenuAbsence("L’équipe de la garderie", f"sur la feuille d’appel {feuilles}", quand)
    par_enfant = {absence.enfant.pk: absence.moments for absence in absences}
    for suite in ExtensionEnfance.installed().absences:
        for qui, comment in suite.prevenir(par_enfant, jour, now=now):
            yield PrevenuAbsence(qui, comment, quand)
    prevenus = recipients(dites, retirees=False)
    if acteur.responsable is None:
        if prevenus:
            yield PrevenuAbsence(et(sorted(user.get_full_name() for user in prevenus)), "par e-mail", quand)
        return
    lecteur = acteur.responsable.user
    auteurs, adresse = {dite.signalee_par_id for dite in dites}, lecteur.email.lower()
    autres = [user for user in prevenus if user.pk not in auteurs and user.email.lower() != adresse]
    for qui in dict.fromkeys(auteur_vu(user, lecteur) for user in autres):
        yield PrevenuAbsence(qui, "par e-mail", quand)
