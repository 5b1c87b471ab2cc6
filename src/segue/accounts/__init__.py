"""People and their credentials: users, groups, sessions, tokens, app passwords, what they may see, and who changed what."""
