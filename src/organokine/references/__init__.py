"""Reference knowledge: how a protein leaves, who can hear it, and what is blood."""
