"""What can be wrong with a cart, beyond what is wrong anywhere."""

from kit.errors import Problem


class CartFull(Problem):
    type = "cart-full"
    status = 422
    title = "Cart full"
    detail = "A cart holds at most 50 lines."
