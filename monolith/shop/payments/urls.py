from django.urls import path

from shop.payments.api import PaymentView

urlpatterns = [path("payments/<uuid_id:order_id>", PaymentView.as_view())]
