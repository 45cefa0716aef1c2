"""Parts used by several pages."""
