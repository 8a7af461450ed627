"""How passwords are stored: Argon2id, with the parameters of RFC 9106 for machines whose memory is not for this alone
(section 4, second recommendation): 64 MiB, three passes, four lanes."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id. Hashes of other hashers, or with other parameters, are replaced at the next sign-in."""

    memory_cost = 65_536
    time_cost = 3
    parallelism = 4
