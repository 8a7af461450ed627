"""Alerts: problems told by e-mail, Slack, Teams or a signed webhook. What is told to whom is in `core/telling.py`."""
