"""The installer on a bare system, booted apart: `make essai-installation`. The standard library alone."""
