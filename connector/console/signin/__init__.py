"""Signing in to the console: password, second factor, recovery codes, and the password again before what counts."""
