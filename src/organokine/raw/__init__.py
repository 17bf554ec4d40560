"""Raw data of timsTOF instruments: what a `.d` folder holds, and whether it is whole."""
