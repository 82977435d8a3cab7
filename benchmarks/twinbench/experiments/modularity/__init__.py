"""How far the parts of each build hang together, and how far a change of one of them reaches."""
