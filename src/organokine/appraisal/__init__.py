"""Appraisal of the leading candidates: facts, links, certainty, stage, rules; the card is their JSON."""
