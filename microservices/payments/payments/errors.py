"""What can be wrong with a payment, beyond what is wrong anywhere."""

from kit.errors import Problem


class PaymentUnavailable(Problem):
    type = "payment-unavailable"
    status = 503
    title = "Payment unavailable"
    detail = "The acquirer gave no usable answer; what it has recorded is not known."


class PaymentWithdrawn(Problem):
    type = "payment-withdrawn"
    status = 409
    title = "Payment withdrawn"
    detail = "The payment is not in a state that allows this."
