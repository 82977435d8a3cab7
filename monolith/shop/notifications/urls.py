from django.urls import path

from shop.notifications.api import NotificationsView

urlpatterns = [path("notifications", NotificationsView.as_view())]
