"""Whether two names, each as somebody typed it, may be those of one person. Pure.

Better one name too many before the town hall than one too few at the gate. For the gate a misspelling is beyond it:
« Dupond » is another family. The town hall is shown it as a near name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from itertools import product

from portail.cles import cle, ecart
from portail.lettres import LETTRES

TITRES = {
    *("m", "mr", "ms", "mrs", "mm", "mme", "mle", "mlle", "monsieur", "madame", "mademoiselle"),
    *("dr", "docteur", "me", "maitre", "pr", "professeur"),
}
BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}")
ASIDE = re.compile(r"[(\[{]([^()\[\]{}]*\w[^()\[\]{}]*)[)\]}]")  # it says something: « Dup()nt » draws an o
LONG = 5  # letters of a word, before one typed for another may make it a word of somebody else
DIGIT_IN_WORD = re.compile(r"[^\W\d_]\d|\d[^\W\d_]")
SIGNES = set("'’‘-‐–.,")  # what stands in a name besides letters, digits and blanks
# The alphabets of the names that are met here, as Unicode calls them; « latin » is a to z, once accents are off.
ALPHABETS = {"latin", "ARABIC", "ARMENIAN", "CJK", "CYRILLIC", "GEORGIAN", "GREEK", "HANGUL", "HEBREW", "TAMIL"}
UNSEEN = "\u115f\u1160\u3164\uffa0"  # letters for Unicode, which nobody sees
# Letters that look like Latin ones, in the alphabets that a phone offers: those of Unicode Technical Standard 39
# (confusables.txt), with the small letters that look like a small capital, as « в » for B. Each line above its Latin.
SOSIES = str.maketrans(
    "ɑꞴᴄɡᶃꞙẝɪɩꞲƖᴏᴑꬽꭇꭈƦꜱƽᴜꭎꭒʋᴠɯᴡꞳɣᶌʏỿꭚᴢᴀʙᴅᴇꜰɢʜᴊᴋʟᴍɴᴘʀᴛ"
    "αΑΒΕϜΗιϳͿΚΙΜϺΝοσΟρΡΤυνγΧΥΖεκτηωχβ"
    "аАЬВсСԁеҽЕԌһНіꙇӏјЈКІӀМоОрРԛгѕЅТѵѴѡԝԜхХуүУҮвнтмкь"
    "քցհոռօՕգզՏսՍա"
    "ᎪᏏᏴꮯᏟᏧᎠᎬᏀᏳᏂᎻꭵᎥᎫᏦᏞᎷᏢꮁᎡᏒꮪᏕᏚᎢꮩᏙꮃᎳᏔᎩᎽꮓᏃ",
    "abcggffiijlooorrrssuuuuvwwxyyyyyzabdefghjklmnprt"
    "aabefhijjklmmnooopptuvyxyzektnwxb"
    "aabbccdeeeghhiiijjkllmooppqrsstvvwwwxxyyyybhtmkb"
    "fghnnooqqsuuw"
    "abbccddegghhiijklmprrrssstvvwwwyyzz",
)
CHIFFRES = str.maketrans("0134578l", "oieastbi")  # « Dup0nt », « J3an », « Mi1let », « lsabelle »


def se_ressemblent(un: str, autre: str) -> bool:
    """Whether these two names may be those of one person: each word of the shorter name is a word of the longer, or its
    initial.

    Order, repetition, case, accents, titles, glued words and what is in brackets count for nothing; letters are taken
    for those that they look like. Symmetric. Two names without any letter are alike only when they are the same.
    """
    if not mots(un) or not mots(autre):
        return un.split() == autre.split()
    return any(_match(gauche, droite) for gauche, droite in _both_read(un, autre))


def sont_proches(un: str, autre: str) -> bool:
    """Whether these two names would be alike but for one letter of a word of five letters or more: replaced, added,
    missing, or two neighbours exchanged. Symmetric.

    It may be any word, as nobody says which one is the family name. False for two names that are alike.
    """
    return not se_ressemblent(un, autre) and any(
        _match(gauche - {mot} | {voisin}, droite)
        for gauche, droite in _both_read(un, autre)
        for mot in gauche - droite
        for voisin in droite - gauche
        if max(len(mot), len(voisin)) >= LONG and ecart(mot, voisin) == 1
    )


def contient(nom: str, interdit: str) -> bool:
    """Whether the letters of `nom`, put together, hold each word of the forbidden name `interdit`: « PapaJeanDupont »,
    « Jean 6 Dupont6 ».

    Words of one or two letters of `interdit` count only when it has not two longer ones; titles aside, fewer than three
    letters tell nobody.
    """
    return any(
        all(mot in joined for mot in cherches)
        for latin in (False, True)
        for cherches in map(_telling, _readings(interdit, latin))
        for joined in _joined(nom, latin)
        if len("".join(cherches)) > 2
    )


def illisible(nom: str) -> bool:
    """Whether only a person can tell how to read this name: it mixes two alphabets, has one hardly met here, a sign or
    a bracket that no name has, or a digit next to a letter. A name in one other known alphabet can be read.
    """
    texte = ASIDE.sub(r" \1 ", _folded(nom))
    lettres = {c for c in texte if unicodedata.category(c) in {"Ll", "Lo"}}
    alphabets = {"latin" if c.isascii() else unicodedata.name(c, "?").split()[0] for c in lettres}
    signes = {c for c in texte if not (c in lettres or c.isdecimal() or c.isspace())}
    return len(alphabets) > 1 or not (alphabets <= ALPHABETS and signes <= SIGNES) or bool(DIGIT_IN_WORD.search(texte))


def cle_dite(nom: str) -> str:
    """The key by which two ways of typing a name are the same; a name that only a person can read is its own key, as
    its simplified letters would be those of another one.
    """
    return nom if illisible(nom) else cle(nom)


def mots(nom: str, *, latin: bool = False) -> list[str]:
    """The words of a name, in order, in small letters, without accents or punctuation. With `latin`, letters that look
    like Latin ones become these.
    """
    return "".join(c if c.isalnum() else " " for c in _folded(nom, latin=latin)).split()


def _folded(nom: str, *, latin: bool = False) -> str:
    texte = unicodedata.normalize("NFKD", " ".join(nom.split()))
    texte = "".join(c for c in texte if unicodedata.category(c)[0] not in "MC" and c not in UNSEEN)
    texte = (texte.translate(SOSIES) if latin else texte).casefold().translate(LETTRES)
    return unicodedata.normalize("NFKD", texte)


def _both_read(un: str, autre: str) -> Iterator[tuple[set[str], set[str]]]:
    """The words of both, in each way to read them."""
    for latin in (False, True):
        for gauche, droite in product(_readings(un, latin), _readings(autre, latin)):
            yield set(gauche), set(droite)


def _readings(nom: str, latin: bool) -> list[list[str]]:
    """Its words, without what is in brackets then with it. Titles aside, if it has more."""
    readings = []
    for texte in _with_and_without_brackets(nom):
        tous = mots(texte, latin=latin)
        gardes = [mot for mot in tous if mot not in TITRES] or tous
        if gardes:
            readings.append([_latin_word(mot) for mot in gardes] if latin else gardes)
    return readings


def _telling(tous: list[str]) -> list[str]:
    longs = [mot for mot in tous if len(mot) > 2]
    return longs if len(longs) > 1 else tous


def _joined(nom: str, latin: bool) -> Iterator[str]:
    """Its words as one, digits dropped; read as the letters that they look like too, with `latin`."""
    for texte in _with_and_without_brackets(nom):
        tous = mots(texte, latin=latin)
        letters = ["".join(filter(str.isalpha, mot)) for mot in tous]
        yield "".join(map(_latin_word, letters) if latin else letters)
        if latin:
            yield "".join(mot.translate(CHIFFRES).replace("rn", "m") for mot in tous)


def _with_and_without_brackets(nom: str) -> tuple[str, str]:
    """The name without what is in brackets, then with it: the name sought may be in the brackets."""
    sans, avant = unicodedata.normalize("NFKD", nom), ""
    while sans != avant:
        sans, avant = BRACKETED.sub(" ", sans), sans
    return sans, nom


def _latin_word(mot: str) -> str:
    return mot if mot.isdecimal() else mot.translate(CHIFFRES).replace("rn", "m")


def _match(un: set[str], autre: set[str]) -> bool:
    return _paired(un, autre) or _paired(_split(un, autre), _split(autre, un))


def _paired(un: set[str], autre: set[str]) -> bool:
    """Whether each word of the smaller set has one of the other for itself."""
    small, large = sorted((un, autre), key=len)
    taken: dict[str, str] = {}

    def place(mot: str, seen: set[str]) -> bool:
        for candidate in large - seen:
            if not _same_word(mot, candidate) or candidate in seen:
                continue
            seen.add(candidate)
            if candidate not in taken or place(taken[candidate], seen):
                taken[candidate] = mot
                return True
        return False

    return all(place(mot, set()) for mot in small)


def _same_word(un: str, autre: str) -> bool:
    return un == autre or (1 in (len(un), len(autre)) and un[0] == autre[0])


def _split(name: set[str], autres: Collection[str]) -> set[str]:
    """This name, its words cut where they are several of the others: « jeandupont », « jdupont »; « jp » too, where
    there is something else in common, or nothing else to read.
    """
    initiales = {autre[0] for autre in autres}
    known = len(name) == 1 or any(len(mot) > 1 and mot in autres for mot in name)
    parts: set[str] = set()
    for mot in name:
        if mot in autres:
            parts.add(mot)
        elif known and len(mot) <= 3 and set(mot) <= initiales:
            parts.update(mot)
        else:
            parts.update(_pieces(mot, autres, initiales))
    return parts


def _pieces(mot: str, autres: Collection[str], initiales: Collection[str]) -> list[str]:
    """The fewest words of the others that make up this one, the first of them perhaps an initial; else itself."""
    ways: list[list[str] | None] = [[], *([None] * len(mot))]
    for end in range(1, len(mot) + 1):
        for start in range(end):
            before, piece = ways[start], mot[start:end]
            if before is None or not (piece in autres or (end == 1 and piece in initiales)):
                continue
            way, best = [*before, piece], ways[end]
            if best is None or len(way) < len(best):
                ways[end] = way
    return ways[len(mot)] or [mot]
