"""How the world answers the requests of flows, inside the turn's transaction."""
