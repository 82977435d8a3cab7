from shop.platform.errors import Problem


class CartFull(Problem):
    type = "cart-full"
    status = 422
    title = "Cart full"
    detail = "A cart holds at most 50 lines."
