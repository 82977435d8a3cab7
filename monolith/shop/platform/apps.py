from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules

from shop.platform import converters, faults


class PlatformConfig(AppConfig):
    name = "shop.platform"
    label = "platform"

    def ready(self) -> None:
        converters.register()
        # Every process must know which handlers an event has, not only the workers.
        autodiscover_modules("tasks")
        if settings.FAULTS:
            faults.guard_doors()
