from typing import ClassVar
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone

from shop.accounts.domain import Role


class Account(AbstractBaseUser):
    # Tokens are not sessions: there is no last login to keep.
    last_login = None

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    email = models.TextField()
    name = models.TextField()
    role = models.TextField(default=Role.CUSTOMER.value)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar = BaseUserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(name="account_email_unique", fields=["email"]),
            models.CheckConstraint(
                name="account_role_known",
                condition=models.Q(role__in=[role.value for role in Role]),
            ),
        ]

    def __str__(self) -> str:
        return self.email
