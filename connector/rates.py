"""How often one address may do something: a count a minute in Redis, shared by all web processes.

Without Redis nothing is refused: being reachable counts more here than the limit, which is a second line only.
"""

import time

import redis
from django.conf import settings


def is_too_often(what: str, who: str, *, a_minute: int) -> bool:
    """Count one more time, and say whether it was one too many in this minute."""
    name = f"mlc:rate:{what}:{who}:{int(time.time() // 60)}"
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            count = int(client.incr(name))
            if count == 1:
                client.expire(name, 120)
    except redis.RedisError:
        return False
    return count > a_minute
