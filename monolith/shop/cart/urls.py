from django.urls import path

from shop.cart.api import CartItemView, CartView

urlpatterns = [
    path("cart", CartView.as_view()),
    path("cart/items/<integer_id:product_id>", CartItemView.as_view()),
]
