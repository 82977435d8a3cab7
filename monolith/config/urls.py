from django.conf import settings
from django.urls import include, path

from shop.platform import faults, health
from shop.platform.errors import not_found, server_error

handler404 = not_found
handler500 = server_error

urlpatterns = [
    path(
        "api/v1/",
        include(
            [
                path("", include("shop.catalog.urls")),
                path("", include("shop.recommendations.urls")),
                path("", include("shop.cart.urls")),
                path("", include("shop.orders.urls")),
                path("", include("shop.accounts.urls")),
                path("", include("shop.inventory.urls")),
                path("", include("shop.payments.urls")),
                path("", include("shop.notifications.urls")),
            ]
        ),
    ),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("version", health.version),
]
if settings.FAULTS:
    urlpatterns.append(path("faults", faults.control))
