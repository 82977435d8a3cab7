from django.urls import path

from shop.accounts.api import AccountsView, OwnAccountView, SessionsView

urlpatterns = [
    path("accounts", AccountsView.as_view()),
    path("accounts/me", OwnAccountView.as_view()),
    path("sessions", SessionsView.as_view()),
]
