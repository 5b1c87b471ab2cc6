"""The REST face: mounts the domains' routes, and has those of the change feed and events."""
