"""The implemented methods, grouped as the protocol's documentation groups them; each module lists its own."""
