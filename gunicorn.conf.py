"""Gunicorn: its lines in the same form as all others, and an access log without query strings.

A query string can carry a sign-in code. `FORWARDED_ALLOW_IPS` names the proxies whose word about HTTPS counts.
"""

from connector.logs import logging_config

logconfig_dict = logging_config("INFO")
logconfig_dict["loggers"] |= {
    name: {"level": "INFO", "handlers": [], "propagate": True, "qualname": name}
    for name in ("gunicorn.error", "gunicorn.access")
}
control_socket_disable = True
access_log_format = "%(h)s %(m)s %(U)s %(s)s %(B)s bytes %(M)s ms"
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
