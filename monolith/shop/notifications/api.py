from operator import attrgetter

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from shop.notifications import serializers
from shop.notifications.selectors import notification_list
from shop.platform.paging import TimelineParameters, page
from shop.platform.views import ApiView, principal, read_query


class NotificationsView(ApiView):
    @extend_schema(parameters=[TimelineParameters], responses=serializers.NotificationPage)
    def get(self, request: Request) -> Response:
        query = read_query(request, TimelineParameters)
        rows = notification_list(account_id=principal(request).account_id, **query)
        return Response(
            page(
                "newest",
                rows,
                query["limit"],
                position=attrgetter("created_at", "id"),
                item=serializers.notification,
            )
        )
