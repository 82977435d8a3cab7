from collections.abc import Collection

from django.db import connection

# In the order of the pairs, so that two events never wait for each other in a circle.
_COUNT = """
    INSERT INTO recommendations_copurchase AS pair (product_id, other_id, count)
    SELECT one.id, other.id, 1
    FROM unnest(%s::bigint[]) AS one (id) CROSS JOIN unnest(%s::bigint[]) AS other (id)
    WHERE one.id <> other.id
    ORDER BY one.id, other.id
    ON CONFLICT (product_id, other_id) DO UPDATE SET count = pair.count + 1
"""


def co_purchase_count(*, product_ids: Collection[int]) -> None:
    """One more order with these (distinct) products together."""
    ids = list(product_ids)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [ids, ids])
