"""The console: the Django admin where people see what happened to every record, and act on it."""
