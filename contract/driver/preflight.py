"""Looks, before the first test, whether the arms can be driven at all."""

import httpx
import pytest

from driver.arms import arms, credentials
from driver.shop import Shop, ShopUnusableError


def require_usable(config: pytest.Config) -> None:
    """A usage error, in one line, unless every arm is up, seeded and lets staff in."""
    staff = credentials(config)
    for arm in arms(config):
        shop = Shop(arm, staff)
        try:
            shop.sign_in_staff()
            shop.require_categories()
        except (ShopUnusableError, httpx.TransportError) as error:
            raise pytest.UsageError(f"{arm.name} at {arm.url}: {error}") from error
        finally:
            shop.close()
