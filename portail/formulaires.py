"""How forms are drawn: the project's own templates, Django's widgets inside."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    field_template_name = "forms/field.html"
