from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2idHasher(Argon2PasswordHasher):
    """Argon2id with the parameters that every build of the shop uses."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
    # Django draws salts from letters and digits: of this entropy they are 16 of them.
    salt_entropy = 95
