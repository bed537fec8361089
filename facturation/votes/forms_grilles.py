"""The grid of a tariff as it is typed: rows by residence, a price by rank or a rate, the unknown quotient."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django import forms

from facturation.montants import centimes_of, euros_csv
from facturation.prix.tarifs import (
    RANGS,
    AxeTarif,
    DefautGrille,
    LigneGrille,
    UniteTarif,
    defauts_of,
    rang_dit,
)
from facturation.quotients.saisie import QuotientField
from portail.formulaires import WholeForm

PRIX, TAUX = "prix", "taux"
PREMIERE, JOUR = "premiere", "jour"  # what a price has a second price for: its first duration, a day beyond a month's
INCONNU = "inconnu"
COLONNES = 3  # those of a new grid of prices
MAXIMUM = 999_999  # centimes: dearer is a slip of the pen
RANGEE = re.compile(r"([a-z0-9_-]{1,30})-(\d{1,3})")
RANGEES = 80  # rows of a grid, all told
AIDE = "aide-grille"  # the sentence of the page that says what has to be filled in


@dataclass(frozen=True)
class FormeGrille:
    """The columns of a grid: prices or rates (`genre`), how many, what they are of (`axe`), and whether each price has
    a second one (`plus`): of the first duration begun, of a day beyond a subscription.
    """

    genre: str = PRIX
    colonnes: int = COLONNES
    axe: str = AxeTarif.RANG
    plus: str = ""

    @classmethod
    def of_data(cls, data: Any) -> FormeGrille:
        """The columns that a request names; those of a new grid where it says nothing."""
        genre = TAUX if data.get("genre") == TAUX else PRIX
        lues = _number(data.get("colonnes", ""))
        colonnes = min(lues, RANGS) if lues > 0 else COLONNES if genre == PRIX else 1
        axe = AxeTarif.ENFANTS if data.get("axe") == AxeTarif.ENFANTS else AxeTarif.RANG
        plus = data.get("plus", "")
        return cls(genre, colonnes, axe, plus if plus in {PREMIERE, JOUR} else "").for_unite(data.get("unite", ""))

    @classmethod
    def of_lignes(cls, lignes: Sequence[LigneGrille], axe: str = AxeTarif.RANG) -> FormeGrille:
        """The columns that show these lines."""
        genre = TAUX if any(ligne.taux is not None for ligne in lignes) else PRIX
        rangs = max((ligne.rang for ligne in lignes), default=1)
        plus = (
            PREMIERE
            if any(ligne.premiere is not None for ligne in lignes)
            else JOUR
            if any(ligne.seance is not None for ligne in lignes)
            else ""
        )
        return cls(genre, max(rangs, COLONNES) if genre == PRIX else rangs, axe, plus)

    def for_unite(self, unite: str) -> FormeGrille:
        """The columns that a price of this unit needs: a subscription says what a day beyond it costs, and nothing else
        does.
        """
        if (unite == UniteTarif.FORFAIT) == (self.plus == JOUR):
            return self
        return replace(self, plus=JOUR if unite == UniteTarif.FORFAIT else "")

    @property
    def rangs(self) -> range:
        """The numbers of the columns."""
        return range(1, self.colonnes + 1)

    def dit(self, rang: int) -> str:
        """What a column is of: « 1er enfant », « 4e enfant et plus », « 2 enfants »."""
        return rang_dit(rang, self.colonnes, self.axe)

    def court(self, rang: int) -> str:
        """The same at the head of its column: « 2e », « 4e et plus »."""
        return self.dit(rang) if rang == 1 else self.dit(rang).replace("\u00a0enfants", "").replace(" enfant", "")

    @property
    def plus_dit(self) -> str:
        """What the second price of each column is, at its head."""
        return {PREMIERE: "Première", JOUR: "Jour de plus"}.get(self.plus, "")

    @property
    def noms(self) -> list[tuple[str, str]]:
        """The fields of a row after its quotients, each with the head of its column."""
        if self.genre == TAUX:
            seule = self.colonnes == 1
            taux = [(_taux(r), "Taux, %" if seule else f"Taux, %, {self.court(r)}") for r in self.rangs]
            noms = [*taux, ("minimum", "Au moins"), ("maximum", "Au plus")]
        else:
            noms = [(f"p{r}", self.court(r)) for r in self.rangs]
        if self.plus:
            noms += [(f"x{r}", f"{self.plus_dit}, {self.court(r)}") for r in self.rangs]
        return noms

    @property
    def largeur(self) -> int:
        """How many columns the table has, that of the buttons included."""
        return len(self.noms) + 3


def _taux(rang: int) -> str:
    return "taux" if rang == 1 else f"taux{rang}"


class PrixField(forms.CharField):
    """An amount in euros, as people type it, in centimes; None where nothing is typed."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"class": "saisie saisie--prix", "inputmode": "decimal", "autocomplete": "off"}
        super().__init__(max_length=20, **{"required": False, "widget": forms.TextInput(attrs), **kwargs})

    def clean(self, value: Any) -> Any:
        """The price in centimes; None when nothing is typed. ValidationError for what is no price, or out of range."""
        text = super().clean(value)
        if not text:
            return None
        try:
            centimes = centimes_of(text)
        except ValueError as error:
            raise forms.ValidationError(str(error), code="prix") from error
        if not 0 <= centimes <= MAXIMUM:
            raise forms.ValidationError("Un prix va de 0 à 9\u202f999,99\u202f€.", code="prix")
        return centimes


