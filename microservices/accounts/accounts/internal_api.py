"""What other services read: the keys that verify access tokens."""

from kit.json import json_response
from kit.routing import open_router
from starlette.requests import Request
from starlette.responses import Response

from accounts.tokens import TokenIssuer

router = open_router("internal")


@router.get("/.well-known/jwks.json", operation_id="getKeys", response_model=dict[str, object])
async def get_keys(request: Request) -> Response:
    issuer: TokenIssuer = request.app.state.issuer
    return json_response(issuer.jwks, headers={"Cache-Control": "public, max-age=300"})
