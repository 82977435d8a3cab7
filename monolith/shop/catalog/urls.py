from django.urls import path

from shop.catalog.api import CategoriesView, ProductsView, ProductView

urlpatterns = [
    path("products", ProductsView.as_view()),
    path("products/<integer_id:product_id>", ProductView.as_view()),
    path("categories", CategoriesView.as_view()),
]
