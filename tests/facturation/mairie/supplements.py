"""The form of the supplements."""

from __future__ import annotations


def typed(vote, **fields):
    data = {
        "genre": "retard",
        "deliberation": vote.pk,
        "article": "article 4",
        "debut": "2026-12-01",
        "fin": "",
        "moment": "soir",
        "prix": "5",
        "pourcentage": "",
        "tolerance": "5",
    }
    return data | fields
