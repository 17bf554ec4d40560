"""What the animals can do: tests of behaviour, and whether a molecule goes with them."""
