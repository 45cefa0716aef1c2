"""What the forms of openAPPone (and its family) want to be told."""
