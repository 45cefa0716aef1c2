"""Reply, stage and provider in; cause, explanation and remedies out. Rules are rows in tables."""
