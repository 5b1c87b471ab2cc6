"""The catalogue as a server of its own: no database, no login, no settings file; answers the paths of the Go server."""
