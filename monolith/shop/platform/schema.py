"""How the generated OpenAPI document describes what every operation has in common."""

import re
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from shop.platform.errors import MEDIA_TYPE

_PROBLEM = {
    "type": "object",
    "description": "RFC 9457; a problem may carry members of its own.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
}


class AccessTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "shop.platform.views.AccessTokenAuthentication"
    name = "accessToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:  # noqa: ARG002
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class OperationSchema(AutoSchema):
    def get_operation_id(self) -> str:
        words = [self.method, *re.findall(r"\w+", self.path.removeprefix("/api/v1"))]
        return "_".join(words).lower()

    def get_description(self) -> str:  # type: ignore[override] # drf-spectacular asks for no more
        handler = getattr(self.view, self.method.lower())
        return str(handler.__doc__ or "")

    def get_tags(self) -> list[str]:
        return [type(self.view).__module__.split(".")[1]]


def with_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Whatever an operation answers otherwise is a problem."""
    result["components"]["schemas"]["Problem"] = _PROBLEM
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = {"description": "A problem.", "content": content}
    return result
