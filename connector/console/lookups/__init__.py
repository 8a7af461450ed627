"""The pages of lookup tables: what they say, what they said before, and their import."""
