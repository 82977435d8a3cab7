"""The shop's paths as they are where faults can be switched."""

from django.urls import path

from config.urls import handler404, handler500
from config.urls import urlpatterns as of_the_shop
from shop.platform import faults

__all__ = ["handler404", "handler500", "urlpatterns"]

urlpatterns = [*of_the_shop, path("faults", faults.control)]
