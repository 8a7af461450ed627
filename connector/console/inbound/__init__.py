"""What partners leave for us, what we answer, and what they still owe us an answer for."""
