from django.apps import AppConfig


class EnfanceConfig(AppConfig):
    name = "enfance"
    verbose_name = "Enfance"
