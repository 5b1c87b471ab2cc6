"""What a scan or a changed rule would do, told before it does it."""
