"""What November costs each payer, counted from the tables alone, as somebody would with the voted grid in hand.

Not a line of the portal's own reckoning is used here: own loops, own rounding, own shares. Amounts are centimes.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import floor
from zoneinfo import ZoneInfo

from enfance.models import Appel, Creneau, Enfant, Fermeture, Garde, Inscription, Pointage
from facturation.models import (
    Compte,
    LieuResidence,
    LigneTarif,
    NombreEnfants,
    Partage,
    Plafond,
    Quotient,
    ReponseAbsence,
    Supplement,
    Tarif,
)

HEURE = ZoneInfo("Europe/Paris")
DU, AU = date(2026, 11, 1), date(2026, 11, 30)

type Ligne = tuple[int, int, date, int, str]  # foyer, child, day, créneau, nature


def recount() -> dict[Ligne, int]:
    """What each payer owes of each child, day and créneau, but for what is nothing."""
    return Recompte().lignes()


def half_up(nombre: Fraction, pas: int = 1) -> int:
    return floor(nombre / pas + Fraction(1, 2)) * pas


def cut(total: int, parts: list[int]) -> list[int]:
    """Floors, then a cent to the greatest remainders; the first ones on a tie."""
    exactes = [Fraction(total * part, sum(parts)) for part in parts]
    coupees = [floor(exacte) for exacte in exactes]
    for rang in sorted(range(len(parts)), key=lambda n: (coupees[n] - exactes[n], n))[: total - sum(coupees)]:
        coupees[rang] += 1
    return coupees


class Recompte:
    def __init__(self) -> None:
        self.creneaux = {c["id"]: c for c in Creneau.objects.values()}
        self.nes = dict(Enfant.objects.values_list("pk", "date_naissance"))
        defaut = next((lieu["code"] for lieu in LieuResidence.objects.values() if lieu["defaut"]), "commune")
        self.lieux = {c["foyer_id"]: c["residence"] or defaut for c in Compte.objects.values()}
        self.foyers = dict(Compte.objects.values_list("pk", "foyer"))
        self.quotients = self._quotients()
        self.nombres = self._nombres()
        self.partages = defaultdict(list)
        for partage in Partage.objects.values():
            self.partages[partage["enfant_id"]].append(partage)
        self.tarifs = list(Tarif.objects.values())
        self.cibles = defaultdict(set)
        for tarif, creneau in Tarif.creneaux.through.objects.values_list("tarif", "creneau"):
            self.cibles[tarif].add(creneau)
        self.grilles = defaultdict(list)
        for cellule in LigneTarif.objects.values():
            self.grilles[cellule["tarif_id"]].append(cellule)
        self.supplements = list(Supplement.objects.values())
        self.vises = defaultdict(set)
        for supplement, creneau in Supplement.creneaux.through.objects.values_list("supplement", "creneau"):
            self.vises[supplement].add(creneau)

        self.plafonds = list(Plafond.objects.values())
        self.plafonnes = defaultdict(set)
        for plafond, creneau in Plafond.creneaux.through.objects.values_list("plafond", "creneau"):
            self.plafonnes[plafond].add(creneau)

    def _nombres(self) -> dict[int, int]:
        dits: dict[int, tuple] = {}
        for n in NombreEnfants.objects.values():
            if n["debut"] <= DU:
                foyer = self.foyers[n["compte_id"]]
                dits[foyer] = max(dits.get(foyer, ()), (n["debut"], n["saisi_le"], n["id"], n["nombre"]))
        return {foyer: dit[3] for foyer, dit in dits.items()}

    def _quotients(self) -> dict[int, int]:
        trouves: dict[int, tuple] = {}
        for q in Quotient.objects.values():
            tient = q["debut"] <= DU and (q["fin"] is None or q["fin"] >= DU)
            if q["vu_le"] is None or q["annule_le"] is not None or not tient:
                continue
            foyer = self.foyers[q["compte_id"]]
            trouves[foyer] = max(trouves.get(foyer, ()), (q["debut"], q["saisi_le"], q["id"], q["valeur"]))
        return {foyer: trouve[3] for foyer, trouve in trouves.items()}

    # --- What happened ------------------------------------------------------------------------------------------------

    def cases(self) -> list[dict]:
        """Each child at each séance that holds it or that it came to, in the order of the hours."""
        inscrites = list(Inscription.objects.filter(etat="inscrit", jour__range=(DU, AU)).values())
        places = {(i["enfant_id"], i["jour"], i["creneau_id"]): i["foyer_id"] for i in inscrites}
        tardives = {(i["enfant_id"], i["jour"], i["creneau_id"]) for i in inscrites if i["hors_delai"]}
        venus = {
            (p["enfant_id"], p["jour"], p["creneau_id"]): p
            for p in Pointage.objects.filter(present=True, jour__range=(DU, AU)).values()
        }
        closes = {(a["jour"], a["creneau_id"]) for a in Appel.objects.filter(rouvert_le=None).values()}
        dites = {
            (r["enfant_id"], r["jour"], r["creneau_id"]): r["reponse"]
            for r in ReponseAbsence.objects.order_by("repondue_le", "pk").values()
        }
        chez = defaultdict(list)
        for garde in Garde.objects.values():
            chez[garde["enfant_id"]].append(garde["foyer_id"])
        cases = []
        for cle in {*places, *venus}:
            enfant, jour, creneau = cle
            venu = venus.get(cle)
            cases.append(
                {
                    "cle": cle,
                    "foyer": places[cle] if cle in places else chez[enfant][0],
                    "inscrit": cle in places,
                    "tardive": cle in tardives,
                    "venu": venu is not None,
                    "arrivee": venu and self.minute(venu["arrivee"]),
                    "depart": venu and venu["depart"] and self.minute(venu["depart"]),
                    "close": (jour, creneau) in closes,
                    "excusee": cle in places and venu is None and dites.get(cle) == "excusee",
                }
            )
        return sorted(cases, key=lambda c: (c["cle"][0], c["cle"][1], self.creneaux[c["cle"][2]]["debut"], c["cle"][2]))

    @staticmethod
    def minute(instant: datetime) -> int:
        """Minutes since midnight in Paris."""
        local = instant.astimezone(HEURE)
        return local.hour * 60 + local.minute

    # --- What was voted -----------------------------------------------------------------------------------------------

    def tarif(self, creneau: int, jour: date) -> dict:
        """That begun last among those that name the créneau; else among those of its moment."""
        tenus = [t for t in self.tarifs if t["debut"] <= jour]
        nommes = [t for t in tenus if creneau in self.cibles[t["id"]]]
        du_moment = [t for t in tenus if t["moment"] == self.creneaux[creneau]["moment"]]
        return max(nommes or du_moment, key=lambda t: t["debut"])

    def supplement(self, genre: str, creneau: int, jour: date) -> dict | None:
        moment = self.creneaux[creneau]["moment"]
        tenus = [
            s
            for s in self.supplements
            if s["genre"] == genre and s["debut"] <= jour and (s["fin"] is None or jour <= s["fin"])
        ]
        nommes = [s for s in tenus if creneau in self.vises[s["id"]]]
        du_moment = [s for s in tenus if s["moment"] == moment]
        tous = [s for s in tenus if not s["moment"] and not self.vises[s["id"]]]
        if genre == "retard" and moment != "soir":
            tous = []
        return max(nommes or du_moment or tous, key=lambda s: (s["debut"], s["id"]), default=None)

    def unitaire(self, tarif: dict, foyer: int, rang: int) -> int:
        return self.cellule(self.trouver(tarif, foyer, rang), self.quotients.get(foyer), tarif["arrondi"])

    def trouver(self, tarif: dict, foyer: int, rang: int) -> dict:
        """The cell of the grid: by rank, or by number of children, of which one is the least that may be said."""
        quotient, lieu = self.quotients.get(foyer), self.lieux[foyer]
        if tarif["axe"] == "enfants":
            rang = self.nombres.get(foyer, 1)
        for voulu in range(rang, 0, -1):
            for cellule in self.grilles[tarif["id"]]:
                if cellule["residence"] != lieu or cellule["rang"] != voulu:
                    continue
                if quotient is None:
                    dedans = cellule["inconnu"]
                else:
                    haut = cellule["qf_max"] if cellule["qf_max"] is not None else quotient
                    dedans = not cellule["inconnu"] and cellule["qf_min"] <= quotient <= haut
                if dedans:
                    return cellule
        raise AssertionError("a hole in a grid without one")

    @staticmethod
    def cellule(cellule: dict, quotient: int | None, pas: int) -> int:
        if cellule["prix"] is not None:
            return cellule["prix"]
        montant = Fraction(cellule["taux"]) * quotient
        if cellule["minimum"] is not None and montant < cellule["minimum"]:
            montant = Fraction(cellule["minimum"])
        if cellule["maximum"] is not None and montant > cellule["maximum"]:
            montant = Fraction(cellule["maximum"])
        return half_up(montant, pas)

    # --- What is owed -------------------------------------------------------------------------------------------------

    def lignes(self) -> dict[Ligne, int]:
        cases = self.cases()
        for case in cases:
            self.juger(case)
        self.ranger(cases)
        dues: dict[Ligne, int] = defaultdict(int)
        dus = [{"case": case, "nature": n, "somme": s, "moins": []} for case in cases for n, s in self.sommes(case)]
        self.plafonner(dus)
        for du in dus:
            self.partager(dues, du)
        return {ligne: somme for ligne, somme in dues.items() if somme}

    def juger(self, case: dict) -> None:
        """Whether the séance is owed, how many units it has, which supplements come with it."""
        _, jour, creneau = case["cle"]
        tarif = case["tarif"] = self.tarif(creneau, jour)
        inscrit_du = case["inscrit"] and not case["excusee"]
        venu_vu = case["venu"] and case["close"]
        case["due"] = {
            "inscription": inscrit_du,
            "presence": venu_vu,
            "les_deux": inscrit_du or venu_vu,
        }[tarif["base"]]
        case["unites"] = self.unites(case, tarif)
        supplements = []
        if case["tardive"] and case["due"] and not case["excusee"]:
            supplements.append(self.supplement("tardive", creneau, jour))
        if case["close"]:
            retard = self.supplement("retard", creneau, jour)
            fin = self.heure(creneau, "fin")
            if retard and case["depart"] is not None and case["depart"] > fin + retard["tolerance"]:
                supplements.append(retard)
            if case["venu"] and not case["inscrit"]:
                supplements.append(self.supplement("sans_inscription", creneau, jour))
            if case["inscrit"] and not case["venu"] and not case["excusee"]:
                supplements.append(self.supplement("absence", creneau, jour))
        case["supplements"] = [s for s in supplements if s]

    def heure(self, creneau: int, bord: str) -> int:
        heure = self.creneaux[creneau][bord]
        return heure.hour * 60 + heure.minute

    def unites(self, case: dict, tarif: dict) -> int:
        if tarif["unite"] != "tranche":
            return 1
        if not case["venu"]:
            return tarif["tranches_absent"]
        creneau = case["cle"][2]
        debut, fin = self.heure(creneau, "debut"), self.heure(creneau, "fin")
        if self.creneaux[creneau]["moment"] == "matin":
            debut = max(debut, case["arrivee"])
        elif case["depart"] is not None:
            fin = min(fin, case["depart"])
        minutes, pas = fin - debut, tarif["minutes"]
        if minutes <= 0:
            return 0
        entieres, reste = divmod(minutes, pas)
        if reste > tarif["tolerance"]:
            entieres += 1
        return max(entieres, 1)

    def ranger(self, cases: list[dict]) -> None:
        """Ranks among those of a foyer that the month bills; what a price of the month, or of the day, takes once."""
        self.billed = defaultdict(set)
        self.ensemble = defaultdict(set)
        prises = set()
        abonnes = defaultdict(list)
        for case in cases:
            enfant, jour, creneau = case["cle"]
            tarif = case["tarif"]
            billed = case["due"] and case["unites"]
            if billed or case["supplements"]:
                self.billed[case["foyer"]].add(enfant)
            case["compris"] = case["en_plus"] = False
            if case["due"] and tarif["unite"] == "forfait":
                jours = abonnes[enfant, tarif["id"], jour.isocalendar()[:2]]
                if jour not in jours:
                    jours.append(jour)
                case["en_plus"] = jours.index(jour) >= tarif["jours"]
                prise = (enfant, tarif["id"], jour if case["en_plus"] else None)
                case["compris"] = prise in prises
                prises.add(prise)
            if case["due"] and (tarif["unite"] == "mois" or (tarif["par_jour"] and tarif["unite"] == "seance")):
                prise = (enfant, tarif["id"], None if tarif["unite"] == "mois" else jour)
                case["compris"] = prise in prises
                prises.add(prise)
            if billed and not case["compris"] and tarif["fratrie"]:
                self.ensemble[self.seance(case)].add(enfant)

    @staticmethod
    def seance(case: dict) -> tuple:
        _, jour, creneau = case["cle"]
        tarif = case["tarif"]
        return case["foyer"], tarif["id"], jour, None if tarif["par_jour"] else creneau

    def prix(self, case: dict) -> int:
        enfant, foyer, tarif = case["cle"][0], case["foyer"], case["tarif"]
        if tarif["fratrie"]:
            aines = self.aines(self.ensemble.get(self.seance(case), set()) | {enfant})
            return cut(self.unitaire(tarif, foyer, len(aines)), [1] * len(aines))[aines.index(enfant)]
        return self.unitaire(tarif, foyer, self.aines(self.billed[foyer] | {enfant}).index(enfant) + 1)

    def aines(self, enfants: set[int]) -> list[int]:
        return sorted(enfants, key=lambda enfant: (self.nes[enfant], enfant))

    def sommes(self, case: dict) -> list[tuple[str, int]]:
        sommes = []
        if case["due"] and not case["compris"]:
            au_mois = case["tarif"]["unite"] in {"mois", "forfait"} and not case["en_plus"]
            sommes.append(("forfait" if au_mois else "seance", self.de_la_seance(case)))
        for supplement in case["supplements"]:
            if supplement["en_tout"]:  # what the séance lacks of it
                deja = self.de_la_seance(case) if case["due"] and not case["compris"] else 0
                sommes.append((supplement["genre"], max(0, supplement["prix"] - deja)))
            elif supplement["prix"] is not None:
                sommes.append((supplement["genre"], supplement["prix"]))
            else:
                seance = self.de_la_seance(case)
                sommes.append((supplement["genre"], half_up(Fraction(seance * supplement["pourcentage"], 100))))
        return sommes

    def de_la_seance(self, case: dict) -> int:
        tarif, foyer, unites = case["tarif"], case["foyer"], case["unites"]
        if tarif["fratrie"]:
            return unites * self.prix(case)
        rang = self.aines(self.billed[foyer] | {case["cle"][0]}).index(case["cle"][0]) + 1
        cellule = self.trouver(tarif, foyer, rang)
        if case["en_plus"]:
            return cellule["seance"]
        prix = self.cellule(cellule, self.quotients.get(foyer), tarif["arrondi"])
        if tarif["prorata"]:
            ouverts, jours = self.ouverts(case["cle"][2])
            return half_up(Fraction(prix * ouverts, jours), tarif["arrondi"]) if ouverts < jours else prix
        if cellule["premiere"] is not None and unites:
            return cellule["premiere"] + prix * (unites - 1)
        return unites * prix

    def ouverts(self, creneau: int) -> tuple[int, int]:
        """Of the days of the month on which this créneau is held, how many the town has not closed."""
        ecole = [DU + timedelta(days=n) for n in range(30)]
        ecole = [jour for jour in ecole if jour.weekday() in {0, 1, 3, 4}]
        fermes = set()
        for fermeture in Fermeture.objects.all():
            vises = set(fermeture.creneaux.values_list("pk", flat=True))
            if not vises or creneau in vises:
                fermes |= {jour for jour in ecole if fermeture.debut <= jour <= fermeture.fin}
        return len(ecole) - len(fermes), len(ecole)

    # --- Caps ---------------------------------------------------------------------------------------------------------

    def plafond_tient(self, plafond: dict, jour: date) -> bool:
        """Begun, not over, and no other of the same extent has begun since."""
        if plafond["periode"] == "mois":
            jour = DU
        memes = [
            p
            for p in self.plafonds
            if all(p[quoi] == plafond[quoi] for quoi in ("periode", "porteur", "moment"))
            and self.plafonnes[p["id"]] == self.plafonnes[plafond["id"]]
            and p["debut"] <= jour
        ]
        dernier = max(memes, key=lambda p: (p["debut"], p["id"]), default=None)
        return dernier is plafond and (plafond["fin"] is None or jour <= plafond["fin"])

    def plafonner(self, dus: list[dict]) -> None:
        """The caps of the day, then those of the month; of a child, then of a payer."""
        ordre = {"jour": 0, "mois": 1, "enfant": 0, "payeur": 1}
        for plafond in sorted(self.plafonds, key=lambda p: (ordre[p["periode"]], ordre[p["porteur"]], p["id"])):
            tas = defaultdict(list)
            for du in dus:
                if self.plafond_vise(plafond, du):
                    enfant, jour, _ = du["case"]["cle"]
                    qui = enfant if plafond["porteur"] == "enfant" else None
                    tas[du["case"]["foyer"], qui, jour if plafond["periode"] == "jour" else None].append(du)
            for siens in tas.values():
                restes = [du["somme"] - sum(moins for _, moins in du["moins"]) for du in siens]
                trop = sum(restes) - plafond["montant"]
                if trop > 0:
                    for du, moins in zip(siens, cut(trop, restes), strict=True):
                        du["moins"].append((plafond["id"], moins))

    def plafond_vise(self, plafond: dict, du: dict) -> bool:
        _, jour, creneau = du["case"]["cle"]
        vises, moment = self.plafonnes[plafond["id"]], plafond["moment"]
        ici = creneau in vises or moment == self.creneaux[creneau]["moment"] or not (vises or moment)
        if not ici or not self.plafond_tient(plafond, jour):
            return False
        if du["nature"] == "forfait":
            return plafond["periode"] == "mois"
        return du["nature"] == "seance" or plafond["supplements"]

    def partager(self, dues: dict[Ligne, int], du: dict) -> None:
        """Payers share what is left under the caps: what each is spared is the difference."""
        case, somme = du["case"], du["somme"]
        enfant, jour, creneau = case["cle"]
        parts = {
            self.foyers[p["compte_id"]]: p["part"]
            for p in self.partages[enfant]
            if (p["debut"] is None or p["debut"] <= jour) and (p["fin"] is None or jour <= p["fin"])
        } or {case["foyer"]: 100}
        foyers = sorted(parts)
        avant = cut(somme, [parts[f] for f in foyers])
        for foyer, part in zip(foyers, avant, strict=True):
            dues[foyer, enfant, jour, creneau, du["nature"]] += part
        for plafond, moins in du["moins"]:
            somme -= moins
            apres = cut(somme, [parts[f] for f in foyers])
            credit = int(du["nature"] in {"seance", "forfait"})
            for foyer, ancien, nouveau in zip(foyers, avant, apres, strict=True):
                dues[foyer, enfant, jour, creneau, f"plafond {plafond} {credit}"] += nouveau - ancien
            avant = apres
