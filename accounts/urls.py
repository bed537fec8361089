"""The addresses by which people come in."""

from django.urls import path

from accounts import views, views_email, views_languages, views_second_factor, views_sessions

app_name = "accounts"
urlpatterns = [
    path("connexion/", views.login, name="login"),
    path("deconnexion/", views.logout, name="logout"),
    path("mot-de-passe-oublie/", views.forgot, name="forgot"),
    path("mot-de-passe-oublie/envoye/", views.forgot_done, name="forgot_done"),
    path("identifiant-oublie/", views.identifiant_forgotten, name="identifiant_forgotten"),
    path("identifiant-oublie/envoye/", views.identifiant_forgotten_done, name="identifiant_forgotten_done"),
    path("mot-de-passe/nouveau/", views.new_password, name="new_password"),
    path("courriel/confirmer/<str:jeton>/", views_email.confirm_email, name="confirm_email"),
    path("comment-entrer/<slug:langue>/", views_languages.first_steps, name="first_steps"),
    path("deuxieme-facteur/", views_second_factor.second_factor, name="second_factor"),
    path("deuxieme-facteur/inscription/", views_second_factor.enrolment, name="second_factor_enrolment"),
    path("compte/", views.account, name="account"),
    path("compte/codes-de-secours/", views_second_factor.new_recovery_codes, name="recovery_codes"),
    path("compte/confirmer/", views.confirm, name="confirm"),
    path("compte/rester/", views_sessions.stay, name="stay"),
    path("compte/appareils/", views_sessions.close_other_sessions, name="close_other_sessions"),
]
