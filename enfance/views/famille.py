"""The parent's pages."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def accueil(request: HttpRequest) -> HttpResponse:
    return render(request, "enfance/accueil.html", {"onglet": "accueil"})


def planning(request: HttpRequest) -> HttpResponse:
    return render(request, "enfance/accueil.html", {"onglet": "planning"})


def planning_mois(request: HttpRequest, mois: date) -> HttpResponse:
    return render(request, "enfance/accueil.html", {"onglet": "planning"})


def jour(request: HttpRequest, jour: date) -> HttpResponse:
    return render(request, "enfance/accueil.html", {"onglet": "planning"})


def enfant(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "enfance/accueil.html", {"onglet": "accueil"})


def historique(request: HttpRequest) -> HttpResponse:
    return render(request, "enfance/accueil.html", {"onglet": "historique"})
