"""Reference knowledge: how a protein leaves, who can hear it, and what is blood."""

from __future__ import annotations

from organokine.references.identifiers import Identifiers, load_identifiers
from organokine.references.lists import GeneList, with_lists
from organokine.references.store import References, load_references

__all__ = ["GeneList", "Identifiers", "References", "load_identifiers", "load_references", "with_lists"]
