from django.urls import path

from shop.orders.api import OrderCancelView, OrderShipView, OrdersView, OrderView

urlpatterns = [
    path("orders", OrdersView.as_view()),
    path("orders/<uuid_id:order_id>", OrderView.as_view()),
    path("orders/<uuid_id:order_id>/cancel", OrderCancelView.as_view()),
    path("orders/<uuid_id:order_id>/ship", OrderShipView.as_view()),
]
