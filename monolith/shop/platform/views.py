"""The base of every endpoint: who may call it, in which order a request is checked."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any, ClassVar

from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from shop.platform import tokens
from shop.platform.errors import Forbidden, Unauthenticated
from shop.platform.fields import Strict
from shop.platform.json import json_body
from shop.platform.tokens import Principal


class Access(Enum):
    PUBLIC = auto()
    ACCOUNT = auto()
    STAFF = auto()


class AccessTokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Principal, None]:
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        principal = tokens.verify(token.strip()) if scheme.lower() == "bearer" else None
        if principal is None:
            raise Unauthenticated
        return principal, None


class StaffOnly(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        if not principal(request).is_staff:
            raise Forbidden
        return True


class ApiView(APIView):
    """`access` says who may use each method; without an entry, any account may.

    Checks come in the contract's order: the method, who calls, the role, then what the
    view itself reads: headers, the body, its fields, the state.
    """

    # HEAD and OPTIONS are methods that no resource supports.
    http_method_names = ["get", "post", "put", "patch", "delete"]  # noqa: RUF012
    access: ClassVar[Mapping[str, Access]] = {}

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method not in self.allowed_methods:
            self.http_method_not_allowed(request, *args, **kwargs)
        super().initial(request, *args, **kwargs)

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [] if self._access is Access.PUBLIC else [AccessTokenAuthentication()]

    def get_permissions(self) -> list[Any]:
        return [StaffOnly()] if self._access is Access.STAFF else []

    @property
    def _access(self) -> Access:
        # The schema generator asks before there is a request.
        method = self.request.method if self.request else None
        return self.access.get(method or "", Access.ACCOUNT)


def principal(request: Request) -> Principal:
    user: Any = request.user
    if not isinstance(user, Principal):
        raise Unauthenticated
    return user


def read_body(request: Request, kind: type[Strict]) -> dict[str, Any]:
    return kind.parse(json_body(request))


def read_query(request: Request, kind: type[Strict]) -> dict[str, Any]:
    """Of a repeated parameter the last one counts."""
    return kind.parse(request.query_params.dict())
