"""The ground every domain stands on: database, ids, errors, REST shapes, change feed, storage, cache, processes."""
