from django.urls import path

from shop.inventory.api import InventoryView

urlpatterns = [path("inventory/<integer_id:product_id>", InventoryView.as_view())]
