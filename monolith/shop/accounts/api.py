from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from shop.accounts import serializers
from shop.accounts.selectors import account_get
from shop.accounts.services import account_create, session_create
from shop.platform.errors import Unauthenticated
from shop.platform.views import Access, ApiView, principal, read_body


class AccountsView(ApiView):
    access: ClassVar = {"POST": Access.PUBLIC}

    @extend_schema(request=serializers.AccountWrite, responses={201: serializers.Account})
    def post(self, request: Request) -> Response:
        account = account_create(**read_body(request, serializers.AccountWrite))
        location = {"Location": "/api/v1/accounts/me"}
        return Response(serializers.account(account), status=201, headers=location)


class OwnAccountView(ApiView):
    @extend_schema(responses=serializers.Account)
    def get(self, request: Request) -> Response:
        account = account_get(account_id=principal(request).account_id)
        if account is None:
            raise Unauthenticated
        return Response(serializers.account(account))


class SessionsView(ApiView):
    access: ClassVar = {"POST": Access.PUBLIC}

    @extend_schema(request=serializers.Credentials, responses={201: serializers.Session})
    def post(self, request: Request) -> Response:
        token = session_create(**read_body(request, serializers.Credentials))
        return Response(serializers.session(token), status=201)
