from django.urls import URLPattern

app_name = "enfance"
urlpatterns: list[URLPattern] = []
