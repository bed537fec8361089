"""The static files as they are served: compressed, named by what they hold, those that a script imports too."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """A script that imports another names it by its hash: a telephone never joins two versions of them."""

    support_js_module_import_aggregation = True
