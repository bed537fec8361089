"""The form of the settings of money."""

from __future__ import annotations

BON = {
    "jour_echeance": "20",
    "rappel_1": "7",
    "rappel_2": "21",
    "rappel_minimum": "15,00",
    "tresorerie": "60",
    "ccas_telephone": "0465710099",
    "ordre_cheque": "Régie de garderie de Saint-Sauveur",
    "regisseur": "Nadia Roux",
    "tresorerie_nom": "Trésorerie de Valbrune",
    "iban": "fr14 2004 1010 0505 0001 3M02 606",
}
