"""Alert rules in the console: who is told of problems, whether it works, and what was told."""
