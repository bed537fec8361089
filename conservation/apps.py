from django.apps import AppConfig


class ConservationConfig(AppConfig):
    name = "conservation"
    verbose_name = "Conservation"

    def ready(self) -> None:
        from portail.bureau import Tables, add_to_bureau
        from portail.effacements import add_textes

        add_to_bureau(Tables("traces", "Ce qui a été fait", 65, ("conservation.effacement",)))
        des_cles = dict.fromkeys(("conservation.Effacement", "conservation.Reunion"), "des clés, aucun nom")
        add_textes({}, ailleurs=des_cles)
