from django.urls import path

from shop.recommendations.api import RecommendationsView

urlpatterns = [
    path("products/<integer_id:product_id>/recommendations", RecommendationsView.as_view()),
]
