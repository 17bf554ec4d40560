"""Releases of the references made from the official downloads: fetch, read, build, publish."""
