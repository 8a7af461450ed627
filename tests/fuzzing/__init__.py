"""Coverage-guided fuzzing of what reads partners' files; `make fuzz SECONDS=600`. The test run has a short form."""
