"""Population mode: which secreted genes of one organ go with another organ, across individuals."""
