"""What people ask to have listened to: a track sooner than its turn, an address, a file that they send."""
