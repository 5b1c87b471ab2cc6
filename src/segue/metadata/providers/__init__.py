"""One module a service: what it is declared as, pure readers of its answers, and the client that asks."""
