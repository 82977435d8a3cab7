from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from shop.payments import serializers
from shop.payments.selectors import payment_of_account
from shop.platform.errors import NotFound
from shop.platform.views import ApiView, principal


class PaymentView(ApiView):
    @extend_schema(responses=serializers.Payment)
    def get(self, request: Request, order_id: UUID) -> Response:
        row = payment_of_account(order_id=order_id, account_id=principal(request).account_id)
        if row is None:
            raise NotFound
        return Response(serializers.payment(row))
