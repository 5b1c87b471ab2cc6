"""How each tag system is written. Everything but the fields asked for stays as it was, and that is checked."""
