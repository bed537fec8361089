"""Imports an extraction of ONDE into a school year, in one transaction. The command and the admin call it alike."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType

from enfance import changement_ecole
from enfance.inscriptions import Resultat, annuler_departs
from enfance.models import AnneeScolaire, Creneau, Ecole, Enfant, Evenement, Responsabilite, Scolarite
from enfance.onde.adultes import write_adultes
from enfance.onde.bilan import Bilan, Reponses
from enfance.onde.eleves import ElevesEcrits, write_eleves
from enfance.onde.lecture import Extraction
from enfance.onde.places import ecole_douteuse, mark_partis, supposees
from enfance.onde.rapprochement import Registre
from enfance.regles import Acteur
from enfance.retours import retablir_departs
from portail.dates import PARIS, jour_long
from portail.francais import NBSP, accord
from portail.rehearsal import writing
from portail.tables import ImportRefuse, LigneRefusee


class DepartsAConfirmer(ImportRefuse):
    """More than a tenth of the pupils are missing, and nobody said that they have left."""


class EcoleAConfirmer(ImportRefuse):
    """Most of these pupils are known in another school, and nobody said that it is the right one."""


def choose_ecole(code: str) -> Ecole:
    """The school that has this code; with an empty code, the only school of the town. Raises ImportRefuse when the code
    is unknown, or when the code is empty and there are several.
    """
    ecoles = list(Ecole.objects.all())
    trouvees = [ecole for ecole in ecoles if ecole.code == code or (not code and len(ecoles) == 1)]
    if trouvees:
        return trouvees[0]
    codes = ", ".join(f"{ecole.code} ({ecole})" for ecole in ecoles)
    dit = f"aucune école n’a le code «\u00a0{code}\u00a0»" if code else "dites de quelle école sont ces fichiers"
    raise ImportRefuse(LigneRefusee("école", None, f"{dit}. Les codes\u00a0: {codes}."))


def importer(
    extraction: Extraction,
    annee: AnneeScolaire,
    ecole: Ecole | None = None,
    *,
    now: datetime,
    user_id: int | None = None,
    simuler: bool = False,
    confirmer_departs: bool = False,
    confirmer_ecole: bool = False,
    retablir_retours: bool = False,
    choix: Reponses = MappingProxyType({}),
    avance: Callable[[], object] = lambda: None,
) -> Bilan:
    """Write what the two files of ONDE say into the year `annee`, at `now` (aware), and report it. Raises ImportRefuse
    when that year is over. `avance` is called once for each pupil and adult.

    It touches the pupils of `ecole` alone, which may be left out where there is but one. A file most of whose pupils
    are known in another school is refused (EcoleAConfirmer), a simulation as well, unless `confirmer_ecole`.

    `simuler` does everything and takes it back. When more than a tenth of the pupils are missing (one class exported
    alone), a simulation says so and an import is refused (DepartsAConfirmer), unless `confirmer_departs`. What a
    departure had cancelled is proposed when the pupil is back, and given back with `retablir_retours`. `choix` are the
    town hall's answers where ONDE is ambiguous, by key of the question; a question without answer leaves those persons
    as they are.
    """
    today, acteur = now.astimezone(PARIS).date(), Acteur.import_onde(user_id)
    if annee.fin < today:
        raise ImportRefuse(LigneRefusee(extraction.fichier_eleves, None, f"l’année {annee} est finie."))
    with writing(rehearsed=simuler):
        list(AnneeScolaire.objects.select_for_update().order_by("pk"))  # one import at a time
        ecole = ecole or choose_ecole("")
        seule = not Ecole.objects.exclude(pk=ecole.pk).exists()
        registre = Registre.load(extraction.eleves)
        if not (seule or confirmer_ecole) and (doute := ecole_douteuse(extraction, registre, annee, ecole)):
            raise EcoleAConfirmer(LigneRefusee(extraction.fichier_eleves, None, doute))
        eleves = write_eleves(extraction, annee, ecole, registre, today=today, choix=choix, avance=avance)
        alerte = ""
        if len(eleves.partis) * 10 > len(eleves.attendus) and not confirmer_departs:
            alerte = _alerte(eleves)
            if not simuler:
                raise DepartsAConfirmer(LigneRefusee(extraction.fichier_eleves, None, alerte))
        changement_ecole.lock(eleves.arrivees, {*(s.enfant_id for s in eleves.partis), *eleves.a_retablir})
        annulees = _leave(eleves, max(today, annee.debut), acteur, now)
        motive = replace(acteur, motif=changement_ecole.MOTIF)
        deplacements = changement_ecole.suivre(eleves.arrivees, motive, now=now).evenements
        perdues = changement_ecole.perdues(deplacements)
        sans = _sans_courriel({evenement.enfant_id for evenement in perdues})  # as the adults were
        adultes = write_adultes(
            extraction,
            eleves.enfants,
            None if seule else ecole,
            ailleurs=eleves.ailleurs,
            now=now,
            choix=choix,
            avance=avance,
        )
        rendues = retablir_departs(eleves.a_retablir, acteur, now=now) if retablir_retours else None
        partis = {s.enfant_id: s.enfant for s in eleves.partis}
        return Bilan(
            str(annee) if seule else f"{annee}, {ecole}",
            simuler,
            eleves=replace(eleves.compte, partis=[_dit_parti(s) for s in eleves.partis]),
            responsables=adultes.responsables,
            foyers=adultes.foyers,
            refus=[*extraction.refus, *adultes.refus],
            a_preciser=[*eleves.questions, *adultes.a_preciser],
            propositions=[
                *(_non_rendues(rendues) if rendues else eleves.a_retablir.values()),
                *eleves.propositions,
                *adultes.propositions,
            ],
            fiches=adultes.fiches,
            sans_courriel=adultes.sans_courriel,
            inscriptions_annulees=len(annulees),
            inscriptions_retablies=len(rendues.evenements) if rendues else 0,
            inscriptions_deplacees=len(changement_ecole.deplacees(deplacements)),
            inscriptions_perdues=len(perdues),
            jours_annules=[] if seule else _dits(annulees, partis),
            jours_perdus=_dits(perdues, {enfant.pk: enfant for enfant in eleves.enfants if enfant}, sans),
            a_retablir=eleves.a_retablir,
            a_confirmer=alerte,
        )


def _leave(eleves: ElevesEcrits, depuis: date, acteur: Acteur, now: datetime) -> Sequence[Evenement]:
    """Mark the pupils gone from `depuis` on, from the year being prepared as well, and cancel their later inscriptions
    through the writer; what it cancelled.
    """
    suivent = [supposee for supposee in supposees(eleves.partis) if supposee.depart is None]
    mark_partis([*eleves.partis, *suivent], depuis)
    return annuler_departs([s.enfant_id for s in eleves.partis], depuis, acteur, now=now).evenements


def _dit_parti(scolarite: Scolarite) -> str:
    return f"{scolarite.enfant}, {scolarite.classe or scolarite.get_niveau_display()}"


def _dits(evenements: Iterable[Evenement], enfants: Mapping[int, Enfant], sans: Collection[int] = ()) -> list[str]:
    """These days, a child a line: « Léa Morel : lundi 7 décembre (matin, soir) ». To those of the children `sans`
    nobody can write.
    """
    jours: dict[tuple[str, int], dict[date, list[Creneau]]] = {}
    for evenement in evenements:
        siens = jours.setdefault((enfants[evenement.enfant_id].tri, evenement.enfant_id), {})
        siens.setdefault(evenement.jour, []).append(evenement.creneau)
    lignes = []
    for (_tri, pk), siens in sorted(jours.items()):
        dits = [
            f"{jour_long(jour)} ({', '.join(c.nom_court for c in sorted(creneaux, key=lambda c: c.ordre))})"
            for jour, creneaux in sorted(siens.items())
        ]
        appel = f" (aucun e-mail{NBSP}: à appeler)" if pk in sans else ""
        lignes.append(f"{enfants[pk]}{appel}{NBSP}: {', '.join(dits)}")
    return lignes


def _sans_courriel(enfants: Collection[int]) -> set[int]:
    """Those of these children (primary keys) none of whose adults has an e-mail address."""
    if not enfants:
        return set()
    liens = Responsabilite.objects.filter(enfant__in=enfants, suspendue=False, responsable__user__is_active=True)
    return set(enfants) - set(liens.exclude(responsable__user__email="").values_list("enfant", flat=True))


def _non_rendues(resultat: Resultat) -> list[str]:
    """What could not be given back, and why."""
    enfants = Enfant.objects.in_bulk({refus.cle.enfant for refus in resultat.refus})
    return [
        f"{enfants[refus.cle.enfant]}, {jour_long(refus.cle.jour)}, {refus.cle.creneau} : non rétabli, "
        f"{refus.obstacles[0].message}"
        for refus in resultat.refus
    ]


def _alerte(eleves: ElevesEcrits) -> str:
    presentes = {enfant.pk for enfant in eleves.enfants if enfant}
    restantes = {s.classe_id for s in eleves.attendus if s.enfant_id in presentes}
    absentes = sorted({str(s.classe) for s in eleves.partis if s.classe_id and s.classe_id not in restantes})
    phrase = f"{accord(len(eleves.partis), 'élève')} sur {len(eleves.attendus)} ne sont plus dans ce fichier"
    if absentes:
        phrase += f" (classes absentes : {', '.join(absentes)})"
    return f"{phrase}. Une seule classe a-t-elle été exportée ?"
