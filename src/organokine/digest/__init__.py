"""The digest: every card of a run for four readers, from the JSON of the cards alone."""
