"""Seed data: realistic and nasty, the same bytes for the same seed."""
