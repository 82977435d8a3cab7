from typing import ClassVar

from django.db import models


class CoPurchase(models.Model):
    """How many orders had both products."""

    pk = models.CompositePrimaryKey("product_id", "other_id")
    product_id = models.BigIntegerField()
    other_id = models.BigIntegerField()
    count = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="copurchase_count_positive", condition=models.Q(count__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} with {self.other_id}: {self.count}"
