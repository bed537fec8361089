"""Tables that leave the admin, and how they are read."""

from __future__ import annotations

import io

import openpyxl

CSV, XLSX = "csv", "xlsx"
ENFANTS, INSCRIPTIONS = "/admin/enfance/enfant/", "/admin/enfance/inscription/"


def export(client, liste, file_format=CSV, query=""):
    return client.post(f"{liste}export/{query}", {"format": file_format})


def sheet(response):
    return openpyxl.load_workbook(io.BytesIO(response.content)).active
