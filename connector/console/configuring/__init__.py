"""Configuring in the console: each form writes one entry of a configuration file, and is applied like one."""
