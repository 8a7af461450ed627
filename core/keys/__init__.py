"""Key-encryption keys: where they are kept, behind one interface, and the ring of those that are configured."""
