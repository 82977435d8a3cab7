"""The acquirer, as the tests want it."""

from uuid import UUID

from payments.clients import AcquirerUnavailable, Authorization, Refund


class FakeAcquirer:
    def __init__(self) -> None:
        self.reachable = True
        self.asked: dict[UUID, int] = {}
        self.captured: set[UUID] = set()
        self._known: dict[UUID, Authorization] = {}

    async def authorize(self, reference: UUID, *, amount: int, token: str) -> Authorization:
        self._answer()
        self.asked[reference] = amount
        wanted = Authorization.DECLINED if token == "tok_declined" else Authorization.AUTHORIZED
        return self._known.setdefault(reference, wanted)

    async def capture(self, reference: UUID) -> bool:
        self._answer()
        self.captured.add(reference)
        return self._known[reference] is Authorization.AUTHORIZED

    async def refund(self, reference: UUID) -> Refund:
        self._answer()
        before = self._known.get(reference)
        self._known[reference] = Authorization.WITHDRAWN
        self.captured.discard(reference)
        return Refund(taken=before is Authorization.AUTHORIZED)

    def _answer(self) -> None:
        if not self.reachable:
            raise AcquirerUnavailable("as told")
