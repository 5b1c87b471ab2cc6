"""What outside services say, and what they are told: one adapter a service, one door for other domains."""
