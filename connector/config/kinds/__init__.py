"""The kinds of things that are configured, one file each: how they are read, checked, compared and stored."""
