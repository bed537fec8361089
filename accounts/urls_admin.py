"""Addresses of the accounts' tasks, under /admin/, named in `admin:`, before those of Django's own pages."""

from django.urls import path

from accounts import views_agents, views_counter

urlpatterns = [
    path("accounts/user/<int:pk>/guichet/", views_counter.for_parent, name="accounts_user_counter"),
    path("accounts/staffuser/add/", views_agents.open_agent, name="accounts_staffuser_add"),
    path("accounts/staffuser/<int:pk>/lettre/", views_agents.letter, name="accounts_staffuser_letter"),
    path("accounts/staffuser/<int:pk>/guichet/", views_counter.for_agent, name="accounts_staffuser_counter"),
    path("accounts/staffuser/<int:pk>/facteur/", views_agents.reset_factor, name="accounts_staffuser_factor"),
]
