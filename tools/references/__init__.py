"""Parts of the builder of the embedded references."""
