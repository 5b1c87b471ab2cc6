"""More than one machine: shards of a snapshot, copies in object storage, and the catalogue in PostgreSQL."""
