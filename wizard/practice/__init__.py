"""The practice company: real servers on loopback, on which everything can be tried."""
