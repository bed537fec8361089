"""Collect the static files aside, then add them to those that are served: nothing that a visitor may ask is touched."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.management.commands import collectstatic
from django.contrib.staticfiles.storage import staticfiles_storage

from portail.statiques import StaticStorage, publish


class Command(collectstatic.Command):
    def collect(self) -> dict[str, Any]:
        """Collect the static files in a folder aside, then publish them among those that are served; the report of
        Django's command. With `--dry-run`, `--clear` or `--link`, only what Django's does."""
        if self.dry_run or self.clear or self.symlink or not isinstance(staticfiles_storage, StaticStorage):
            return super().collect()
        served = Path(settings.STATIC_ROOT)
        served.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=served.parent, prefix="static.") as aside:
            self.storage = StaticStorage(location=aside)
            report = super().collect()
            publish(Path(aside), served, manifest=StaticStorage.manifest_name)
        return report
