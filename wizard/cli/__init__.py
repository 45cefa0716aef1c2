"""The command line: the same jobs as the window, without one. The contract is in the README."""
