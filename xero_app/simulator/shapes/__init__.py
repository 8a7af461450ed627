"""What each endpoint shows of an object, by route: paged, single, summary or bare list."""
