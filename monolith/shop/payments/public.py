"""The door of payments."""

from shop.payments.clients import AcquirerUnavailable
from shop.payments.domain import PaymentStatus
from shop.payments.selectors import payment_status as status
from shop.payments.services import payment_authorize as authorize
from shop.payments.services import payment_capture as capture
from shop.payments.services import payment_open as open_payment
from shop.payments.services import payment_refund as refund

__all__ = [
    "AcquirerUnavailable",
    "PaymentStatus",
    "authorize",
    "capture",
    "open_payment",
    "refund",
    "status",
]
