"""From raw files of a mass spectrometer to tables that the readers know."""
