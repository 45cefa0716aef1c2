"""Address to provider and settings: one module per source, and a ranking over them."""
