"""The children of a sheet, and what is known of each of them that day: one query, a row each. Writes nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple

from enfance.equipe.appel import parti_seul
from enfance.equipe.eleves import eleves_of
from enfance.models import Creneau, Inscription
from enfance.models.noms import nom_enfant
from portail.select import instant, select


class EnfantAppel(NamedTuple):
    """A child of a sheet. `inscription` (primary key) settles who waits first; `retiree_le`: when the last absence that
    was taken back was. `lieu` names its school where the town has several. None for what did not happen.
    """

    pk: int
    prenom: str
    nom: str
    nom_usage: str
    tri: str
    sexe: str
    date_naissance: date
    pai: bool
    pai_fin: date | None
    consigne: str
    niveau: str
    classe: str | None
    inscription: int | None
    etat: str | None
    attente_depuis: datetime | None
    present: bool | None
    arrive_le: datetime | None
    arrivee_recue: datetime | None
    parti_le: datetime | None
    parti_recu: datetime | None
    sans_arrivee: datetime | None
    absence: bool
    retiree_le: datetime | None
    lieu: str

    @property
    def parti_seul(self) -> datetime | None:
        """When « Parti » was tapped for this child, whose arrival nobody noted, as long as it is to be asked what was
        meant; else None.
        """
        return parti_seul(self.sans_arrivee, self.arrive_le, self.parti_recu)

    def __str__(self) -> str:
        return nom_enfant(self.prenom, self.nom, self.nom_usage)


def load_enfants(jour: date, creneau: Creneau, aussi: Collection[int] = ()) -> list[EnfantAppel]:
    """The children of the attendance sheet of this créneau on that day: those who are registered or wait, those who
    came without being registered, and those of `aussi` (primary keys) who might come. One query; one more with `aussi`.
    """
    possibles = eleves_of(jour, creneau).filter(enfant__in=aussi).order_by() if aussi else None
    autres = list(possibles.values_list("enfant", flat=True)) if possibles else []
    sql = f"""
        SELECT s.enfant_id, e.prenom, e.nom, e.nom_usage, e.tri, e.sexe, e.date_naissance, e.pai, e.pai_fin, e.consigne,
            s.niveau, k.nom, i.id, i.etat, i.attente_depuis,
            p.present, p.arrivee, p.arrivee_recue, p.depart, p.depart_recu, p.sans_arrivee,
            EXISTS (
                SELECT 1 FROM enfance_absence a LEFT JOIN enfance_absence_creneaux m ON m.absence_id = a.id
                WHERE a.enfant_id = s.enfant_id AND a.jour = %s AND a.retiree_le IS NULL
                    AND (m.creneau_id IS NULL OR m.creneau_id = %s)
            ),
            (SELECT MAX(a.retiree_le) FROM enfance_absence a WHERE a.enfant_id = s.enfant_id AND a.jour = %s),
            CASE WHEN EXISTS (SELECT 1 FROM enfance_ecole WHERE id <> o.id) THEN o.nom ELSE '' END
        FROM enfance_scolarite s
        JOIN enfance_anneescolaire y ON y.id = s.annee_id
        JOIN enfance_enfant e ON e.id = s.enfant_id
        JOIN enfance_ecole o ON o.id = s.ecole_id
        LEFT JOIN enfance_classe k ON k.id = s.classe_id
        LEFT JOIN enfance_inscription i ON i.enfant_id = e.id AND i.creneau_id = %s AND i.jour = %s
        LEFT JOIN enfance_pointage p ON p.enfant_id = e.id AND p.creneau_id = %s AND p.jour = %s
        WHERE y.debut <= %s AND y.fin >= %s AND (s.debut IS NULL OR s.debut <= %s)
            AND NOT EXISTS (
                SELECT 1 FROM enfance_scolarite n
                WHERE n.enfant_id = s.enfant_id AND n.annee_id = s.annee_id AND n.debut <= %s
                    AND (s.debut IS NULL OR n.debut > s.debut)
            )
            AND s.enfant_id IN (
                SELECT enfant_id FROM enfance_inscription WHERE creneau_id = %s AND jour = %s AND etat <> %s
                UNION
                SELECT enfant_id FROM enfance_pointage WHERE creneau_id = %s AND jour = %s AND present
                {"UNION SELECT id FROM enfance_enfant WHERE id IN %s" if autres else ""}
            )
    """  # noqa: S608 (the line just above alone)
    du_creneau = [creneau.pk, jour]
    valeurs = [jour, creneau.pk, jour, *du_creneau, *du_creneau, *[jour] * 4]
    valeurs += [*du_creneau, Inscription.Etat.ANNULEE.value, *du_creneau]
    return select(_enfant, sql, [*valeurs, autres] if autres else valeurs)


def _enfant(*ligne: Any) -> EnfantAppel:
    lu = EnfantAppel(*ligne)
    return lu._replace(
        attente_depuis=instant(lu.attente_depuis),
        arrive_le=instant(lu.arrive_le),
        arrivee_recue=instant(lu.arrivee_recue),
        parti_le=instant(lu.parti_le),
        parti_recu=instant(lu.parti_recu),
        sans_arrivee=instant(lu.sans_arrivee),
        absence=bool(lu.absence),
        retiree_le=instant(lu.retiree_le),
    )
