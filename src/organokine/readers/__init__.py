"""Readers: files in, AnnData out."""
