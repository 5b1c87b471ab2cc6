"""What people did: plays, stars, ratings, bookmarks, queues."""
