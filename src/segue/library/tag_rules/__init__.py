"""The rules for tags in force: where a person's own are kept, what they would change, and putting them into force."""