class TauxField(forms.CharField):
    """A rate of the quotient in per cent, to four decimals; None where nothing is typed."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"class": "saisie saisie--prix", "inputmode": "decimal", "autocomplete": "off"}
        super().__init__(max_length=20, **{"required": False, "widget": forms.TextInput(attrs), **kwargs})

    def clean(self, value: Any) -> Any:
        """The rate in per cent, as a Decimal; None when nothing is typed. ValidationError for what is no rate."""
        text = re.sub(r"[\s\u00a0\u202f%]", "", super().clean(value))
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,3}(?:[.,][0-9]{1,4})?", text):
            raise forms.ValidationError("Un taux est un nombre, par exemple 0,55.", code="taux")
        return Decimal(text.replace(",", "."))


class RangeeForm(WholeForm):
    """A row of the grid: the quotients from… to…, and a price by column, or rates with their bounds. Empty, it is
    none. `x1` and the next: the second price of each column, where the shape of the grid has one.
    """

    de = QuotientField(label="à partir du quotient", required=False)
    a = QuotientField(label="jusqu’au quotient compris", required=False)

    def __init__(
        self, *args: Any, residence: tuple[str, str], forme: FormeGrille, numero: int | str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        (self.residence, nom), self.forme = residence, forme
        self.inconnu = numero == INCONNU
        self.au_taux = forme.genre == TAUX and not self.inconnu
        if self.inconnu:
            del self.fields["de"], self.fields["a"]
        for rang in forme.rangs:
            if self.au_taux:
                dit = "taux, en pour cent" if forme.colonnes == 1 else f"taux, en pour cent, {forme.dit(rang)}"
                self.fields[_taux(rang)] = TauxField(label=dit)
            else:
                self.fields[f"p{rang}"] = PrixField(
                    label="prix" if forme.genre == TAUX and forme.colonnes == 1 else forme.dit(rang)
                )
        if self.au_taux:
            self.fields |= {"minimum": PrixField(label="au moins"), "maximum": PrixField(label="au plus")}
        if forme.plus:
            plus = forme.plus_dit.lower()
            self.fields |= {f"x{rang}": PrixField(label=f"{plus}, {forme.dit(rang)}") for rang in forme.rangs}
        ou = "quotient inconnu" if self.inconnu else f"tranche {numero}"
        for champ in self.fields.values():
            champ.label = f"{nom}, {ou}, {champ.label}"
            champ.widget.attrs |= {"aria-label": champ.label, "aria-describedby": AIDE}
        for champ_nom in ("de", "a"):
            if champ_nom in self.fields:
                self.fields[champ_nom].widget.attrs["class"] = "saisie saisie--prix"

    @property
    def is_empty(self) -> bool:
        """Whether nothing is typed in this row."""
        return all(value is None for value in self.cleaned_data.values())

    def clean(self) -> dict[str, Any] | None:
        """A row that is not empty must say where its quotients begin, but for the unknown one, and give a rate or a
        first price; bounds must be in order; a second price goes with a first.
        """
        cleaned = super().clean()
        if self.errors or self.is_empty:
            return cleaned
        donnees = self.cleaned_data
        if not self.inconnu and donnees["de"] is None:
            self.add_error("de", "Dites à quel quotient cette tranche commence.")
        elif not self.inconnu and donnees["a"] is not None and donnees["a"] < donnees["de"]:
            self.add_error("a", "Une tranche finit après avoir commencé. Vide\u00a0: sans limite.")
        premier = "taux" if self.au_taux else "p1"
        if donnees[premier] is None:
            dit = (
                "Écrivez un taux, par exemple 0,55." if self.au_taux else "Écrivez un prix, 0 s’il n’y a rien à payer."
            )
            self.add_error(premier, dit)
        if self.au_taux:
            mini, maxi = donnees["minimum"], donnees["maximum"]
            if mini is not None and maxi is not None and maxi < mini:
                self.add_error("maximum", "Le maximum est plus petit que le minimum.")
        for rang in self.forme.rangs if self.forme.plus else ():
            seul = donnees.get(_taux(rang) if self.au_taux else f"p{rang}")
            if donnees.get(f"x{rang}") is not None and seul is None and f"x{rang}" not in self.errors:
                self.add_error(f"x{rang}", "Écrivez aussi le prix de cette colonne.")
        return cleaned

    @property
    def lignes(self) -> list[LigneGrille]:
        """The lines of the grid that this valid row makes: one for each column that has a price or a rate; none when
        the row is empty.
        """
        donnees = self.cleaned_data
        if self.is_empty:
            return []
        qf = (donnees.get("de"), donnees.get("a"))
        lignes = []
        for rang in self.forme.rangs:
            centimes, taux = donnees.get(f"p{rang}"), donnees.get(_taux(rang))
            if centimes is None and taux is None:
                continue
            mini, maxi = (donnees["minimum"], donnees["maximum"]) if self.au_taux else (None, None)
            second = donnees.get(f"x{rang}")
            premiere, seance = (second, None) if self.forme.plus == PREMIERE else (None, second)
            lignes.append(
                LigneGrille(
                    self.residence,
                    *qf,
                    rang,
                    prix=centimes,
                    taux=taux,
                    minimum=mini,
                    maximum=maxi,
                    premiere=premiere,
                    seance=seance,
                )
            )
        return lignes


@dataclass(frozen=True)
class DefautVu:
    """A hole or an overlap on the page: its words, its place, and what its button adds, nothing where none would do."""

    phrase: str
    ancre: str
    ajout: str = ""
    est_trou: bool = False

    @classmethod
    def of(cls, defaut: DefautGrille) -> DefautVu:
        """This hole or overlap as the page shows it; a hole of known quotients, for all ranks, gets a button that adds
        a row.
        """
        ancre = f"trou-{defaut.residence}-{_shown(defaut.de) or INCONNU}-{defaut.rang or 0}"
        added = defaut.combien == 0 and defaut.de is not None and defaut.rang is None
        bornes = f"{_shown(defaut.de)}-{_shown(defaut.a)}"
        return cls(str(defaut), ancre, f"{defaut.residence} {bornes}" if added else "", defaut.combien == 0)


@dataclass
class Rangee:
    """A row on the page, and what is missing or doubled after it."""

    cle: str
    form: RangeeForm
    defauts: list[DefautVu] = field(default_factory=list)

    @property
    def numero(self) -> str:
        """The number of the row within its part of the grid, or the word of the unknown quotient: what follows the last
        hyphen of its key.
        """
        return self.cle.rpartition("-")[2]

    @property
    def cellules(self) -> list[tuple[str, forms.BoundField | None]]:
        """What stands after the quotients: the head of each column, and its field where the row has one."""
        return [(tete, self.form[sien] if (sien := self._own(nom)) else None) for nom, tete in self.form.forme.noms]

    @property
    def lues(self) -> list[str]:
        """The same as it is read: an empty price is that of the column before, and a first duration without a price of
        its own costs what the next do.
        """
        vus, avant = [], ""
        for nom, _ in self.form.forme.noms:
            valeur = self.form.initial.get(self._own(nom), "")
            if nom == "x1":
                avant = ""
            if nom[0] in "px" or nom.startswith("taux"):
                seul = self.form.initial.get(f"p{nom[1:]}", "") if nom[0] == "x" else ""
                valeur = valeur or seul or avant
                avant = valeur
            vus.append(valeur)
        return vus

    def _own(self, nom: str) -> str:
        """The field of this row in the column of that name: the unknown quotient has prices where others have rates."""
        if self.form.inconnu and nom.startswith("taux"):
            return f"p{nom.removeprefix('taux') or 1}"
        return nom if nom in self.form.fields else ""


@dataclass
class PartieGrille:
    """The rows of one residence, then that of the unknown quotient; `avant`: what is missing before the first."""

    residence: str
    nom: str
    rangees: list[Rangee]
    inconnu: Rangee
    avant: list[DefautVu] = field(default_factory=list)

    @property
    def toutes(self) -> list[Rangee]:
        """All the rows of this residence, that of the unknown quotient last."""
        return [*self.rangees, self.inconnu]

    @property
    def fautes(self) -> list[Rangee]:
        """The rows that have an error."""
        return [rangee for rangee in self.toutes if rangee.form.errors]

    @property
    def lignes(self) -> list[LigneGrille]:
        """The lines of the grid that these rows make, once none has an error. A column of ranks that is empty
        throughout gives none.
        """
        return [ligne for rangee in self.toutes for ligne in rangee.form.lignes]


Valeurs = Mapping[str, str]


class GrilleSaisie:
    """A whole grid as it is typed: bound to what came, or made from values. `lieux`: the residences of the town, code
    and name.
    """

    def __init__(self, forme: FormeGrille, lieux: Mapping[str, str], parties: Sequence[PartieGrille]) -> None:
        self.forme, self.lieux, self.parties = forme, lieux, parties

    @classmethod
    def of_lignes(
        cls, lignes: Iterable[LigneGrille], lieux: Mapping[str, str], axe: str = AxeTarif.RANG
    ) -> GrilleSaisie:
        """The grid that shows these lines, as rows by tranche of quotient; a first row to fill where a residence has
        none.
        """
        lignes = list(lignes)
        valeurs: dict[str, list[Valeurs]] = {}
        inconnus: dict[str, Valeurs] = {}
        for residence in lieux:
            siennes = [ligne for ligne in lignes if ligne.residence == residence]
            par_debut: dict[int | None, dict[str, str]] = {}
            for ligne in sorted(siennes, key=lambda ligne: (ligne.qf_min or 0, ligne.rang)):
                par_debut.setdefault(ligne.qf_min, {}).update(_values(ligne))
            inconnus[residence] = par_debut.pop(None, {})
            valeurs[residence] = list(par_debut.values()) or [{"de": "0"}]
        return cls.of_values(FormeGrille.of_lignes(lignes, axe), lieux, valeurs, inconnus)

    @classmethod
    def of_values(
        cls,
        forme: FormeGrille,
        lieux: Mapping[str, str],
        valeurs: Mapping[str, Sequence[Valeurs]],
        inconnus: Mapping[str, Valeurs],
    ) -> GrilleSaisie:
        """A grid whose rows show these values as they were typed, by residence; `inconnus` are those of the row of the
        unknown quotient.
        """
        return cls(
            forme,
            lieux,
            [
                PartieGrille(
                    lieu[0],
                    lieu[1],
                    [
                        _rangee(lieu, numero, forme, initial=dict(rangee))
                        for numero, rangee in enumerate(valeurs[lieu[0]], 1)
                    ],
                    _rangee(lieu, INCONNU, forme, initial=dict(inconnus[lieu[0]])),
                )
                for lieu in lieux.items()
            ],
        )

    @classmethod
    def of_data(cls, data: Any, forme: FormeGrille, lieux: Mapping[str, str]) -> GrilleSaisie:
        """The grid bound to the data of a request, so that it can be validated; rows are named by its `rangee` fields,
        in their order, the first eighty.
        """
        parties = []
        lues = [lu for lu in map(RANGEE.fullmatch, data.getlist("rangee")[:RANGEES]) if lu]
        for lieu in lieux.items():
            numeros = dict.fromkeys(int(lu[2]) for lu in lues if lu[1] == lieu[0])
            rangees = [_rangee(lieu, numero, forme, data=data) for numero in numeros]
            parties.append(PartieGrille(*lieu, rangees, _rangee(lieu, INCONNU, forme, data=data)))
        return cls(forme, lieux, parties)

    @property
    def genre(self) -> str:
        """Whether the grid has prices or rates."""
        return self.forme.genre

    @property
    def est_large(self) -> bool:
        """Whether no column can be added."""
        return self.forme.colonnes >= RANGS

    @property
    def est_etroite(self) -> bool:
        """Whether no column can be taken away: the grid is no wider than a new one."""
        return self.forme.colonnes <= (COLONNES if self.genre == PRIX else 1)

    @property
    def ailleurs(self) -> str:
        """The other residences than the first, in the words of a button."""
        autres = [partie.nom for partie in self.parties[1:]]
        return f"{autres[0][:1].lower()}{autres[0][1:]}" if len(autres) == 1 else "pour toutes" if autres else ""

    @property
    def rangees(self) -> Iterator[Rangee]:
        """All the rows of the grid, residence by residence, that of the unknown quotient last in each."""
        for partie in self.parties:
            yield from partie.toutes

    def is_valid(self) -> bool:
        """Whether each row of the grid is understood, with its errors tied to their fields for screen readers; holes
        and overlaps are not looked at.
        """
        for rangee in self.rangees:
            for nom in rangee.form.errors.keys() & rangee.form.fields.keys():
                decrit = {"aria-describedby": f"{AIDE} {rangee.form[nom].auto_id}_error"}
                rangee.form.fields[nom].widget.attrs |= decrit
        return not self.fautes

    @property
    def fautes(self) -> list[Rangee]:
        """The rows that have an error."""
        return [rangee for partie in self.parties for rangee in partie.fautes]

    @property
    def lignes(self) -> tuple[LigneGrille, ...]:
        """All the lines of this valid grid."""
        return tuple(ligne for partie in self.parties for ligne in partie.lignes)

    def place_defauts(self) -> list[DefautVu]:
        """The holes and overlaps of the residences of which every row is understood, as the page shows them; each is
        also put beside the row after which it comes.
        """
        par_residence = {partie.residence: partie for partie in self.parties if not partie.fautes}
        lignes = [ligne for partie in par_residence.values() for ligne in partie.lignes]
        lieux = {code: nom for code, nom in self.lieux.items() if code in par_residence}
        vus = []
        for defaut in defauts_of(lignes, lieux, self.forme.axe):
            vu, partie = DefautVu.of(defaut), par_residence[defaut.residence]
            vus.append(vu)
            if defaut.de is None:
                partie.inconnu.defauts.append(vu)
                continue
            debuts = [(debut, r) for r in partie.rangees if (debut := r.form.cleaned_data.get("de")) is not None]
            avant = [(debut, r) for debut, r in debuts if debut <= (defaut.de or 0)]
            if not avant:
                partie.avant.append(vu)
                continue
            voisine = max(avant, key=lambda place: place[0])[1]
            voisine.defauts.append(vu)
            voisine.form.fields["a"].widget.attrs |= {"aria-invalid": "true", "aria-describedby": f"{AIDE} {vu.ancre}"}
        return vus

    # --- Changing its shape, with what was typed ----------------------------------------------------------------------

    def with_rangee(self, residence: str, de: str = "", a: str = "") -> GrilleSaisie:
        """A new grid with one row more for this residence, from the quotient `de` to `a`: in its place when `de` is
        given, else after the last row and beginning where that ends.
        """
        valeurs = self._values()
        rangees = valeurs[residence]
        if not de and rangees and (fin := _number(rangees[-1].get("a", ""))) >= 0:
            de = str(fin + 1)
        place = next((n for n, r in enumerate(rangees) if _number(r.get("de", "")) > _number(de) >= 0), len(rangees))
        rangees.insert(place, {"de": de, "a": a})
        return self._again(valeurs)

    def without_rangee(self, cle: str) -> GrilleSaisie:
        """A new grid without the row of this key."""
        valeurs = {
            partie.residence: [_typed(r.form) for r in partie.rangees if r.cle != cle] for partie in self.parties
        }
        return self._again(valeurs)

    def with_commune_everywhere(self) -> GrilleSaisie:
        """A new grid where every residence has the rows typed for the first, the commune."""
        commune = self.parties[0]
        valeurs = dict.fromkeys(self.lieux, [_typed(rangee.form) for rangee in commune.rangees])
        inconnus = dict.fromkeys(self.lieux, _typed(commune.inconnu.form))
        return self.of_values(self.forme, self.lieux, valeurs, inconnus)

    def with_genre(self, genre: str) -> GrilleSaisie:
        """A new grid of the same quotients, with prices or with rates as `genre` says; what was typed of the other kind
        is lost.
        """
        colonnes = max(self.forme.colonnes, COLONNES) if genre == PRIX else self.forme.colonnes
        if genre == TAUX and self.forme.axe == AxeTarif.RANG:
            colonnes = 1
        plus = "" if genre == TAUX and self.forme.plus == PREMIERE else self.forme.plus
        return self.with_forme(replace(self.forme, genre=genre, colonnes=colonnes, plus=plus))

    def with_colonne(self) -> GrilleSaisie:
        """A new grid with one column more: the next child, or number of children, and those after."""
        return self.with_forme(replace(self.forme, colonnes=min(self.forme.colonnes + 1, RANGS)))

    def without_colonne(self) -> GrilleSaisie:
        """A new grid without its last column."""
        return self.with_forme(replace(self.forme, colonnes=max(self.forme.colonnes - 1, 1)))

    def with_plus(self, plus: str) -> GrilleSaisie:
        """A new grid whose prices have this second price to fill, or none."""
        return self.with_forme(replace(self.forme, plus="")).with_forme(replace(self.forme, plus=plus))

    def with_forme(self, forme: FormeGrille) -> GrilleSaisie:
        """A new grid of this shape, with what was typed in the columns that it keeps."""
        valeurs = {lieu: [_kept(rangee, forme) for rangee in rangees] for lieu, rangees in self._values().items()}
        inconnus = {partie.residence: _kept(_typed(partie.inconnu.form), forme) for partie in self.parties}
        return self.of_values(forme, self.lieux, valeurs, inconnus)

    def _values(self) -> dict[str, list[dict[str, str]]]:
        return {partie.residence: [_typed(rangee.form) for rangee in partie.rangees] for partie in self.parties}

    def _again(self, valeurs: Mapping[str, Sequence[Valeurs]]) -> GrilleSaisie:
        inconnus = {partie.residence: _typed(partie.inconnu.form) for partie in self.parties}
        return self.of_values(self.forme, self.lieux, valeurs, inconnus)


def _rangee(lieu: tuple[str, str], numero: int | str, forme: FormeGrille, **kwargs: Any) -> Rangee:
    cle = f"{lieu[0]}-{numero}"
    return Rangee(cle, RangeeForm(prefix=cle, residence=lieu, forme=forme, numero=numero, **kwargs))


def _kept(valeurs: dict[str, str], forme: FormeGrille) -> dict[str, str]:
    """What was typed in the columns that this shape has."""
    return {nom: valeur for nom, valeur in valeurs.items() if forme.plus or nom[0] != "x"}


def _typed(form: RangeeForm) -> dict[str, str]:
    return {nom: str(form[nom].value() or "") for nom in form.fields}


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text.strip()) else -1


def _values(ligne: LigneGrille) -> dict[str, str]:
    """What the fields of a row show of this line."""
    valeurs = {"de": "" if ligne.qf_min is None else str(ligne.qf_min), "a": _shown(ligne.qf_max)}
    if ligne.prix is not None:
        valeurs[f"p{ligne.rang}"] = euros_csv(ligne.prix)
    second = ligne.seance if ligne.premiere is None else ligne.premiere
    if second is not None:
        valeurs[f"x{ligne.rang}"] = euros_csv(second)
    if ligne.taux is not None:
        bornes = {"minimum": ligne.minimum, "maximum": ligne.maximum}
        valeurs[_taux(ligne.rang)] = f"{ligne.taux.normalize():f}".replace(".", ",")
        valeurs |= {nom: euros_csv(borne) for nom, borne in bornes.items() if borne is not None}
    return valeurs


def _shown(nombre: int | None) -> str:
    return "" if nombre is None else str(nombre)
