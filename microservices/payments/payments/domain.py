"""The states of a payment and which of them its owner may see."""

from enum import StrEnum


class PaymentStatus(StrEnum):
    # The acquirer was asked and its answer has not arrived (yet).
    OPEN = "open"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    DECLINED = "declined"
    # Withdrawn before the acquirer had taken anything.
    VOID = "void"


VISIBLE = frozenset(
    {
        PaymentStatus.AUTHORIZED,
        PaymentStatus.CAPTURED,
        PaymentStatus.REFUNDED,
        PaymentStatus.DECLINED,
    }
)
REFUNDABLE = frozenset({PaymentStatus.OPEN, PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED})
# What answers a repeated request to authorise without asking the acquirer again.
PAYABLE = frozenset({PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED})
